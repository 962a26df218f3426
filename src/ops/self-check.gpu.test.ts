/**
 * The kernel self-check on kernels that are broken on purpose: the wrong variant is excluded and the next one takes
 * over, and an op that has no right variant is refused. Then the checks of all ops as they are.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { type Evaluation, type HostTensor, runGraph } from '../graph/runtime/run-graph';
import { references } from '../reference';
import { pad } from './layout';
import { ops } from './registry';
import { selfCheck } from './self-check';
import stored from './self-check.generated.json';
import { softmax } from './softmax';

let device: Device;
afterEach(() => device.destroy());

/** A device on which kernels are miscompiled: by file and variant, the text in the code and what stands in its place. */
async function brokenDevice(faults: Record<string, [right: string, wrong: string]>): Promise<Device> {
  device = await testDevice();
  const { pipelines } = device;
  const get = pipelines.get.bind(pipelines);
  pipelines.get = (kernel, ...rest) => {
    const fault = faults[`${kernel.file} ${kernel.variant}`];
    if (!fault) return get(kernel, ...rest);
    const code = kernel.code.replace(...fault);
    // Otherwise the test would show nothing.
    if (code === kernel.code) throw new Error(`${kernel.file} has no ${fault[0]}`);
    return get({ ...kernel, code }, ...rest);
  };
  return device;
}

/** Like the drivers that return zero gradients though the forward pass is right. */
const ZERO_GRADIENT: [string, string] = [
  'let value = gradient(i, total);',
  'let value = 0.0 * gradient(i, total);',
];
const THREAD = 'softmax/softmax.backward.wgsl softmax';
const GROUP = 'softmax/softmax.backward.wgsl softmaxGroup';

const row = (...values: number[]): HostTensor => ({
  shape: [1, values.length],
  data: Float32Array.from(values),
});

function softmaxOf(on: Device): Promise<Evaluation> {
  const x = { ...row(0, Math.log(3)), dtype: 'f32' as const };
  return runGraph(on, { x }, (tensors) => ({ y: softmax(tensors.x) }), {
    gradOutputs: { y: row(1, 0) },
    wrt: ['x'],
  });
}

/** y = [1/4, 3/4] and dx = y * (dy - sum(dy * y)). */
function expectRight({ outputs, gradInputs }: Evaluation): void {
  expect(outputs.y.data[0]).toBeCloseTo(0.25, 5);
  expect(gradInputs.x.data[0]).toBeCloseTo(0.1875, 5);
  expect(gradInputs.x.data[1]).toBeCloseTo(-0.1875, 5);
}

describe('a variant with a broken kernel', () => {
  it('gives wrong gradients without the self-check', async () => {
    const { outputs, gradInputs } = await softmaxOf(await brokenDevice({ [THREAD]: ZERO_GRADIENT }));
    expect(outputs.y.data[0]).toBeCloseTo(0.25, 5);
    expect(Array.from(gradInputs.x.data, Math.abs)).toEqual([0, 0]);
  });

  it('is excluded, the next variant takes over, and the user is told once', async () => {
    await brokenDevice({ [THREAD]: ZERO_GRADIENT });
    const told: string[] = [];
    await selfCheck({ onDisable: (message) => told.push(message) })(device);
    expectRight(await softmaxOf(device));
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual(['softmax/line']);
    expect(told).toEqual([
      expect.stringMatching(/^softmax: .* softmax\/line is wrong .*gradient of x.* not used$/),
    ]);
  });

  it('is found even where small inputs would not use it', async () => {
    await brokenDevice({ [GROUP]: ZERO_GRADIENT });
    await selfCheck({ onDisable: () => undefined })(device);
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual(['softmax/group']);
  });

  it('is excluded as well when it does not compile', async () => {
    await brokenDevice({ [THREAD]: ['let value = gradient(i, total);', 'let value = missing(i);'] });
    const told: string[] = [];
    await selfCheck({ onDisable: (message) => told.push(message) })(device);
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual(['softmax/line']);
    expect(told.join()).toContain('softmax.backward.wgsl');
  });
});

describe('an op without a right variant', () => {
  it('is refused when all variants are wrong', async () => {
    await brokenDevice({ [THREAD]: ZERO_GRADIENT, [GROUP]: ZERO_GRADIENT });
    await selfCheck({ onDisable: () => undefined })(device);
    await expect(softmaxOf(device)).rejects.toMatchObject({ code: 'unsupported', op: 'softmax' });
  });

  it('is refused when its only kernel is wrong, also where that belongs to a part of the op', async () => {
    await brokenDevice({ 'layout/pad.forward.wgsl reflect': ['y[', 'y[1u + '] });
    await selfCheck({ onDisable: () => undefined })(device);
    const x = { ...row(1, 2, 3), dtype: 'f32' as const };
    const padded = runGraph(device, { x }, (tensors) => ({
      y: pad(tensors.x, { pad: [1, 1], mode: 'reflect' }),
    }));
    await expect(padded).rejects.toMatchObject({ code: 'unsupported', op: 'pad' });
  });

  it('is refused when its only kernel is wrong, and the matrix products in it are not blamed', async () => {
    const wrong: [string, string] = ['let h_new = o *', 'let h_new = 9.0 * o *'];
    await brokenDevice({
      'recurrent/lstm.forward.wgsl wide': wrong,
      'recurrent/lstm.forward.wgsl narrow': wrong,
    });
    await selfCheck({ onDisable: () => undefined })(device);
    // What takes long to compile on CPU adapters is left out.
    device.variants.disable('gemm', 'sharedTile');
    await expect(device.selfCheck!(['lstm'])).rejects.toMatchObject({ code: 'unsupported', op: 'lstm' });
    await device.selfCheck!(['mm']);
    expect(device.variants.excluded).toEqual(['gemm/sharedTile']);
  });
});

describe('stored checks', () => {
  it('exist for every op with a reference, and all pass here', async () => {
    expect([...ops.keys()].filter((name) => references[name] && !(name in stored))).toEqual([]);
    device = await testDevice();
    const told: string[] = [];
    await selfCheck({ onDisable: (message) => told.push(message) })(device);
    const refused: string[] = [];
    for (const name of Object.keys(stored)) {
      await device.selfCheck!([name]).catch((error: Error) => refused.push(error.message));
    }
    expect({ refused, told }).toEqual({ refused: [], told: [] });
  }, 300_000);
});
