/** Values of every kind as inputs, targets and tokens: by value, or refused by name. */
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import type { AnyTypedArray } from '../numbers';
import { ArrayDataset, type ArrayDatasetInit, IGNORED_LABEL } from './dataset';
import { hostTensor, type TensorData } from './host-tensor';
import { CharTokenizer, labelledTexts, padSequences, TokenWindows } from './text';

type ArrayKind = { name: string; of(...values: any[]): AnyTypedArray };
const FLOATS: ArrayKind[] = [Float32Array, Float64Array];
const INTEGERS: ArrayKind[] = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
];
const BIG: ArrayKind[] = [BigInt64Array, BigUint64Array];
const float16 = (globalThis as { Float16Array?: ArrayKind }).Float16Array;
if (float16) FLOATS.push(float16);

const make = (kind: ArrayKind, values: number[]) =>
  kind.of(...(BIG.includes(kind) ? values.map(BigInt) : values));

const dataset = (init: Partial<ArrayDatasetInit> & Record<string, unknown>) =>
  ArrayDataset.fromArrays({ x: [[1], [2]], y: [0, 1], ...init } as ArrayDatasetInit);

describe('inputs', () => {
  it.each([...FLOATS, ...INTEGERS, ...BIG].map((kind) => [kind.name, kind] as const))(
    'are taken from %s',
    (name, kind) => {
      const data = dataset({ x: make(kind, [1, 2, 250, 4]), xShape: [2] });
      const isBytes = name.startsWith('Uint8');
      const values = name === 'Int8Array' ? [1, 2, -6, 4] : [1, 2, 250, 4];
      expect([...data.inputs()]).toEqual(
        values.map((value) => Math.fround(isBytes ? value * Math.fround(1 / 255) : value)),
      );
    },
  );

  it('are taken from lists, which have a shape', () => {
    const nested = dataset({ x: [[[1, 2]], [[3, 4.5]]] });
    expect([nested.xShape, [...nested.x]]).toEqual([
      [1, 2],
      [1, 2, 3, 4.5],
    ]);
    expect(dataset({ x: [[[1, 2]], [[3, 4]]], xShape: [2] }).xShape).toEqual([2]);
    expect(dataset({ x: [1, 2, 3, 4], xShape: [2] }).length).toBe(2);
    expect([...dataset({ x: [Float64Array.of(1, 2), Uint8Array.of(3, 4)] }).x]).toEqual([1, 2, 3, 4]);
    expect([...dataset({ x: [[true], [false]] }).x]).toEqual([1, 0]);
  });
});

describe('targets', () => {
  it.each([...INTEGERS, ...BIG].map((kind) => [kind.name, kind] as const))(
    'are classes from %s',
    (_, kind) => {
      expect(dataset({ y: make(kind, [0, 2]) })).toMatchObject({ y: Int32Array.of(0, 2), classCount: 3 });
    },
  );

  it.each(FLOATS.map((kind) => [kind.name, kind] as const))('are numbers from %s', (_, kind) => {
    expect(dataset({ y: make(kind, [0, 2]) })).toMatchObject({
      y: Float32Array.of(0, 2),
      classCount: undefined,
    });
  });

  it('from lists are classes where they can be', () => {
    expect(dataset({ y: [0, 2] })).toMatchObject({ y: Int32Array.of(0, 2), yShape: [], classCount: 3 });
    expect(dataset({ y: [0, IGNORED_LABEL] })).toMatchObject({ y: Int32Array.of(0, IGNORED_LABEL) });
    expect(dataset({ y: [[0], [1]] })).toMatchObject({ y: Int32Array.of(0, 1), yShape: [1] });
    expect(dataset({ y: [0.5, 2] })).toMatchObject({ y: Float32Array.of(0.5, 2), classCount: undefined });
    expect(dataset({ y: [-1, 1] })).toMatchObject({ y: Float32Array.of(-1, 1) });
  });
});

describe('refuses', () => {
  it.each<[string, Record<string, unknown>, RegExp]>([
    ['null', { x: [[1], [null]] }, /data: x is null at \[1\]\[0\]; expected a number/],
    ['a text', { x: [['abc'], [2]] }, /x is "abc" at \[0\]\[0\]/],
    ['a number as text', { x: [['1'], [2]] }, /x is "1" at \[0\]\[0\]/],
    ['undefined', { x: [[1], [undefined]] }, /undefined at \[1\]\[0\]/],
    [
      'ragged rows',
      { x: [[1, 2], [3]] },
      /x is a list of 1 at \[1\]; expected lists of equal length: \[2, 2\]/,
    ],
    ['NaN', { x: [[1], [Number.NaN]] }, /x of sample 1, position 0, is NaN/],
    [
      'large whole numbers',
      { x: BigInt64Array.of(2n ** 24n + 1n, 1n), xShape: [1] },
      /16777217 at 0.*float32 can hold/,
    ],
    [
      'a DataView',
      { x: new DataView(new ArrayBuffer(8)), xShape: [1] },
      /x is a DataView; expected a typed array/,
    ],
    ['bytes without an array', { x: new ArrayBuffer(8), xShape: [1] }, /x is an ArrayBuffer/],
    ['a record', { x: { 0: 1 } }, /x is \{"0": 1\}; expected a typed array/],
    ['another shape', { xShape: [3] }, /xShape is \[3\]; expected as many values as the samples \[1\] have/],
    ['no shape', { x: [1, 2] }, /xShape is missing; expected the shape of one sample/],
    ['a shape that is none', { xShape: 1 }, /xShape is 1/],
    ['a label between classes', { y: [0, 0.5], classes: ['a', 'b'] }, /labels is 0\.5 at 1; expected whole/],
    [
      'float labels with names',
      { y: Float32Array.of(0, 0.5), classes: ['a', 'b'] },
      /label of sample 1 is 0\.5/,
    ],
    ['a label beyond the classes', { y: [0, 2], classes: ['a', 'b'] }, /label of sample 1 is 2; .* 0\.\.1/],
    ['a negative label', { y: Int32Array.of(0, -1) }, /label of sample 1 is -1/],
    ['a label of 64 bits', { y: BigInt64Array.of(0n, 2n ** 40n) }, /1099511627776 at 1/],
    ['null for a label', { y: [0, null] }, /y is null at \[1\]/],
    ['another number of labels', { y: [0, 1, 1] }, /3 targets; expected 2/],
    ['unknown options', { xshape: [1] }, /xshape is not an option.*Did you mean xShape\?/],
    ['options of Python', { x_shape: [1] }, /Did you mean xShape\?/],
  ])('%s', (_, init, message) => {
    expect(() => dataset(init)).toThrow(GradloomError);
    expect(() => dataset(init)).toThrow(message);
  });
});

describe('tensors of the host', () => {
  const read = (value: unknown) => hostTensor(value as TensorData, { op: 'test', argument: 'x' });
  it.each<[string, unknown, object]>([
    ['bytes as floats', Uint8ClampedArray.of(1, 255), { dtype: 'f32', data: Float32Array.of(1, 255) }],
    ['doubles', Float64Array.of(0.1), { dtype: 'f32', data: Float32Array.of(0.1) }],
    ['whole numbers', Uint16Array.of(65535), { dtype: 'i32', data: Int32Array.of(65535) }],
    ['big ones', BigInt64Array.of(-5n), { dtype: 'i32', data: Int32Array.of(-5) }],
    [
      'rows that are arrays',
      [Float32Array.of(1), Int8Array.of(2)],
      { shape: [2, 1], data: Float32Array.of(1, 2) },
    ],
    ['a list as int32', { shape: [1], data: [3], dtype: 'i32' }, { dtype: 'i32', data: Int32Array.of(3) }],
    ['a mask', { shape: [3], data: [0, 2, Number.NaN], dtype: 'bool' }, { data: Float32Array.of(0, 1, 1) }],
    ['one number', 2.5, { shape: [], data: Float32Array.of(2.5) }],
  ])('are %s', (_, value, expected) => {
    expect(read(value)).toMatchObject(expected);
  });

  const circular: unknown[] = [];
  circular.push(circular);
  it.each<[string, unknown, RegExp]>([
    ['null in data', { shape: [2], data: [1, null] }, /x is null at 1; expected numbers/],
    ['text in data', { shape: [1], data: ['5'] }, /x is "5" at 0/],
    [
      'a fraction for int32',
      { shape: [1], data: [1.5], dtype: 'i32' },
      /x is 1\.5 at 0; expected whole numbers/,
    ],
    [
      'an unknown type',
      { shape: [1], data: [1], dtype: 'int' },
      /x is "int"; expected 'f32', 'i32' or 'bool'/,
    ],
    ['no data', { shape: [1], data: undefined }, /x is undefined; expected a typed array/],
    ['other values than the shape', { shape: [3], data: [1, 2] }, /2 values; expected 3 for \[3\]/],
    ['a large whole number', Uint32Array.of(2 ** 31), /2147483648 at 0; expected whole numbers of 32 bits/],
    ['a list in itself', circular, /a list at .*32 dimensions/],
    ['bytes without an array', new ArrayBuffer(4), /an ArrayBuffer at \[\]/],
    ['a promise', Promise.resolve(), /a Promise at \[\]/],
  ])('refuse %s', (_, value, message) => {
    expect(() => read(value)).toThrow(GradloomError);
    expect(() => read(value)).toThrow(message);
  });
});

describe('tokens', () => {
  const options = { blockSize: 2, vocabSize: 5 };
  it('are whole numbers of every kind', () => {
    for (const kind of [...FLOATS, ...INTEGERS, ...BIG]) {
      expect(new TokenWindows(make(kind, [1, 2, 3]), options).tokens).toEqual(Int32Array.of(1, 2, 3));
    }
    expect(new TokenWindows([1, 2, 3], options).length).toBe(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['fractions', [1, 1.5, 2], /tokens of text is 1\.5 at 1/],
    ['NaN', Float32Array.of(1, Number.NaN, 2), /NaN at 1/],
    ['null', [1, null, 2], /null at 1/],
    ['a text', 'abc', /"abc"; expected a typed array/],
    ['tokens out of range', BigInt64Array.of(1n, 9n, 2n), /token 1 of text is 9/],
  ])('are no %s', (_, tokens, message) => {
    expect(() => new TokenWindows(tokens as number[], options)).toThrow(message);
  });

  it('of sequences and labels are checked, too', () => {
    expect(() => padSequences([[1], [1, 1.5]])).toThrow(/sequence 1 of sequences is 1\.5 at 1/);
    const tokenizer = new CharTokenizer('ab');
    expect(() => labelledTexts(['a', 'b'], [0, 0.5], tokenizer)).toThrow(/labels is 0\.5 at 1/);
    expect(() => labelledTexts(['a'], [[null as unknown as number]], tokenizer)).toThrow(/null at 0/);
    expect(() => padSequences([[1]], { lenght: 2 } as object)).toThrow(/Did you mean length\?/);
  });
});
