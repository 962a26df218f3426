// What an ensemble answers from its members' outputs, and who learns from what.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data';
import type { Device } from '../gpu/device';
import { Graph } from '../graph/ir/graph';
import * as nn from '../nn';
import { fromSpec } from '../spec';
import { Trainer } from '../train';
import { type Combination, Ensemble } from './ensemble';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const linear = { type: 'linear', inFeatures: 2, outFeatures: 3 };
const options = { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 }, seed: 2 } as const;
const x = { shape: [4, 2], data: Float32Array.from([1, -1, 0.5, 2, -3, 0.25, 0, 1]) };
const data = ArrayDataset.fromArrays({ x: x.data, xShape: [2], y: Int32Array.from([0, 1, 2, 1]) });

/** Rows of three outputs for x, of the ensemble and of each member alone. */
async function answers(combine: Combination) {
  const model = fromSpec({ type: 'ensemble', combine, members: [linear, linear, linear] }) as Ensemble;
  const rowsOf = async (module: nn.Module) => {
    const trainer = new Trainer(device, module, options);
    const { data } = await trainer.predict(x);
    await trainer.dispose();
    return Array.from({ length: 4 }, (_, row) => Array.from(data.subarray(3 * row, 3 * row + 3)));
  };
  const all = await rowsOf(model);
  const members: number[][][] = [];
  for (const member of model.members) members.push(await rowsOf(member));
  return { all, members };
}

const softmax = (row: number[]) => {
  const sum = row.reduce((total, value) => total + Math.exp(value), 0);
  return row.map((value) => Math.exp(value) / sum);
};
const vote = (row: number[]) => row.map((value) => (value === Math.max(...row) ? 1 : 0));

describe('answers', () => {
  const combinations: [Combination, (rows: number[][], c: number) => number][] = [
    ['average', (rows, c) => rows.reduce((sum, row) => sum + row[c], 0) / 3],
    ['softVoting', (rows, c) => Math.log(rows.reduce((sum, row) => sum + softmax(row)[c], 0) / 3)],
    ['hardVoting', (rows, c) => Math.log((rows.reduce((sum, row) => sum + vote(row)[c], 0) + 1 / 3) / 4)],
  ];
  it.each(combinations)('by %s', async (combine, expected) => {
    const { all, members } = await answers(combine);
    expect(members[0]).not.toEqual(members[1]);
    all.forEach((row, n) => {
      const rows = members.map((member) => member[n]);
      row.forEach((value, c) => {
        expect(value).toBeCloseTo(expected(rows, c), 5);
      });
    });
  });
});

describe('training', () => {
  it('teaches each member by its own loss, whatever the combination', async () => {
    const spec = { type: 'ensemble', members: [linear, linear] };
    const head = { type: 'linear', inFeatures: 6, outFeatures: 3 };
    const gradients = async (more: object) => {
      const trainer = new Trainer(device, fromSpec({ ...spec, ...more }), options);
      const [loss] = await trainer.fitSteps(data, { steps: 1, batchSize: 4 });
      const found = await trainer.gradientDict();
      await trainer.dispose();
      return { loss, found };
    };
    const voting = await gradients({ combine: 'hardVoting' });
    const stacking = await gradients({ combine: 'stacking', head });
    for (const name of ['members.0.weight', 'members.1.bias']) {
      expect(voting.found[name].data.some((value) => value !== 0)).toBe(true);
      expect(stacking.found[name].data).toEqual(voting.found[name].data);
    }
    expect(stacking.found['head.weight'].data.some((value) => value !== 0)).toBe(true);
    expect(stacking.loss).toBeGreaterThan(voting.loss);
  });
});

describe('errors', () => {
  const member = () => new nn.Linear(2, 3);
  it('name what does not fit', () => {
    expect(() => new Ensemble([])).toThrow(/members is an empty list; expected at least one model/);
    expect(() => new Ensemble([member()], { combine: 'stacking' })).toThrow(/head is missing/);
    expect(() => new Ensemble([member()], { head: member() })).toThrow(
      /head is given with combine 'average'/,
    );
    const odd = new Ensemble([member(), new nn.Linear(2, 4)]);
    expect(() => odd.forward(new Graph().input('x', [4, 2]))).toThrow(/is \[4, 4\]; expected \[4, 3\]/);
    const flat = new Ensemble([new nn.Identity()], { combine: 'softVoting' });
    expect(() => flat.forward(new Graph().input('x', [4]))).toThrow(/\[N, classes\] for voting/);
  });
});
