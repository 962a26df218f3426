/** What the reference cases of the losses cannot say: bad labels, fused reductions, errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import type { Tensor } from '../../graph/ir/graph';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { type HostInputs, runGraph } from '../../graph/runtime/run-graph';
import { accuracy } from './accuracy';
import { crossEntropy, nllLoss } from './cross-entropy';
import { binaryCrossEntropy, mseLoss } from './elementwise';
import { multiMarginLoss } from './multi-margin';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const scores = (rows: number, classes: number): HostInputs[string] => ({
  shape: [rows, classes],
  dtype: 'f32',
  data: Float32Array.from({ length: rows * classes }, (_, i) => Math.sin(i)),
});
const indices = (...values: number[]): HostInputs[string] => ({
  shape: [values.length],
  dtype: 'i32',
  data: Int32Array.from(values),
});

describe('a class index out of range', () => {
  it.each([
    { op: crossEntropy, classes: 5 },
    { op: crossEntropy, classes: 100 },
    { op: nllLoss, classes: 5 },
    { op: multiMarginLoss, classes: 5 },
  ])('gives $op.info.name of $classes classes NaN in its row alone', async ({ op, classes }) => {
    const inputs = { x: scores(4, classes), target: indices(1, classes, -1, 2) };
    const gradOutputs = { y: { shape: [4], data: new Float32Array(4).fill(1) } };
    const compute = ({ x, target }: Record<string, Tensor>) =>
      op.info.call({ x, target }, { reduction: 'none' });
    const { outputs, gradInputs } = await runGraph(device, inputs, compute, { gradOutputs, wrt: ['x'] });
    expect(Array.from(outputs.y.data, Number.isNaN)).toEqual([false, true, true, false]);
    for (const row of [0, 3]) {
      const values = gradInputs.x.data.slice(row * classes, (row + 1) * classes);
      expect(Array.from(values).every(Number.isFinite)).toBe(true);
    }
  });

  it('is wrong for accuracy', async () => {
    const inputs = { x: scores(2, 3), target: indices(3, -1) };
    const { outputs } = await runGraph(device, inputs, ({ x, target }) => ({ y: accuracy(x, target) }));
    expect(outputs.y.data[0]).toBe(0);
  });
});

/** Dispatches of loss and gradient for `rows` rows of `classes` classes. */
async function dispatches(
  loss: (x: Tensor, target: Tensor) => Tensor,
  x: number[],
  target: number[],
  dtype: 'f32' | 'i32',
) {
  const compiled = (withGradient: boolean) => {
    const graph = new Graph({ training: true });
    const [input, labels] = [graph.input('x', x), graph.input('target', target, dtype)];
    const y = loss(input, labels);
    if (!withGradient) return compile(device, graph, { outputs: { y } });
    const [dx] = gradients([y], [graph.constant(new Float32Array([1]), [])], [input]);
    return compile(device, graph, { outputs: { y, dx: dx! } });
  };
  const [forward, both] = [await compiled(false), await compiled(true)];
  forward.destroy();
  both.destroy();
  return [forward.statistics.dispatches, both.statistics.dispatches];
}

describe('dispatches', () => {
  it('crossEntropy of a small batch takes one, its gradient another', async () => {
    expect(await dispatches(crossEntropy, [256, 10], [256], 'i32')).toEqual([1, 2]);
    expect(await dispatches(crossEntropy, [410, 10], [410], 'i32')).toEqual([2, 3]);
  });

  it('mseLoss likewise', async () => {
    expect(await dispatches(mseLoss, [64, 64], [64, 64], 'f32')).toEqual([1, 2]);
    expect(await dispatches(mseLoss, [65, 64], [65, 64], 'f32')).toEqual([2, 3]);
  });
});

describe('errors', () => {
  const graph = new Graph();
  const x = graph.input('x', [4, 3]);
  const labels = (shape: number[]) => graph.constant(new Int32Array(shape.reduce((a, b) => a * b, 1)), shape);
  const floats = (shape: number[]) =>
    graph.constant(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);

  it.each([
    ['indices of another batch', () => crossEntropy(x, labels([5])), 'expected int32 class indices [4]'],
    [
      'indices in float32',
      () => crossEntropy(x, floats([4])),
      'int32 class indices [4] or float32 probabilities [4, 3]',
    ],
    [
      'weights per sample',
      () => crossEntropy(x, labels([4]), floats([4])),
      'crossEntropy: weight is [4]; expected [3]',
    ],
    ['another shape for bce', () => binaryCrossEntropy(x, floats([3])), 'expected the shape of x, [4, 3]'],
    ['an operand that does not broadcast', () => mseLoss(x, floats([4])), 'shapes that broadcast'],
    ['no classes', () => accuracy(graph.input('none', [2, 0]), labels([2])), 'at least one class'],
  ])('%s', (_, compute, message) => expect(compute).toThrow(message));
});
