/** What the cases of the references cannot say about indexing: indices out of range, repeated ones, determinism. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import { type HostInputs, runGraph } from '../../graph/runtime/run-graph';
import {
  embedding,
  embeddingBag,
  gather,
  indexAdd,
  maskedFill,
  oneHot,
  scatter,
  scatterAdd,
  scatterReduce,
} from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const floats = (shape: number[], data: ArrayLike<number>) =>
  ({ shape, dtype: 'f32', data: Float32Array.from(data) }) as const;
const ints = (shape: number[], data: ArrayLike<number>) =>
  ({ shape, dtype: 'i32', data: Int32Array.from(data) }) as const;

/** The output y of an op, and the gradients of the float inputs for a gradient of y. */
async function run(
  inputs: HostInputs,
  f: (t: Record<string, Tensor>) => Tensor,
  gradient?: ReturnType<typeof floats>,
) {
  const wrt = Object.keys(inputs).filter((name) => inputs[name].dtype === 'f32');
  const gradOutputs = gradient && { y: gradient };
  const result = await runGraph(device, inputs, (t) => ({ y: f(t) }), { gradOutputs, wrt });
  return { y: Array.from(result.outputs.y.data), gradients: result.gradInputs };
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1);
const OUTSIDE = [-1, 5, -2147483648, 2147483647];

describe('indices out of range', () => {
  it('give NaN rows in embedding, and no gradient', async () => {
    const { y, gradients } = await run(
      { index: ints([6], [...OUTSIDE, 0, 4]), weight: floats([5, 2], range(10)) },
      ({ index, weight }) => embedding(index, weight),
      floats([6, 2], range(12)),
    );
    expect(y).toEqual([...new Array<number>(8).fill(Number.NaN), 1, 2, 9, 10]);
    expect(Array.from(gradients.weight.data)).toEqual([9, 10, 0, 0, 0, 0, 0, 0, 11, 12]);
  });

  it('give NaN in gather, the least number in int32 tensors', async () => {
    const index = ints([4], [2, 3, -1, 0]);
    const real = await run({ x: floats([3], [1, 2, 3]), index }, (t) => gather(t.x, t.index, { dim: 0 }));
    expect(real.y).toEqual([3, Number.NaN, Number.NaN, 1]);
    const whole = await run({ x: ints([3], [1, 2, 3]), index }, (t) => gather(t.x, t.index, { dim: 0 }));
    expect(whole.y).toEqual([3, -2147483648, -2147483648, 1]);
  });

  it.each([5, 100])('write nothing in scatterAdd, indexAdd and scatter (%d indices)', async (count) => {
    // The first indices are outside, the last one is 1.
    const index = ints(
      [count],
      Array.from({ length: count }, (_, i) => (i === count - 1 ? 1 : OUTSIDE[i % 4])),
    );
    const inputs = { x: floats([5], [1, 2, 3, 4, 5]), index, src: floats([count], new Array(count).fill(7)) };
    const added = [1, 9, 3, 4, 5];
    expect((await run(inputs, (t) => scatterAdd(t.x, t.index, t.src, { dim: 0 }))).y).toEqual(added);
    expect((await run(inputs, (t) => indexAdd(t.x, t.index, t.src, { dim: 0 }))).y).toEqual(added);
    expect((await run(inputs, (t) => scatter(t.x, t.index, t.src, { dim: 0 }))).y).toEqual([1, 7, 3, 4, 5]);
  });

  it('give rows of zeros in oneHot', async () => {
    const { y } = await run({ x: ints([3], [-1, 1, 2]) }, ({ x }) => oneHot(x, { numClasses: 2 }));
    expect(y).toEqual([0, 0, 0, 1, 0, 0]);
  });
});

describe('repeated indices', () => {
  it('take the last one in scatter', async () => {
    const inputs = {
      x: floats([3], [0, 0, 0]),
      index: ints([5], [1, 2, 1, 1, 2]),
      src: floats([5], range(5)),
    };
    const { y, gradients } = await run(
      inputs,
      (t) => scatter(t.x, t.index, t.src, { dim: 0 }),
      floats([3], [10, 20, 30]),
    );
    expect(y).toEqual([0, 4, 5]);
    expect(Array.from(gradients.x.data)).toEqual([10, 0, 0]);
  });

  it('add up in an embedding of a large vocabulary, the same bits in every run, none for paddingIdx', async () => {
    const [rows, columns, positions] = [30011, 3, 2048];
    const index = Int32Array.from({ length: positions }, (_, i) =>
      i % 3 === 0 ? 7 : (i * i * 2654435) % rows,
    );
    const gradient = Float32Array.from({ length: positions * columns }, (_, i) => Math.sin(i));
    const inputs = {
      index: ints([2, positions / 2], index),
      weight: floats([rows, columns], new Float32Array(rows * columns)),
    };
    const compute = (t: Record<string, Tensor>) => embedding(t.index, t.weight, { paddingIdx: 11 });
    const dy = floats([2, positions / 2, columns], gradient);
    const [first, second] = [await run(inputs, compute, dy), await run(inputs, compute, dy)];
    const got = first.gradients.weight.data;
    expect(got).toEqual(second.gradients.weight.data);
    const want = new Float64Array(rows * columns);
    index.forEach((row, i) => {
      for (let c = 0; c < columns; c++) if (row !== 11) want[row * columns + c] += gradient[i * columns + c];
    });
    const worst = want.reduce((most, value, i) => Math.max(most, Math.abs(value - got[i])), 0);
    expect(worst).toBeLessThan(1e-4);
  });

  it('give the row of paddingIdx no gradient, however often it is named', async () => {
    for (const repeats of [2, 50]) {
      const index = ints([2 * repeats], new Array(repeats).fill([2, 0]).flat());
      const { gradients } = await run(
        { index, weight: floats([3, 1], [1, 2, 3]) },
        (t) => embedding(t.index, t.weight, { paddingIdx: -1 }),
        floats([2 * repeats, 1], new Array(2 * repeats).fill(1)),
      );
      expect(Array.from(gradients.weight.data)).toEqual([repeats, 0, 0]);
    }
  });
});

describe('embedding', () => {
  // Rows of norms 5 and 1; PyTorch's values for max_norm=2 and scale_grad_by_freq=True.
  const inputs = () => ({ index: ints([3], [0, 1, 0]), weight: floats([2, 2], [3, 4, 0.6, 0.8]) });

  it('shortens rows to maxNorm without a gradient of the factor', async () => {
    const { y, gradients } = await run(
      inputs(),
      (t) => embedding(t.index, t.weight, { maxNorm: 2 }),
      floats([3, 2], [1, 2, 3, 4, 5, 6]),
    );
    [1.2, 1.6, 0.6, 0.8, 1.2, 1.6].forEach((want, i) => {
      expect(y[i]).toBeCloseTo(want, 6);
    });
    expect(Array.from(gradients.weight.data)).toEqual([6, 8, 3, 4]);
  });

  it('divides gradients by how often a row is named', async () => {
    const { y, gradients } = await run(
      inputs(),
      (t) => embedding(t.index, t.weight, { scaleGradByFreq: true }),
      floats([3, 2], [1, 2, 3, 4, 5, 6]),
    );
    expect(y).toEqual([3, 4, 0.6, 0.8, 3, 4].map(Math.fround));
    expect(Array.from(gradients.weight.data)).toEqual([3, 4, 3, 4]);
  });
});

describe('maskedFill', () => {
  it('fills int32 tensors too', async () => {
    const inputs = { x: ints([3], [5, -6, 2147483647]), mask: floats([3], [0, 1, 0]) };
    const { y } = await run(inputs, (t) => maskedFill(t.x, t.mask, { value: -9 }));
    expect(y).toEqual([5, -9, 2147483647]);
  });
});

describe('reductions at indices', () => {
  const inputs = () => ({
    x: floats([3], [3, 1, 2]),
    index: ints([5], [0, 0, 1, 2, 2]),
    src: floats([5], [3, 3, 1, 5, 5]),
  });

  it('share the gradient of an extreme value among equal ones', async () => {
    const dy = floats([3], [6, 4, 3]);
    const { y, gradients } = await run(
      inputs(),
      (t) => scatterReduce(t.x, t.index, t.src, { dim: 0, reduce: 'amax' }),
      dy,
    );
    expect(y).toEqual([3, 1, 5]);
    expect(Array.from(gradients.x.data)).toEqual([2, 2, 0]);
    expect(Array.from(gradients.src.data)).toEqual([2, 2, 2, 1.5, 1.5]);
  });

  it('write nothing where an index is out of range, and give it no gradient', async () => {
    const index = ints([5], [0, -1, 3, 2, 2147483647]);
    for (const reduce of ['sum', 'mean', 'prod', 'amax', 'amin'] as const) {
      for (const includeSelf of [true, false]) {
        const { gradients } = await run(
          { ...inputs(), index },
          (t) => scatterReduce(t.x, t.index, t.src, { dim: 0, reduce, includeSelf }),
          floats([3], [6, 4, 3]),
        );
        const { data } = gradients.src;
        expect([data[1], data[2], data[4]], `${reduce} ${includeSelf}`).toEqual([0, 0, 0]);
        expect(gradients.x.data[1]).toBe(4);
      }
    }
  });
});

describe('embeddingBag', () => {
  const bags = { index: ints([7], [1, 0, 2, 2, 0, 1, 1]), offsets: ints([3], [0, 3, 4]) };
  const weight = floats([3, 2], [1, 5, 1, 2, 9, 9]);
  // PyTorch's values: bag 1 holds nothing but padding, and two rows share a largest value.
  it.each([
    ['sum', [2, 7, 0, 0, 3, 9], [9, 16, 12, 28, 0, 0]],
    ['mean', [1, 3.5, 0, 0, 1, 3], [4, 6, 5, 10, 0, 0]],
    ['max', [1, 5, 0, 0, 1, 5], [3, 16, 6, 0, 0, 0]],
  ] as const)('leaves padding out of the %s, and out of gradients', async (mode, values, expected) => {
    const { y, gradients } = await run(
      { ...bags, weight },
      (t) => embeddingBag(t.index, t.weight, t.offsets, null, { mode, paddingIdx: -1 }),
      floats([3, 2], [6, 4, 1, 1, 3, 12]),
    );
    expect(y).toEqual(values);
    expect(Array.from(gradients.weight.data)).toEqual(expected);
  });

  it('refuses offsets that do not begin at 0, go back or end behind x', async () => {
    for (const offsets of [[1, 3], [0, 4, 2], [0, 8], []]) {
      const given = { ...bags, offsets: ints([offsets.length], offsets), weight };
      const go = () =>
        run(given, (t) => embeddingBag(t.index, t.weight, t.offsets, null, { includeLastOffset: true }));
      await expect(go()).rejects.toThrow(/embeddingBag: offsets/);
    }
  });
});
