/**
 * The kernel self-check on kernels that are broken on purpose: the wrong variant is excluded and the next one takes
 * over, and an op that has no right variant is refused.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { memoryStore } from '../gpu/adapter-store';
import type { Device } from '../gpu/device';
import { type Evaluation, type HostTensor, runGraph } from '../graph/runtime/run-graph';
import { launchesOfStored } from '../reference/stored-checks';
import { pad } from './layout';
import { ops } from './registry';
import { selfCheck } from './self-check';
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

/** Checks every kernel of an op. */
const checkAll = (op: string) => device.selfCheck!([{ op, call: ops.get(op)!.call }], launchesOfStored(op));

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
    await selfCheck({ onDisable: (message) => told.push(message), store: false })(device);
    expectRight(await softmaxOf(device));
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual(['softmax/line']);
    expect(told).toEqual([
      expect.stringMatching(/^softmax: .* softmax\/line is wrong .*gradient of x.* not used$/),
    ]);
  });

  it('is found on small inputs, which would not use it, where a plan does', async () => {
    await brokenDevice({ [GROUP]: ZERO_GRADIENT });
    await selfCheck({ onDisable: () => undefined, store: false })(device);
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual([]);
    expectRight(await device.variants.withVariant('softmax', 'group', () => softmaxOf(device)));
    expect(device.variants.excluded).toEqual(['softmax/group']);
  });

  it('is excluded as well when it does not compile', async () => {
    await brokenDevice({ [THREAD]: ['let value = gradient(i, total);', 'let value = missing(i);'] });
    const told: string[] = [];
    await selfCheck({ onDisable: (message) => told.push(message), store: false })(device);
    expectRight(await softmaxOf(device));
    expect(device.variants.excluded).toEqual(['softmax/line']);
    expect(told.join()).toContain('softmax.backward.wgsl');
  });
});

describe('an op without a right variant', () => {
  it('is refused when all variants are wrong', async () => {
    await brokenDevice({ [THREAD]: ZERO_GRADIENT, [GROUP]: ZERO_GRADIENT });
    await selfCheck({ onDisable: () => undefined, store: false })(device);
    await expect(softmaxOf(device)).rejects.toMatchObject({ code: 'unsupported', op: 'softmax' });
  });

  it('is refused when its only kernel is wrong, also where that belongs to a part of the op', async () => {
    await brokenDevice({ 'layout/pad.forward.wgsl reflect': ['y[', 'y[1u + '] });
    await selfCheck({ onDisable: () => undefined, store: false })(device);
    const x = { ...row(1, 2, 3), dtype: 'f32' as const };
    const padded = runGraph(device, { x }, (tensors) => ({
      y: pad(tensors.x, { pad: [1, 1], mode: 'reflect' }),
    }));
    await expect(padded).rejects.toMatchObject({ code: 'unsupported', op: 'pad' });
  });

  it('is refused when its only kernel is wrong, and the matrix products in it are not blamed', async () => {
    const wrong: [string, string] = ['put_state(unit, o *', 'put_state(unit, 9.0 * o *'];
    await brokenDevice({
      'recurrent/lstm.forward.wgsl wide': wrong,
      'recurrent/lstm.forward.wgsl narrow': wrong,
    });
    await selfCheck({ onDisable: () => undefined, store: false })(device);
    // What takes long to compile on CPU adapters is left out.
    device.variants.disable('gemm', 'sharedTile');
    await expect(checkAll('lstm')).rejects.toMatchObject({ code: 'unsupported', op: 'lstm' });
    await checkAll('mm');
    expect(device.variants.excluded).toEqual(['gemm/sharedTile']);
  });
});

describe('while it runs', () => {
  it('leaves the choices of other plans alone', async () => {
    await brokenDevice({ [THREAD]: ZERO_GRADIENT });
    await selfCheck({ onDisable: () => undefined, store: false })(device);
    let isRunning = true;
    const checking = checkAll('softmax').finally(() => {
      isRunning = false;
    });
    while (isRunning) {
      // The first of them until it is found to be wrong, then the second: never the one that is being tried.
      const isDisabled = device.variants.isDisabled('softmax', 'line');
      const choice = device.variants.select('softmax', ['line', 'group', 'neither']);
      expect(choice).toBe(isDisabled ? 'group' : 'line');
      await new Promise((resolve) => setTimeout(resolve));
    }
    await checking;
    expect(device.variants.select('softmax', ['line', 'group', 'neither'])).toBe('group');
  });
});

describe('what was right', () => {
  it('is checked again on another adapter, as after the loss of a GPU', async () => {
    await brokenDevice({});
    await selfCheck({ store: false, onDisable: () => undefined })(device);
    await softmaxOf(device);
    const { pipelines } = device;
    const compiled: string[] = [];
    const get = pipelines.get.bind(pipelines);
    pipelines.get = (kernel, ...rest) => {
      compiled.push(kernel.file);
      return get(kernel, ...rest);
    };
    await checkAll('softmax');
    const before = compiled.length;
    await checkAll('softmax');
    expect(compiled.length).toBe(before);
    device.adapterInfo = { ...device.adapterInfo, description: 'another' };
    await checkAll('softmax');
    expect(compiled.length).toBeGreaterThan(before);
  });

  it('is never what was found to be wrong: another device finds it again', async () => {
    const check = selfCheck({ store: memoryStore(), onDisable: () => undefined });
    for (let i = 0; i < 2; i++) {
      await brokenDevice({ [THREAD]: ZERO_GRADIENT });
      await check(device);
      expectRight(await softmaxOf(device));
      expect(device.variants.excluded).toEqual(['softmax/line']);
      if (i === 0) device.destroy();
    }
  });

  it('is remembered for this adapter, until the kernel changes', async () => {
    const content = new Map<string, Record<string, string>>();
    const check = selfCheck({ store: memoryStore(content) });
    device = await testDevice();
    await check(device);
    await softmaxOf(device);
    device.destroy();
    const kernels = Object.keys([...content.values()][0]);
    expect(kernels.map((id) => id.split(' ').slice(0, -1).join(' '))).toEqual(
      expect.arrayContaining([
        'softmax/softmax.forward.wgsl softmax',
        'softmax/softmax.backward.wgsl softmax',
      ]),
    );

    // A later break is not seen: nothing is run again.
    await brokenDevice({ [THREAD]: ZERO_GRADIENT });
    await check(device);
    const { gradInputs } = await softmaxOf(device);
    expect(Array.from(gradInputs.x.data, Math.abs)).toEqual([0, 0]);
    device.destroy();

    for (const id of kernels) {
      const [adapter] = content.keys();
      content.set(adapter, { [id.replace(/\d+$/, '0')]: 'right' });
    }
    await brokenDevice({ [THREAD]: ZERO_GRADIENT });
    await selfCheck({ store: memoryStore(content), onDisable: () => undefined })(device);
    expectRight(await softmaxOf(device));
  });
});
