/** That no thread of any kernel goes round its loops too often: by the bounds that the shaders state. */
import { describe, expect, it } from 'vitest';
import { loopRounds, MAX_LOOP_ROUNDS, roundsOf } from '../kernels/rounds';
import { references } from '../reference';
import { dispatchesOf } from '../reference/kernels';
import { longCases } from '../reference/long.cases';
import type { OpCase } from '../reference/types';
import { ops } from './registry';

const int = (shape: number[]) => ({ shape, dtype: 'i32' as const });

/** Shapes with long loops that take too long to compute in a test. */
const large: Record<string, OpCase[]> = {
  conv2d: [
    { attrs: { padding: 1 }, inputs: { x: [32, 64, 112, 112], weight: [64, 64, 3, 3], bias: [64] } },
    { attrs: { padding: 1 }, inputs: { x: [4, 512, 70, 70], weight: [512, 512, 3, 3] } },
    { name: 'kernel of 90,000', inputs: { x: [1, 1, 302, 302], weight: [1, 1, 300, 300] } },
    { name: 'tall kernel', inputs: { x: [1, 1, 70_010, 3], weight: [1, 1, 70_000, 3] } },
  ],
  convTranspose2d: [{ attrs: { stride: 2 }, inputs: { x: [1, 1, 4, 4], weight: [1, 1, 700, 700] } }],
  batchNorm: [{ inputs: { x: [128, 64, 112, 112], weight: [64], bias: [64] }, training: true }],
  groupNorm: [{ attrs: { numGroups: 4 }, inputs: { x: [1, 16, 512, 512] } }],
  localResponseNorm: [{ attrs: { size: 140_000 }, inputs: { x: [1, 70_000, 1] } }],
  embedding: [{ inputs: { x: int([64, 1024]), weight: [50_257, 768] } }],
  indexAdd: [{ attrs: { dim: 0 }, inputs: { x: [4], index: int([1_000_000]), source: [1_000_000] } }],
  scatterReduce: [
    { attrs: { dim: 0, reduce: 'amax' }, inputs: { x: [4], index: int([1_000_000]), src: [1_000_000] } },
  ],
  embeddingBag: [{ attrs: { mode: 'max' }, inputs: { x: int([64, 2048]), weight: [50_257, 64] } }],
  linear: [{ inputs: { x: [131_072, 768], weight: [768, 768], bias: [768] } }],
  matmul: [{ inputs: { x: [1, 5_000_000], other: [5_000_000, 1] } }],
  softmax: [{ inputs: { x: [1, 1_300_000] } }],
  crossEntropy: [
    { inputs: { x: [4096, 50_257], target: int([4096]) } },
    { inputs: { x: [2, 19, 1024, 1024], target: int([2, 1024, 1024]) } },
  ],
  accuracy: [{ inputs: { x: [4096, 50_257], target: int([4096]) }, gradient: false }],
  multiMarginLoss: [{ inputs: { x: [100_000, 100], target: int([100_000]) } }],
  ctcLoss: [
    {
      inputs: {
        logProbs: [200, 2, 30],
        targets: int([2, 70_000]),
        inputLengths: int([2]),
        targetLengths: int([2]),
      },
    },
    {
      inputs: {
        logProbs: [20_000, 1, 30],
        targets: int([1, 700]),
        inputLengths: int([1]),
        targetLengths: int([1]),
      },
    },
  ],
  scaledDotProductAttention: [
    { attrs: { dropoutP: 0.1 }, inputs: { query: [8, 8192, 64], key: [8, 8192, 64], value: [8, 8192, 64] } },
    { inputs: { query: [8, 512, 64], key: [8, 512, 64], value: [8, 512, 64], attnMask: [512] } },
    {
      attrs: { dropoutP: 0.1 },
      inputs: { query: [8, 512, 64], key: [8, 512, 64], value: [8, 512, 64], attnMask: [1, 1] },
    },
  ],
  maxPool2d: [{ attrs: { kernelSize: 300, stride: 1 }, inputs: { x: [1, 1, 601, 601] } }],
  avgPool2d: [{ attrs: { kernelSize: 300, stride: 1 }, inputs: { x: [1, 1, 601, 601] } }],
  adaptiveAvgPool2d: [{ attrs: { outputSize: 1 }, inputs: { x: [2, 8, 1024, 1024] } }],
  interpolate: [
    { attrs: { size: [1000, 1000], mode: 'bilinear' }, inputs: { x: [1, 1, 2, 2] } },
    { attrs: { size: [1, 70_000], mode: 'bicubic' }, inputs: { x: [1, 1, 2, 2] } },
    { attrs: { size: [1, 2], mode: 'bilinear', antialias: true }, inputs: { x: [1, 1, 2, 200_000] } },
  ],
  gridSample: [
    { inputs: { x: [1, 3, 2, 2], grid: [1, 500, 500, 2] } },
    { attrs: { mode: 'bicubic' }, inputs: { x: [1, 5000, 2, 2], grid: [1, 5, 5, 2] } },
    { inputs: { x: [1, 5000, 2, 2, 2], grid: [1, 5, 5, 5, 3] } },
  ],
  fold: [{ attrs: { outputSize: [1, 80_000], kernelSize: [1, 70_000] }, inputs: { x: [1, 70_000, 10_001] } }],
  lstm: [
    {
      attrs: { hiddenSize: 1024 },
      inputs: {
        x: [3, 8, 1024],
        weightIhL0: [4096, 1024],
        weightHhL0: [4096, 1024],
        biasIhL0: [4096],
        biasHhL0: [4096],
      },
    },
  ],
};

function longest(name: string, opCase: OpCase): { kernel: string; rounds: number } {
  let most = { kernel: 'none', rounds: 0 };
  for (const dispatch of dispatchesOf(ops.get(name)!, opCase)) {
    const rounds = loopRounds(dispatch.kernel, dispatch);
    if (rounds > most.rounds) most = { kernel: `${dispatch.kernel.file} ${dispatch.kernel.variant}`, rounds };
  }
  return most;
}

describe('loop rounds of a thread', () => {
  for (const [name, cases] of Object.entries({ ...longCases, ...large })) {
    const all = [...(longCases[name] ?? []), ...(large[name] ?? [])];
    if (cases.length > 0) {
      it(`stay below the limit in ${name}, every variant`, () => {
        for (const opCase of all) {
          const { kernel, rounds } = longest(name, opCase);
          expect(rounds, kernel).toBeLessThanOrEqual(MAX_LOOP_ROUNDS);
        }
      });
    }
  }

  it('are known for every kernel of every op', () => {
    for (const [name, { cases }] of Object.entries(references)) {
      for (const opCase of cases.slice(0, 3)) expect(longest(name, opCase).rounds).toBeGreaterThanOrEqual(0);
    }
  });

  it('refuse a shape that no kernel can split', () => {
    const opCase = { inputs: { x: [1, 2_000_000] } };
    expect(() => dispatchesOf(ops.get('softmax')!, opCase)).toThrow(
      /softmax: x \[1, 2000000\]: 93810 loop rounds in one thread of softmax_forward; expected at most 65535/,
    );
  });

  it('are those of the line for the variant', () => {
    const source = '// rounds(group vector): n / 64\n// rounds: n\n';
    expect(roundsOf(source, 'quad.group')).toBe('n / 64');
    expect(roundsOf(source, 'thread')).toBe('n');
    expect(roundsOf('', '')).toBeUndefined();
  });
});
