/** Gradients at kinks, ties and poles, and the types and values of masks and whole numbers: PyTorch's (`e2e/goldens/numerics.py`). */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldens from '../../e2e/goldens/fixtures/numerics/numerics.json';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import type { DType } from '../graph/ir/variable';
import { type HostInputs, runGraph } from '../graph/runtime/run-graph';
import { ops } from './registry';

interface Stored {
  dtype: DType;
  shape: number[];
  data: (number | string)[];
}

interface Golden {
  op: string;
  attrs: Record<string, unknown>;
  inputs: Record<string, Stored | Stored[]>;
  outputs: Record<string, Stored>;
  gradients?: Record<string, (number | string)[]>;
}

const filter = typeof process === 'undefined' ? undefined : process.env.GRADLOOM_OPS?.split(',');
let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const close = (got: number, want: number) =>
  Object.is(got, want) || got === want || Math.abs(got - want) <= 2e-6 * Math.max(1, Math.abs(want));

async function differences(golden: Golden): Promise<string[]> {
  const feeds: HostInputs = {};
  const compute = (tensors: Record<string, Tensor>) => {
    const given = Object.entries(golden.inputs).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((_, i) => tensors[`${name}.${i}`]) : tensors[name],
    ]);
    outputs = ops.get(golden.op)!.call(Object.fromEntries(given), golden.attrs);
    return outputs;
  };
  let outputs: Record<string, Tensor> = {};
  for (const [name, value] of Object.entries(golden.inputs)) {
    const list = Array.isArray(value)
      ? value.map((item, i) => [`${name}.${i}`, item] as const)
      : [[name, value] as const];
    for (const [key, { dtype, shape, data }] of list) {
      const numbers = data.map(Number);
      feeds[key] = {
        shape,
        dtype,
        data: dtype === 'i32' ? Int32Array.from(numbers) : Float32Array.from(numbers),
      };
    }
  }
  const floats = Object.entries(golden.outputs).filter(([, { dtype }]) => dtype === 'f32');
  const gradOutputs = Object.fromEntries(
    floats.map(([name, { shape, data }]) => [
      name,
      { shape, data: Float32Array.from(data, (_, i) => 1 + 0.5 * i) },
    ]),
  );
  const wrt = Object.keys(golden.gradients ?? {});
  const result = await runGraph(device, feeds, compute, wrt.length ? { gradOutputs, wrt } : {});
  const problems: string[] = [];
  const label = `${golden.op} ${JSON.stringify(golden.attrs)}`;
  for (const [name, want] of Object.entries(golden.outputs)) {
    const got = result.outputs[name];
    const text = `${outputs[name].dtype} [${got.shape}] ${Array.from(got.data)}`;
    const exact = want.dtype !== 'f32';
    const matches = Array.from(got.data).every((v, i) =>
      exact ? v === want.data[i] || v === Number(want.data[i]) : close(v, Number(want.data[i])),
    );
    if (!matches || outputs[name].dtype !== want.dtype || got.shape.join() !== want.shape.join()) {
      problems.push(`${label}: ${name} is ${text}, PyTorch has ${want.dtype} [${want.shape}] ${want.data}`);
    }
  }
  for (const [name, want] of Object.entries(golden.gradients ?? {})) {
    const got = Array.from(result.gradInputs[name]?.data ?? want.map(() => 0));
    if (!got.every((v, i) => close(v, Number(want[i])))) {
      problems.push(`${label}: gradient of ${name} is ${got}, PyTorch has ${want}`);
    }
  }
  return problems;
}

const { kinks, whole } = goldens as unknown as Record<'kinks' | 'whole', Golden[]>;
describe.each([
  ['gradients at kinks, ties and poles', kinks],
  ['masks and whole numbers', whole],
] as const)('%s', (_, cases) => {
  it.each([...new Set(cases.map(({ op }) => op))].filter((op) => !filter || filter.includes(op)))(
    '%s',
    async (op) => {
      const problems: string[] = [];
      for (const golden of cases) if (golden.op === op) problems.push(...(await differences(golden)));
      expect(problems).toEqual([]);
    },
  );
});
