/** State dicts of any origin: tied weights, foreign arrays, names of objects, and what is refused. */
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import type { StateDict } from '../io/state-dict';
import { Linear, Module } from '.';

class Tied extends Module {
  readonly encoder = new Linear(2, 2, { bias: false });
  readonly decoder = new Linear(2, 2, { bias: false });
  constructor() {
    super();
    Object.assign(this.decoder, { weight: this.encoder.weight });
  }
  override forward(): never {
    throw new Error('not called');
  }
}

const weight = (...data: number[]) => ({ shape: [2, 2], data: Float32Array.from(data) });

describe('tied weights', () => {
  it.each([['encoder.weight'], ['decoder.weight']])('load from a file that has them as %s alone', (name) => {
    const model = new Tied().loadStateDict({ [name]: weight(1, 2, 3, 4) });
    expect([...model.encoder.weight.data!]).toEqual([1, 2, 3, 4]);
    expect(Object.keys(model.stateDict())).toEqual(['encoder.weight', 'decoder.weight']);
  });

  it('load from a file that has them twice, when both are the same', () => {
    const [a, b] = [weight(1, 2, 3, Number.NaN), weight(1, 2, 3, Number.NaN)];
    const model = new Tied().loadStateDict({ 'encoder.weight': a, 'decoder.weight': b });
    expect([...model.decoder.weight.data!]).toEqual([1, 2, 3, Number.NaN]);
    const state = { 'encoder.weight': a, 'decoder.weight': weight(1, 2, 3, 5) };
    expect(() => model.loadStateDict(state)).toThrow(/decoder\.weight is other values than encoder\.weight/);
    expect([...model.decoder.weight.data!]).toEqual([1, 2, 3, Number.NaN]);
  });
});

describe('loadStateDict', () => {
  const load = (state: unknown, options?: object) => () =>
    new Linear(2, 2, { bias: false }).loadStateDict(state as StateDict, options);

  it('converts by value', () => {
    const model = new Linear(2, 2, { bias: false });
    for (const data of [[1, 2, 3, 4], Float64Array.of(1, 2, 3, 4), BigInt64Array.of(1n, 2n, 3n, 4n)]) {
      model.loadStateDict({ weight: { shape: [2, 2], data } } as unknown as StateDict);
      expect([...model.weight.data!]).toEqual([1, 2, 3, 4]);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ['null among values', { weight: { shape: [2, 2], data: [1, null, 3, 4] } }, /weight is null at 1/],
    ['a bare array', { weight: new Float32Array(4) }, /weight is a Float32Array; expected a tensor/],
    ['another shape', { weight: { shape: [4], data: new Float32Array(4) } }, /weight is \[4\] with 4 values/],
    ['a Map', new Map(), /state is a Map; .*fromEntries/],
    ['a list', [], /state is \[\]/],
    ['null', null, /state is null/],
    ['nothing', {}, /weight is missing/],
    ['names that all objects have', { constructor: weight(1, 2, 3, 4) }, /constructor is not in the model/],
  ])('refuses %s', (_, state, message) => {
    expect(load(state)).toThrow(GradloomError);
    expect(load(state)).toThrow(message);
  });

  it('knows its options, and what it ignores', () => {
    expect(load({}, { stric: false })).toThrow(/stric is not an option.*strict\?/);
    const counter = { shape: [], data: Float32Array.of(2 ** 30) };
    const state = {
      weight: weight(1, 2, 3, 4),
      num_batches_tracked: counter,
      'bn.num_batches_tracked': counter,
    };
    expect(load(state)).not.toThrow();
    expect(load({ weight: weight(1, 2, 3, 4), other_num_batches_tracked: counter })).toThrow(
      /not in the model/,
    );
  });
});

describe('Variable.data', () => {
  const assign = (data: unknown) => {
    const { weight } = new Linear(2, 2);
    weight.data = data as Float32Array;
    return [...weight.data!];
  };

  it('takes numbers of every kind by value', () => {
    for (const Kind of [Float64Array, Int8Array, Uint8ClampedArray, Uint16Array, Int32Array, Uint32Array]) {
      expect(assign(Kind.of(1, 2, 3, 4))).toEqual([1, 2, 3, 4]);
    }
    expect(assign(BigInt64Array.of(1n, 2n, 3n, -4n))).toEqual([1, 2, 3, -4]);
    expect(assign([1, 2.5, Number.NaN, Infinity])).toEqual([1, 2.5, Number.NaN, Infinity]);
  });

  it.each<[unknown, RegExp]>([
    [[1, null, 3, 4], /data is null at 1; expected numbers/],
    [[1, 'abc', 3, 4], /data is "abc" at 1/],
    [['1', '2', '3', '4'], /data is "1" at 0/],
    [
      [
        [1, 2],
        [3, 4],
      ],
      /data is a list at 0/,
    ],
    [[1, 2, 3], /data is 3 values; expected 4 for \[2, 2\]/],
    ['1234', /data is "1234"; expected a typed array or a list/],
    [new DataView(new ArrayBuffer(16)), /data is a DataView/],
    [BigInt64Array.of(1n, 2n, 3n, 2n ** 24n + 1n), /data is 16777217 at 3; .*float32 can hold/],
  ])('refuses values %#', (data, message) => {
    expect(() => assign(data)).toThrow(message);
  });
});
