/** Options of losses by name reach the loss that trains: the numbers of the float64 references. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import * as nn from '../nn';
import { references } from '../reference';
import { type LossSpec, nameOf } from './loss';
import { Trainer } from './trainer';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const [N, C] = [4, 3];
const SCORES = [0.3, -1.2, 2, 0.7, 0.1, -0.4, -2, 1.5, 0.6, 1.1, -0.9, 0.2];
const PROBABILITIES = SCORES.map((x) => 1 / (1 + Math.exp(-x)));
const MARKS = [1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1];
const SIGNS = MARKS.map((mark) => 2 * mark - 1);
const LABELS = [2, 0, 1, 2];
const weight = [0.5, 2, 1.25];

/** The loss of one step of a model that gives its inputs back. */
async function lossOf(loss: LossSpec, x: number[], y: number[]): Promise<number> {
  const model = new nn.PReLU(1, { init: 1 });
  const trainer = new Trainer(device, model, { loss, optimizer: { type: 'sgd', lr: 0 } });
  const isIndex = y.length === N;
  const target = isIndex ? { y: Int32Array.from(y) } : { y: Float32Array.from(y), yShape: [C] };
  try {
    const data = ArrayDataset.fromArrays({ x: Float32Array.from(x), xShape: [C], ...target });
    const [found] = await trainer.fitSteps(data, { steps: 1, batchSize: N });
    expect((await trainer.evaluate(data, { batchSize: N })).loss).toBe(found);
    return found;
  } finally {
    await trainer.dispose();
  }
}

const array = (value: unknown) =>
  typeof value === 'number'
    ? { shape: [], data: Float64Array.from([value]) }
    : {
        shape: Array.isArray((value as unknown[])[0]) ? [1, C] : [C],
        data: Float64Array.from([value].flat(2) as number[]),
      };

it.each<[Record<string, unknown> & { type: string }, number[], number[]]>([
  [{ type: 'crossEntropy', weight }, SCORES, LABELS],
  [{ type: 'crossEntropy', weight, labelSmoothing: 0.2, ignoreIndex: 0 }, SCORES, LABELS],
  [{ type: 'crossEntropy', weight, reduction: 'sum' }, SCORES, LABELS],
  [{ type: 'crossEntropy', weight, labelSmoothing: 0.1 }, SCORES, PROBABILITIES],
  [{ type: 'nll', weight, ignoreIndex: 1 }, SCORES, LABELS],
  [{ type: 'multiMargin', weight, p: 2, margin: 0.5 }, SCORES, LABELS],
  [{ type: 'bce', weight }, PROBABILITIES, MARKS],
  [{ type: 'bceWithLogits', weight, posWeight: [3, 1, 0.5] }, SCORES, MARKS],
  [{ type: 'bceWithLogits', posWeight: 4, reduction: 'sum' }, SCORES, MARKS],
  [{ type: 'multilabelSoftMargin', weight }, SCORES, MARKS],
  [{ type: 'sigmoidFocal', alpha: 0.6, gamma: 1.5, reduction: 'mean' }, SCORES, MARKS],
  [{ type: 'hinge', reduction: 'sum' }, SCORES, SIGNS],
  [{ type: 'hingeEmbedding', margin: 0.3 }, SCORES, SIGNS],
  [{ type: 'logCosh', reduction: 'sum' }, SCORES, MARKS],
  [{ type: 'huber', delta: 0.7 }, SCORES, MARKS],
  [{ type: 'smoothL1', beta: 0.4 }, SCORES, MARKS],
  [{ type: 'klDiv', logTarget: true, reduction: 'batchmean' }, SCORES, PROBABILITIES.map(Math.log)],
  [{ type: 'poissonNll', logInput: false, full: true, eps: 0.01 }, PROBABILITIES, SCORES.map(Math.abs)],
  [{ type: 'gaussianNll', var: 0.5, full: true }, SCORES, MARKS],
  [{ type: 'gaussianNll', var: [[0.5, 2, 1e-3]], eps: 0.1 }, SCORES, MARKS],
])('%j', async (spec, x, y) => {
  const { type, weight, posWeight, var: variance, ...attrs } = spec;
  const inputs: Record<string, any> = {
    x: { shape: [N, C], data: Float64Array.from(x, Math.fround) },
    target: { shape: y.length === N ? [N] : [N, C], data: Float64Array.from(y, Math.fround) },
  };
  for (const [name, value] of Object.entries({ weight, posWeight, var: variance })) {
    if (value !== undefined) inputs[name] = array(value);
  }
  const reference = references[nameOf(type)];
  const expected = reference.forward(inputs, { reduction: 'mean', ...attrs }, { training: true }).y;
  expect(await lossOf(spec, x, y)).toBeCloseTo(expected.data[0], 4);
});

it('takes typed arrays, and null for no weight', async () => {
  const listed = await lossOf({ type: 'crossEntropy', weight }, SCORES, LABELS);
  expect(await lossOf({ type: 'crossEntropy', weight: Float64Array.from(weight) }, SCORES, LABELS)).toBe(
    listed,
  );
  const plain = await lossOf('crossEntropy', SCORES, LABELS);
  expect(await lossOf({ type: 'crossEntropy', weight: null }, SCORES, LABELS)).toBe(plain);
  expect(await lossOf({ type: 'crossEntropy', weight: undefined }, SCORES, LABELS)).toBe(plain);
});

it.each<[LossSpec, RegExp]>([
  [
    { type: 'crossEntropy', labelSmoothin: 0.1 },
    /crossEntropy: labelSmoothin .*Did you mean labelSmoothing\?/,
  ],
  [
    { type: 'crossEntropy', posWeight: [1, 2, 3] },
    /crossEntropy: posWeight .*not an option of this loss.*weight/,
  ],
  [{ type: 'crossEntropy', labelSmoothing: 2 }, /crossEntropy: labelSmoothing is 2/],
  [{ type: 'crossEntropy', weight: [1, 2] }, /crossEntropy: weight is \[2\].*\[3\]/],
  [{ type: 'crossEntropy', weight: [1, 'a', 2] }, /crossEntropy: weight/],
  [{ type: 'crossEntropy', weight: true }, /crossEntropy: weight/],
  [{ type: 'crossEntropy', target: [1] }, /crossEntropy: target .*not an option/],
  [{ type: 'crossEntropy', reduction: 'none' }, /one number per batch/],
])('%j is refused', async (loss, message) => {
  await expect(lossOf(loss, SCORES, LABELS)).rejects.toThrow(message);
});

it.each([{ type: 'gaussianNll' }])('%j asks for its missing option', async (loss) => {
  await expect(lossOf(loss, SCORES, MARKS)).rejects.toThrow(/gaussianNllLoss: var/);
});
