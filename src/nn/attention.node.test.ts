/** What MultiheadAttention, the transformer layers and positions refuse, each with its own error. */
import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/ir/graph';
import { LearnedPositions, MultiheadAttention, rotaryPositions } from './index';

const record = (query: number[], key?: number[], masks: Record<string, number[]> = {}) => {
  const graph = new Graph();
  const module = new MultiheadAttention(8, 2, { batchFirst: true });
  const given = Object.entries(masks).map(([name, shape]) => [name, graph.input(name, shape, 'bool')]);
  const q = graph.input('query', query);
  const k = key ? graph.input('key', key) : q;
  return () => module.forward(q, k, k, Object.fromEntries(given));
};

describe('MultiheadAttention refuses', () => {
  it('heads that do not divide the features', () => {
    expect(() => new MultiheadAttention(8, 3)).toThrow(/numHeads is 3; expected a divisor of embedDim 8/);
    expect(() => new MultiheadAttention(8, 0)).toThrow(/numHeads/);
  });

  it('inputs of the wrong shape', () => {
    expect(record([2, 3, 8])).not.toThrow();
    expect(record([2, 0, 8])).toThrow(/query is .*at least one position/);
    expect(record([2, 3, 7])).toThrow(/query is .*8\]/);
    expect(record([3, 8])).not.toThrow();
    expect(record([8])).toThrow(/query is/);
    expect(record([2, 3, 8], [1, 3, 8])).toThrow(/key is .*2 \(batch\)/);
  });

  it('masks of the wrong shape', () => {
    expect(record([2, 3, 8], [2, 5, 8], { attnMask: [3, 5], keyPaddingMask: [2, 5] })).not.toThrow();
    expect(record([2, 3, 8], [2, 5, 8], { attnMask: [5, 3] })).toThrow(
      /attnMask is .*\[3, ?5\] or \[4, ?3, ?5\]/,
    );
    expect(record([2, 3, 8], [2, 5, 8], { keyPaddingMask: [2, 3] })).toThrow(/keyPaddingMask is .*\[2, ?5\]/);
  });
});

describe('positions refuse', () => {
  it('sequences that are empty or too long', () => {
    const add = (length: number) => () =>
      new LearnedPositions(4, 2).forward(new Graph().input('x', [1, length, 2]));
    expect(add(4)).not.toThrow();
    expect(add(5)).toThrow(/a sequence of 5 positions; expected 1 to 4.*more positions/);
    expect(add(0)).toThrow(/a sequence of 0 positions.*at least one token/);
  });

  it('an odd head size to rotate', () => {
    expect(() => rotaryPositions(new Graph().input('x', [1, 2, 3]))).toThrow(/last dimension of 3/);
  });
});
