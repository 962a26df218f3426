/** What the cases of the reference reference do not show of attention: memory, dropout, unusual sizes, errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { type HostInputs, runGraph } from '../../graph/runtime/run-graph';
import { references } from '../../reference/attention';
import { runCase } from '../../reference/conformance';
import type { OpCase } from '../../reference/types';
import { scaledDotProductAttention } from './attention';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('unusual sizes', () => {
  const cases: OpCase[] = [
    { name: 'a head size beyond 128', inputs: { query: [1, 5, 160], key: [1, 3, 160], value: [1, 3, 160] } },
    {
      name: 'batch dims that broadcast',
      inputs: { query: [2, 1, 3, 4], key: [3, 5, 4], value: [2, 3, 5, 2], attnMask: [3, 1, 5] },
    },
    {
      name: 'five dims, a mask over some of them',
      inputs: {
        query: [2, 2, 2, 3, 4],
        key: [2, 2, 2, 9, 4],
        value: [2, 2, 2, 9, 4],
        attnMask: [2, 1, 2, 1, 9],
      },
    },
    {
      name: 'groups of heads, a mask per sample, causal, beyond one tile',
      attrs: { enableGqa: true, isCausal: true },
      inputs: { query: [2, 4, 19, 3], key: [2, 2, 19, 3], value: [2, 2, 19, 3], attnMask: [2, 1, 1, 19] },
    },
    { name: 'a mask of rank 1', inputs: { query: [2, 4], key: [9, 4], value: [9, 4], attnMask: [9] } },
  ];
  it.each(cases.map((opCase, index) => [opCase.name, index] as const))('%s', async (_, index) => {
    const reference = { ...references.scaledDotProductAttention, cases };
    const result = await runCase(device, scaledDotProductAttention.info, reference, index);
    expect(result.message).toBeUndefined();
  });

  it('gives zeros without any key', async () => {
    const { outputs, gradInputs } = await runGraph(
      device,
      { query: values([2, 3, 4]), key: values([2, 0, 4]), value: values([2, 0, 4]) },
      ({ query, key, value }) => ({ y: scaledDotProductAttention(query, key, value) }),
      { gradOutputs: { y: values([2, 3, 4]) }, wrt: ['query'] },
    );
    expect(Array.from(outputs.y.data)).toEqual(new Array(24).fill(0));
    expect(Array.from(gradInputs.query.data)).toEqual(new Array(24).fill(0));
  });
});

describe('memory', () => {
  /** Bytes of intermediate results of a forward and backward pass over T positions. */
  async function bytesFor(T: number): Promise<number> {
    const graph = new Graph({ training: true });
    const inputs = ['query', 'key', 'value'].map((name) => graph.input(name, [1, 2, T, 16]));
    const y = scaledDotProductAttention(inputs[0], inputs[1], inputs[2], { isCausal: true, dropoutP: 0.1 });
    const found = gradients([y], [graph.input('dy', y.shape)], inputs);
    const outputs = { y, dquery: found[0]!, dkey: found[1]!, dvalue: found[2]! };
    const plan = await compile(device, graph, { outputs });
    plan.destroy();
    return plan.statistics.intermediateBytes;
  }

  it('grows linearly with the number of positions', async () => {
    const [short, middle, long] = [await bytesFor(256), await bytesFor(1024), await bytesFor(4096)];
    console.info(`attention: ${short}, ${middle}, ${long} bytes at 256, 1,024 and 4,096 positions`);
    expect(middle / short).toBeCloseTo(4, 1);
    expect(long / middle).toBeCloseTo(4, 1);
    // One matrix of scores of one head would take more than everything together.
    expect(long).toBeLessThan(4 * 4096 * 4096);
  });
});

describe('dropout', () => {
  const [heads, rows, keys] = [2, 6, 64];
  const p = 0.25;
  const identity = Float32Array.from({ length: keys * keys }, (_, i) => (i % (keys + 1) === 0 ? 1 : 0));
  /** Value is the identity, so that y is the matrix of weights after dropout. */
  const inputs: HostInputs = {
    query: values([heads, rows, 4]),
    key: values([heads, keys, 4]),
    value: { shape: [keys, keys], dtype: 'f32', data: identity },
  };
  const run = (options: { training: boolean; seed: number }) =>
    runGraph(
      device,
      inputs,
      ({ query, key, value }) => ({ y: scaledDotProductAttention(query, key, value, { dropoutP: p }) }),
      { ...options, gradOutputs: { y: values([heads, rows, keys]) }, wrt: ['query', 'key', 'value'] },
    );

  it('drops that part of the weights and scales the others', async () => {
    const [kept, dropped] = [await run({ training: false, seed: 1 }), await run({ training: true, seed: 1 })];
    const weights = kept.outputs.y.data;
    const after = dropped.outputs.y.data;
    let zeros = 0;
    after.forEach((weight, i) => {
      if (weight === 0) zeros++;
      else expect(weight).toBeCloseTo(weights[i] / (1 - p), 5);
    });
    expect(zeros / after.length).toBeGreaterThan(p - 0.06);
    expect(zeros / after.length).toBeLessThan(p + 0.06);
  });

  it('is the same for the same seed only', async () => {
    const [a, b, c] = [1, 1, 2].map((seed) => run({ training: true, seed }));
    expect((await a).outputs.y.data).toEqual((await b).outputs.y.data);
    expect((await a).outputs.y.data).not.toEqual((await c).outputs.y.data);
  });

  it('drops the same weights in the backward pass', async () => {
    const weights = (await run({ training: false, seed: 3 })).outputs.y.data;
    const { outputs, gradInputs } = await run({ training: true, seed: 3 });
    const after = outputs.y.data;
    const dy = values([heads, rows, keys]).data;
    const { query, key } = inputs;
    const dvalue = new Float64Array(keys * keys);
    const dquery = new Float64Array(query.data.length);
    const dkey = new Float64Array(key.data.length);
    for (let h = 0; h < heads; h++) {
      for (let i = 0; i < rows; i++) {
        const at = (h * rows + i) * keys;
        let delta = 0;
        for (let j = 0; j < keys; j++) delta += after[at + j] * dy[at + j];
        for (let j = 0; j < keys; j++) {
          for (let d = 0; d < keys; d++) dvalue[j * keys + d] += after[at + j] * dy[at + d];
          const dscore = after[at + j] * dy[at + j] - weights[at + j] * delta;
          for (let d = 0; d < 4; d++) {
            dquery[(h * rows + i) * 4 + d] += 0.5 * dscore * key.data[(h * keys + j) * 4 + d];
            dkey[(h * keys + j) * 4 + d] += 0.5 * dscore * query.data[(h * rows + i) * 4 + d];
          }
        }
      }
    }
    for (const [name, want] of Object.entries({ query: dquery, key: dkey, value: dvalue })) {
      gradInputs[name].data.forEach((got, i) => {
        expect(got, `${name}[${i}]`).toBeCloseTo(want[i], 4);
      });
    }
  });
});

describe('errors', () => {
  const record = (shapes: Record<string, number[]>, attrs = {}) => {
    const graph = new Graph();
    const tensors = Object.entries(shapes).map(([name, shape]) => [name, graph.input(name, shape)] as const);
    return () => scaledDotProductAttention.info.call(Object.fromEntries(tensors), attrs, graph);
  };

  it('names the argument whose shape is wrong', () => {
    const qkv = { query: [2, 3, 4], key: [2, 5, 4], value: [2, 5, 4] };
    expect(record({ ...qkv, attnMask: [3, 4] })).toThrow(
      /attnMask is \[3, ?4\].*broadcasts to \[2, ?3, ?5\]/,
    );
    expect(record({ ...qkv, key: [2, 5, 3] })).toThrow(/key is .*head size 4/);
    expect(record({ ...qkv, value: [2, 6, 4] })).toThrow(/value is .*5 positions/);
    expect(record({ ...qkv, query: [4] })).toThrow(/query is .*head size/);
    expect(record({ ...qkv, key: [3, 5, 4], value: [3, 5, 4] })).toThrow(/broadcast/);
    expect(record({ ...qkv, query: [3, 3, 4] }, { enableGqa: true })).toThrow(/key is .*divides the 3/);
  });
});

/** Values that look random and are the same on every run. */
function values(shape: number[]) {
  const size = shape.reduce((a, b) => a * b, 1);
  const data = Float32Array.from({ length: size }, (_, i) => Math.sin(12.9898 * (i + 1)));
  return { shape, dtype: 'f32' as const, data };
}
