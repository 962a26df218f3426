/** What is random in the dropout family: the words are Philox's, and what they drop has the right statistics. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import wordsFill from '../../../shaders/random/words.fill.wgsl';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { Graph } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { compile } from '../../graph/runtime/compile';
import type { StepValues } from '../../graph/runtime/step-values';
import { philox4x32, Random } from '../../random';
import { add } from '../elementwise';
import { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, stochasticDepth } from './dropout';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const words = defineInternal({
  name: 'words',
  inputs: ['like'],
  outputs: ['words'],
  shape: ({ like }) => ({ words: { shape: like.shape, dtype: 'i32' } }),
  lower: ({ words }, { node }: { node: number }, k) =>
    k.dispatch(wordsFill, {}, { words }, { n: words.size, node }, { threads: words.size / 4 }),
});

/** Runs `compute` in training on x (ones unless given) and gives its results, one record per step. */
async function run(
  shape: number[],
  compute: (x: Tensor) => Record<string, Tensor>,
  { values, steps = [{ seed: 1 }] }: { values?: Float32Array; steps?: StepValues[] } = {},
): Promise<Record<string, Float32Array>[]> {
  const graph = new Graph({ training: true });
  const x = graph.input('x', shape);
  const outputs = compute(x);
  const plan = await compile(device, graph, { outputs });
  const results: Record<string, Float32Array>[] = [];
  try {
    plan.write('x', values ?? new Float32Array(x.size).fill(1));
    for (const step of steps) {
      plan.run(step);
      const read: Record<string, Float32Array> = {};
      for (const name of Object.keys(outputs)) read[name] = (await plan.read(name)) as Float32Array;
      results.push(read);
    }
  } finally {
    plan.destroy();
  }
  return results;
}

/** The gradient of the sum of y. */
function gradientOf(y: Tensor, x: Tensor): Tensor {
  const ones = y.graph.constant(new Float32Array(y.size).fill(1), y.shape);
  return gradients([y], [ones], [x])[0]!;
}

const kept = (values: Float32Array): boolean[] => Array.from(values, (value) => value !== 0);
const share = (flags: boolean[]): number => flags.filter(Boolean).length / flags.length;
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;
const variance = (values: ArrayLike<number>): number => {
  const center = mean(values);
  return mean(Array.from(values, (value) => (value - center) ** 2));
};
/** Five standard deviations of the share of kept units: a wrong rate fails, chance does not. */
const spread = (p: number, units: number): number => 5 * Math.sqrt((p * (1 - p)) / units);

describe('Philox on the GPU', () => {
  it.each([
    { seed: 0, index: 0, node: 0 },
    { seed: 1, index: 7, node: 3 },
    { seed: 2 ** 53 - 1, index: 2 ** 32 - 1, node: 2 ** 31 },
    { seed: 123456789012345, index: 65536, node: 65535 },
  ])('gives the words of the host: %o', async ({ seed, index, node }) => {
    const graph = new Graph();
    const like = graph.input('like', [4001]);
    const plan = await compile(device, graph, { outputs: words({ like }, { node }) });
    plan.run({ seed, index });
    const got = new Uint32Array((await plan.read('words')).buffer);
    plan.destroy();
    const key = [seed >>> 0, Math.floor(seed / 2 ** 32)] as const;
    const expected = Array.from({ length: 1001 }, (_, i) => philox4x32(key, [i, index, node, 0])).flat();
    expect(Array.from(got)).toEqual(expected.slice(0, 4001));
  });
});

describe('dropout', () => {
  it('keeps what the host draws', async () => {
    const [{ y }] = await run([1003], (x) => ({ y: dropout(x, { p: 0.3 }) }), {
      steps: [{ seed: 5, index: 2 }],
    });
    const drawn = Array.from({ length: 251 }, (_, i) => philox4x32([5, 0], [i, 2, 0, 0])).flat();
    expect(kept(y)).toEqual(drawn.slice(0, 1003).map((word) => word >= Math.round(0.3 * 2 ** 32)));
  });

  it.each([0.1, 0.5, 0.9])('drops at the rate p = %d and keeps the mean', async (p) => {
    const n = 40003;
    const [{ y }] = await run([n], (x) => ({ y: dropout(x, { p }) }));
    expect(Math.abs(share(kept(y)) - (1 - p))).toBeLessThan(spread(p, n));
    for (const value of y) if (value !== 0) expect(value).toBeCloseTo(1 / (1 - p), 5);
    expect(Math.abs(mean(y) - 1)).toBeLessThan(spread(p, n) / (1 - p));
    expect(variance(y)).toBeCloseTo(p / (1 - p), p === 0.9 ? 0 : 1);
  });

  it('drops neighbours independently of each other', async () => {
    const n = 40000;
    const [{ y }] = await run([n], (x) => ({ y: dropout(x) }));
    const flags = kept(y);
    for (const distance of [1, 2, 3, 4, 64, 256]) {
      const both = flags.slice(distance).filter((flag, i) => flag && flags[i]).length / (n - distance);
      expect(Math.abs(both - 0.25), `distance ${distance}`).toBeLessThan(spread(0.25, n));
    }
  });

  it('repeats its mask for a seed and a step, and changes it with either and with the node', async () => {
    const steps = [
      { seed: 1, index: 0 },
      { seed: 1, index: 0 },
      { seed: 1, index: 1 },
      { seed: 2, index: 0 },
      { seed: 2 ** 40 + 1, index: 0 },
    ];
    const results = await run([512], (x) => ({ y: dropout(x), other: dropout(x) }), { steps });
    const [first, again, ...others] = results.map(({ y }) => kept(y));
    expect(again).toEqual(first);
    for (const mask of others) expect(mask).not.toEqual(first);
    expect(kept(results[0].other)).not.toEqual(first);
  });

  it('draws the same mask in the backward, also where gradients add up', async () => {
    const compute = (x: Tensor) => {
      const [y, other] = [dropout(x, { p: 0.4 }), dropout(x, { p: 0.4 })];
      return { y, other, dx: gradientOf(add(y, other), x) };
    };
    const steps = [{ seed: 3 }, { seed: 3, index: 1 }];
    for (const { y, other, dx } of await run([777], compute, { steps })) {
      expect(Array.from(dx)).toEqual(Array.from(y, (value, i) => Math.fround(value + other[i])));
    }
  });
});

describe('dropout of whole channels', () => {
  it.each([
    { op: dropout1d, shape: [40, 50, 7], units: 2000 },
    { op: dropout1d, shape: [500, 3], units: 500 },
    { op: dropout2d, shape: [40, 50, 3, 3], units: 2000 },
    { op: dropout2d, shape: [40, 50, 5], units: 2000 },
    { op: dropout3d, shape: [40, 50, 2, 1, 3], units: 2000 },
    { op: dropout3d, shape: [500, 2, 2, 1], units: 500 },
  ])('$op.info.name of $shape', async ({ op, shape, units }) => {
    const [{ y, dx }] = await run(shape, (x) => {
      const y = op(x, { p: 0.25 });
      return { y, dx: gradientOf(y, x) };
    });
    const inner = y.length / units;
    const flags = Array.from({ length: units }, (_, unit) => y[unit * inner] !== 0);
    expect(Array.from(y)).toEqual(
      Array.from(y, (_, i) => (flags[Math.floor(i / inner)] ? Math.fround(4 / 3) : 0)),
    );
    expect(Array.from(dx)).toEqual(Array.from(y));
    expect(Math.abs(share(flags) - 0.75)).toBeLessThan(spread(0.25, units));
  });

  it('refuses shapes without channels', async () => {
    await expect(run([3], (x) => ({ y: dropout2d(x) }))).rejects.toThrow('dropout2d: x is [3]');
  });
});

describe('stochasticDepth', () => {
  it('drops samples in mode row', async () => {
    const [{ y }] = await run([1000, 3, 2], (x) => ({ y: stochasticDepth(x, { p: 0.2, mode: 'row' }) }));
    const flags = Array.from({ length: 1000 }, (_, n) => y[6 * n] !== 0);
    expect(Array.from(y)).toEqual(Array.from(y, (_, i) => (flags[Math.floor(i / 6)] ? 1.25 : 0)));
    expect(Math.abs(share(flags) - 0.8)).toBeLessThan(spread(0.2, 1000));
  });

  it('drops everything or nothing in mode batch', async () => {
    const steps = Array.from({ length: 200 }, (_, index) => ({ seed: 9, index }));
    const results = await run([5, 3], (x) => ({ y: stochasticDepth(x, { p: 0.5, mode: 'batch' }) }), {
      steps,
    });
    const flags = results.map(({ y }) => {
      expect(new Set(y).size).toBe(1);
      return y[0] !== 0;
    });
    expect(Math.abs(share(flags) - 0.5)).toBeLessThan(spread(0.5, 200));
  });
});

describe('alphaDropout', () => {
  it('keeps mean 0 and variance 1, and the gradient of what it keeps', async () => {
    const n = 40000;
    const random = new Random(4);
    const values = Float32Array.from({ length: n }, () => random.normal());
    const compute = (x: Tensor) => {
      const y = alphaDropout(x, { p: 0.3 });
      return { y, dx: gradientOf(y, x) };
    };
    const [{ y, dx }] = await run([n], compute, { values });
    expect(Math.abs(mean(y))).toBeLessThan(0.03);
    expect(Math.abs(variance(y) - 1)).toBeLessThan(0.03);
    const flags = kept(dx);
    expect(Math.abs(share(flags) - 0.7)).toBeLessThan(spread(0.3, n));
    const scale = 1 / Math.sqrt(0.7 * (1 + 0.3 * 1.7580993408473766 ** 2));
    const floor = scale * -1.7580993408473766 * 0.7;
    for (let i = 0; i < n; i += 97) {
      const expected = flags[i] ? scale * (values[i] + 1.7580993408473766 * 0.3) : floor;
      expect(y[i]).toBeCloseTo(expected, 5);
    }
  });
});
