/** Literals as operands: which constants they become, and what is refused with which words. */
import { describe, expect, it } from 'vitest';
import type { GradloomError } from '../../errors';
import { add, cat, crossEntropy, embedding, gather, linear, mul, softmax, where } from '../../ops';
import { Graph, type Tensor } from './graph';
import type { Operand } from './operand';

const graph = new Graph();
const x = graph.input('x', [2, 3]);
const whole = graph.input('whole', [2, 3], 'i32');
const mask = graph.input('mask', [2, 3], 'bool');

/** The constant that an operand became as the input `name` of the last recorded call. */
function constantOf(y: Tensor, name: string) {
  const { leaf } = (y.node!.inputs[name] as Tensor).storage;
  if (leaf?.kind !== 'constant') throw new Error(`${name} is no constant`);
  const { shape, dtype } = y.node!.inputs[name] as Tensor;
  return { shape, dtype, values: [...leaf.data] };
}

function errorOf(run: () => unknown): GradloomError {
  try {
    run();
  } catch (error) {
    return error as GradloomError;
  }
  throw new Error('nothing was thrown');
}

describe('nested arrays', () => {
  it.each<[Operand, { shape: number[]; dtype: string; values: number[] }]>([
    [[1, 2.5, 3], { shape: [3], dtype: 'f32', values: [1, 2.5, 3] }],
    [[[1], [-2]], { shape: [2, 1], dtype: 'f32', values: [1, -2] }],
    [[true, false, true], { shape: [3], dtype: 'f32', values: [1, 0, 1] }],
    [Float32Array.of(1, 2, 3), { shape: [3], dtype: 'f32', values: [1, 2, 3] }],
    [[], { shape: [0], dtype: 'f32', values: [] }],
  ])('%j beside floats', (literal, expected) => {
    const other = Array.isArray(literal) && literal.length === 0 ? graph.input('none', [0]) : x;
    expect(constantOf(add(other, literal), 'other')).toEqual(expected);
  });

  it('are whole numbers beside whole numbers and masks, floats with a fraction', () => {
    expect(constantOf(add(whole, [1, 2, 3]), 'other').dtype).toBe('i32');
    expect(constantOf(add(whole, [true, false, true]), 'other')).toMatchObject({
      dtype: 'i32',
      values: [1, 0, 1],
    });
    expect(constantOf(add(mask, [1, 2, 3]), 'other').dtype).toBe('i32');
    expect(constantOf(add(whole, [1, 2, 0.5]), 'other').dtype).toBe('f32');
    expect(constantOf(add(whole, 1e10), 'other').dtype).toBe('f32');
  });

  it('are masks and indices where the op wants such', () => {
    expect(constantOf(where([true, false, true], x, 0), 'condition')).toMatchObject({ dtype: 'bool' });
    expect(where(mask, 1, 0).dtype).toBe('i32');
    expect(where(mask, 0.5, 1).dtype).toBe('f32');
    expect(where([1, 0, 1], 1, whole).dtype).toBe('i32');
    expect(constantOf(gather(x, [[0], [2]], { dim: 1 }), 'index')).toMatchObject({
      dtype: 'i32',
      shape: [2, 1],
    });
    expect(crossEntropy(x, [0, 2]).shape).toEqual([]);
    expect(embedding([[0, 1]], x).shape).toEqual([1, 2, 3]);
  });

  it('leave lists of tensors what they are, also with literals among them', () => {
    expect(cat([x, x]).shape).toEqual([4, 3]);
    expect(cat([x, [[1, 2, 3]]]).shape).toEqual([3, 3]);
    expect(cat([[[1, 2, 3]], whole]).dtype).toBe('i32');
  });

  it('are what optional inputs take too', () => {
    expect(linear(x, [[1, 0, 1]], [0.5]).shape).toEqual([2, 1]);
  });
});

describe('float16', () => {
  const half = graph.input('half', [3], 'f16');
  it('is not widened by numbers', () => {
    const made = [mul(half, 0.1), add(2, half), where([true, false, true], half, 0), where(mask, 1, half)];
    expect(made.map(({ dtype }) => dtype)).toEqual(['f16', 'f16', 'f16', 'f16']);
  });
});

describe('errors', () => {
  const call = (op: unknown, ...args: unknown[]) =>
    errorOf(() => (op as (...a: unknown[]) => unknown)(...args));

  it.each<[string, () => GradloomError, Partial<GradloomError>]>([
    [
      'ragged rows',
      () =>
        call(add, x, [
          [1, 2, 3],
          [1, 2],
        ]),
      {
        code: 'shape',
        op: 'add',
        argument: 'other[1]',
        got: '2 entries',
        expected: '3 entries, as in the first row',
      },
    ],
    [
      'a number among rows',
      () => call(add, x, [[1, 2], 3]),
      { code: 'shape', argument: 'other[1]', got: '3' },
    ],
    [
      'a row among numbers',
      () => call(add, x, [1, [2]]),
      { code: 'shape', argument: 'other[1]', got: 'a row', expected: 'a number, as the first entry' },
    ],
    [
      'a text',
      () => call(add, x, '0.5'),
      { code: 'argument', op: 'add', argument: 'other', got: '"0.5"', fix: 'Use the number 0.5' },
    ],
    ['undefined', () => call(add, x, undefined), { argument: 'other', got: 'undefined', fix: undefined }],
    ['null', () => call(mul, null, x), { argument: 'x', got: 'null' }],
    ['nothing', () => call(add, x), { argument: 'other', got: 'missing' }],
    ['a function', () => call(add, x, () => 1, {}), { argument: 'other', got: 'a function' }],
    ['an object', () => call(add, {}, x), { argument: 'x', got: 'an object' }],
    ['null in an array', () => call(add, x, [1, null, 2]), { argument: 'other[1]', got: 'null' }],
    [
      'tensors in an array',
      () => call(add, x, [x, x]),
      { argument: 'other[0]', got: 'a single tensor', fix: 'Join tensors with stack or cat' },
    ],
    [
      'a tensor for a list',
      () => call(cat, x),
      { argument: 'tensors', got: 'a single tensor', expected: 'a list of tensors' },
    ],
    [
      'NaN as an index',
      () => call(gather, x, [[0], [Number.NaN]], { dim: 1 }),
      { code: 'dtype', op: 'gather', argument: 'index', got: 'NaN', expected: 'whole numbers of 32 bits' },
    ],
    ['a fraction as an index', () => call(embedding, [0.5], x), { code: 'dtype', argument: 'x', got: '0.5' }],
    [
      'an attribute by position',
      () => call(softmax, x, 1),
      { argument: 'argument 2', got: '1', fix: 'Attributes go into an object: softmax(x, { dim: 1 })' },
    ],
    ['no tensor', () => call(add, 1, 2), { op: 'add', got: 'no symbolic tensor among the arguments' }],
  ])('%s', (_, run, expected) => {
    expect(run()).toMatchObject({ name: 'GradloomError', ...expected });
  });

  it('are the same for inputs by name', () => {
    expect(errorOf(() => add.info.call({ x, other: '1' as unknown as number }))).toMatchObject({
      argument: 'other',
      got: '"1"',
    });
    expect(add.info.call({ x: 1, other: x }).y.shape).toEqual([2, 3]);
  });
});
