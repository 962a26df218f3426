/** Every variant of the product kernel in all transpositions, whatever this adapter would choose by itself. */
import { afterAll, beforeAll, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { defineInternal } from '../../graph/ir/op';
import { runGraph } from '../../graph/runtime/run-graph';
import { Random } from '../../random';
import { type GemmChoice, gemm, selectGemm } from './gemm';

interface Sizes {
  m: number;
  n: number;
  k: number;
  transposeA: boolean;
  transposeB: boolean;
  choice: GemmChoice;
}

const BATCH = 2;

const multiply = defineInternal({
  name: 'multiply',
  inputs: ['a', 'b', 'bias'],
  outputs: ['c'],
  shape: (_, { m, n }: Sizes) => ({ c: [BATCH, m, n] }),
  lower({ a, b, bias, c }, sizes, k) {
    const { m, n, k: inner } = sizes;
    const batch = { shape: [BATCH], a: [m * inner], b: [inner * n], bias: [0] };
    gemm(k, a, b, c, { ...sizes, batch, bias, biasRow: 0, biasColumn: 1, alpha: 0.5, beta: 2 });
  },
});

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const values = (name: string, count: number) => {
  const random = new Random(1, name);
  return Float32Array.from({ length: count }, () => random.normal());
};

async function check(sizes: Sizes): Promise<void> {
  const { m, n, k, transposeA, transposeB } = sizes;
  const [a, b, bias] = [values('a', BATCH * m * k), values('b', BATCH * k * n), values('bias', n)];
  const shapeA = transposeA ? [BATCH, k, m] : [BATCH, m, k];
  const shapeB = transposeB ? [BATCH, n, k] : [BATCH, k, n];
  const { outputs } = await runGraph(
    device,
    {
      a: { shape: shapeA, dtype: 'f32', data: a },
      b: { shape: shapeB, dtype: 'f32', data: b },
      bias: { shape: [n], dtype: 'f32', data: bias },
    },
    (inputs) => multiply(inputs as Parameters<typeof multiply>[0], sizes),
  );
  let worst = 0;
  for (let batch = 0; batch < BATCH; batch++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let q = 0; q < k; q++) {
          const x = a[batch * m * k + (transposeA ? q * m + i : i * k + q)];
          sum += x * b[batch * k * n + (transposeB ? j * k + q : q * n + j)];
        }
        const got = outputs.c.data[(batch * m + i) * n + j];
        worst = Math.max(worst, Math.abs(got - (0.5 * sum + 2 * bias[j])));
      }
    }
  }
  expect(worst).toBeLessThan(1e-4);
}

const variants = ['registerTile', 'quadShuffle', 'sharedTile'] as const;

/** Compatibility adapters have no subgroups, and are never given the variant that needs them. */
const needsSubgroups = (variant: string, context: TestContext) =>
  context.skip(variant === 'quadShuffle' && !device.features.subgroups, 'the adapter has no subgroups');

describe.each(variants)('gemm with %s', (variant) => {
  beforeEach((context) => needsSubgroups(variant, context));
  const choice = (splits: number): GemmChoice => ({ variant, splits });

  it('multiplies sizes beyond a tile that are no multiples of 4', () =>
    check({ m: 71, n: 69, k: 37, transposeA: false, transposeB: false, choice: choice(1) }));
  it('multiplies the transposed of both, in splits with a tail', () =>
    check({ m: 69, n: 71, k: 37, transposeA: true, transposeB: true, choice: choice(2) }));
  it('multiplies by the transposed', () =>
    check({ m: 68, n: 72, k: 40, transposeA: false, transposeB: true, choice: choice(1) }));
  it('multiplies the transposed, in splits', () =>
    check({ m: 72, n: 68, k: 40, transposeA: true, transposeB: false, choice: choice(3) }));
});

describe.each([
  ['one row', 'registerTile', 1, 69, 37],
  ['three rows', 'registerTile', 3, 69, 37],
  ['quads of twice the columns', 'quadShuffle', 71, 187, 81],
] as const)('gemm of %s', (_, variant, m, n, k) => {
  beforeEach((context) => needsSubgroups(variant, context));
  it('multiplies by the transposed', () =>
    check({ m, n, k, transposeA: false, transposeB: true, choice: { variant, splits: 1 } }));
});

describe('selectGemm', () => {
  it('splits a long inner dimension when the result is small', () => {
    expect(selectGemm(32, 32, 4096, 1, device).splits).toBeGreaterThan(1);
    expect(selectGemm(512, 512, 64, 1, device).splits).toBe(1);
  });
});
