/** What `exportTorch` writes: scripts that agree with the run, a model that can be read, errors that name what cannot go. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import * as nn from '../../src/nn';
import * as ops from '../../src/ops';
import { fromSpec } from '../../src/spec';
import { exportTorch } from '../../src/torch';
import { Trainer, type TrainerOptions } from '../../src/train';
import { testDevice } from '../support/device';
import { floats, tokens } from './cases';
import { PYTHON } from './python';

const device = await testDevice();
const root = mkdtempSync(join(tmpdir(), 'gradloom-export-'));
afterAll(() => rmSync(root, { recursive: true }));
const adam: TrainerOptions = { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 }, seed: 5 };

/** What check.py says of an exported folder. */
async function checked(name: string, files: Record<string, Uint8Array>): Promise<string> {
  const folder = join(root, name);
  mkdirSync(folder);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
  const options = { cwd: folder, env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' } };
  return (await promisify(execFile)(PYTHON, ['check.py'], options)).stdout;
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('exportTorch', () => {
  test('checks runs with dropout in evaluation mode, also in the midst of an epoch', async () => {
    const model = fromSpec([
      { type: 'embedding', numEmbeddings: 9, embeddingDim: 4 },
      { type: 'dropout', p: 0.3 },
      { type: 'flatten' },
      { type: 'linear', inFeatures: 24, outFeatures: 2 },
    ]);
    const data = tokens(6, 9);
    const trainer = new Trainer(device, model, adam);
    const stop = new AbortController();
    await trainer.fit(data, {
      epochs: 3,
      batchSize: 8,
      signal: stop.signal,
      onStep: ({ step }) => void (step > 5 && stop.abort()),
    });
    const before = trainer.steps;
    const { files, notes } = await exportTorch(trainer);
    expect(notes.join()).toMatch(/^Dropout draws other numbers/);
    expect(trainer.steps).toBe(before);
    expect(await checked('dropout', files)).toMatch(/^The next 10 losses agree/);
  });

  test('goes on after fitSteps with its next batch, and leaves the run as it is', async () => {
    const make = () =>
      new Trainer(device, fromSpec([{ type: 'linear', inFeatures: 5, outFeatures: 3 }]), adam);
    const [trainer, other] = [make(), make()];
    const data = floats([5]);
    await trainer.fitSteps(data, { steps: 7, batchSize: 6 });
    const { files } = await exportTorch(trainer, { batchSize: 6 });
    expect(await checked('steps', files)).toMatch(/^The next 10 losses agree/);
    await other.fitSteps(data, { steps: 7, batchSize: 6 });
    const next = { steps: 5, batchSize: 6 };
    expect(await trainer.fitSteps(data, next)).toEqual(await other.fitSteps(data, next));
  });

  test('writes a model that can be read', async () => {
    const model = new nn.Sequential(
      new nn.Linear(5, 8),
      new nn.ReLU(),
      new nn.Residual(new nn.Linear(8, 8)),
      new nn.Linear(8, 3),
    );
    const { files } = await exportTorch(new Trainer(device, model, adam), { data: floats([5]), losses: 0 });
    expect(textOf(files['model.py'])).toBe(`"""The model Sequential, and its loss."""

import torch
import torch.nn.functional as F
from torch import nn


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(8, 8)

    def forward(self, x):
        return self.body(x) + x


class Loss(nn.Module):
    def forward(self, output, target):
        return F.cross_entropy(output, target)


def build():
    """The model, with weights that are yet to be loaded."""
    return nn.Sequential(nn.Linear(5, 8), nn.ReLU(), Residual(), nn.Linear(8, 3))
`);
  });

  test('names what cannot go', async () => {
    const linear = () => new nn.Linear(5, 3);
    const data = floats([5]);
    await expect(exportTorch({} as Trainer)).rejects.toThrow('exportTorch: run is no Trainer');
    await expect(exportTorch(new Trainer(device, linear(), adam))).rejects.toThrow(
      'exportTorch: data is missing',
    );
    await expect(exportTorch(new Trainer(device, linear(), adam), { dat: data } as never)).rejects.toThrow(
      'Did you mean data?',
    );
    class Outside extends nn.Module {
      override forward(x: Parameters<typeof ops.relu>[0]) {
        return ops.linear(x as never, hidden.weight, hidden.bias);
      }
      readonly own = nn.parameter([1], nn.init.ones);
    }
    const hidden = linear();
    const trainer = new Trainer(device, new Outside(), adam);
    await expect(exportTorch(trainer, { data, losses: 0 })).rejects.toThrow(
      'which a module uses without having it',
    );
  });
});
