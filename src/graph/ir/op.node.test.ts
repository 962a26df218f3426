/** What a wrong call of an op tells its user: the op, the argument, what it got, what it expected and a way out. */
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../../errors';
import { add } from '../../ops/elementwise';
import { gather } from '../../ops/indexing';
import { cat, permute, reshape, split } from '../../ops/layout';
import { softmax } from '../../ops/softmax';
import * as z from '../../schema';
import { Graph, Tensor } from './graph';
import { defineOp, notDifferentiable } from './op';

/** The error that `run` throws. */
function errorOf(run: () => unknown): GradloomError {
  try {
    run();
  } catch (error) {
    if (error instanceof GradloomError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const graph = new Graph();
const x = graph.input('x', [2, 3]);
const index = graph.input('index', [2, 3], 'i32');

describe('attributes', () => {
  it('names the nearest known attribute', () => {
    const error = errorOf(() => softmax.info.call({ x }, { dims: 1 }));
    expect(error).toMatchObject({ code: 'argument', op: 'softmax', argument: 'dims' });
    expect(error.message).toContain('Did you mean dim?');
  });

  it('lists the known ones when none is near', () => {
    const error = errorOf(() => permute.info.call({ x }, { dims: [1, 0], quite: 1 }));
    expect(error).toMatchObject({ argument: 'quite', expected: 'one of dims' });
    expect(error.fix).toBeUndefined();
  });

  it('says which one has the wrong type and what it got', () => {
    const error = errorOf(() => softmax.info.call({ x }, { dim: 'last' }));
    expect(error).toMatchObject({ code: 'argument', op: 'softmax', argument: 'dim', got: '"last"' });
  });

  it('says when one is missing', () => {
    expect(errorOf(() => reshape.info.call({ x }, {}))).toMatchObject({ op: 'reshape', argument: 'shape' });
  });

  it('checks ranges: a dimension that the tensor does not have', () => {
    const error = errorOf(() => softmax(x, { dim: 2 }));
    expect(error).toMatchObject({ argument: 'dim', got: '2', expected: 'a dimension from -2 to 1' });
  });
});

describe('inputs', () => {
  it('names the nearest known input', () => {
    const error = errorOf(() => add.info.call({ x, others: x }));
    expect(error).toMatchObject({ code: 'argument', op: 'add', argument: 'others' });
    expect(error.message).toContain('Did you mean other?');
  });

  it('says when one is missing', () => {
    expect(errorOf(() => add.info.call({ x }))).toMatchObject({ argument: 'other', got: 'missing' });
  });

  it('refuses a tensor of another type and says how to convert it', () => {
    const error = errorOf(() => softmax(index));
    expect(error).toMatchObject({
      code: 'dtype',
      op: 'softmax',
      argument: 'x',
      got: 'i32 [2, 3]',
      expected: 'f32',
    });
    expect(error.fix).toContain('cast');
    expect(errorOf(() => gather(x, x, { dim: 0 }))).toMatchObject({
      code: 'dtype',
      argument: 'index',
      expected: 'i32',
    });
  });

  it('takes bool where float32 is expected', () => {
    const mask = new Graph().input('mask', [2, 3], 'bool');
    expect(softmax(mask).shape).toEqual([2, 3]);
  });

  it('refuses shapes that do not fit, with both', () => {
    const error = errorOf(() => add(x, graph.input('other', [2, 4])));
    expect(error).toMatchObject({ code: 'shape', op: 'add' });
    expect(error.message).toContain('[2, 3]');
    expect(error.message).toContain('[2, 4]');
    expect(errorOf(() => reshape(x, { shape: [4, -1] }))).toMatchObject({ code: 'shape', argument: 'shape' });
    expect(errorOf(() => cat([x, index], { dim: 0 }))).toMatchObject({
      code: 'dtype',
      argument: 'tensors[1]',
    });
  });

  it('refuses one tensor too many, and tensors of two graphs', () => {
    const call = softmax as unknown as (...args: unknown[]) => unknown;
    expect(errorOf(() => call(x, x))).toMatchObject({ code: 'argument', argument: 'argument 2' });
    const foreign = new Graph().input('y', [2, 3]);
    expect(errorOf(() => add(x, foreign)).message).toContain('another graph');
  });
});

describe('graphs', () => {
  it('refuse sizes that are no whole numbers', () => {
    expect(errorOf(() => new Graph().input('x', [2, 1.5]))).toMatchObject({ code: 'shape', argument: 'x' });
    expect(errorOf(() => new Graph().input('x', [-1]))).toMatchObject({ code: 'shape', argument: 'x' });
  });
});

describe('lists of outputs', () => {
  it('are an array from the function and y0, y1, ... by name', () => {
    const parts = split(x, { splitSizeOrSections: [1, 2], dim: 1 });
    expect(parts.map((part) => part.shape)).toEqual([
      [2, 1],
      [2, 2],
    ]);
    expect(parts.every((part) => part instanceof Tensor)).toBe(true);
    const named = split.info.call({ x }, { splitSizeOrSections: 2, dim: 1 });
    expect(Object.keys(named)).toEqual(['y0', 'y1']);
  });
});

describe('ops without a gradient', () => {
  it('say why', () => {
    const op = defineOp({
      name: 'example',
      doc: 'Example.',
      inputs: ['x'],
      outputs: ['y'],
      attrs: z.strictObject({}),
      shape: (inputs) => ({ y: inputs.x.shape }),
      backward: notDifferentiable('it is constant'),
    });
    expect(op.info.differentiable).toMatchObject({ reason: 'it is constant' });
  });
});
