// Event files that `gradloom train --tensorboard` writes.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventsIn } from '../../e2e/support/event-file';
import { TensorBoardLog } from './tensorboard-log';

it('holds steps and epochs, and refuses what is no folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gradloom-tensorboard-'));
  try {
    const log = new TensorBoardLog(join(folder, 'runs', 'one'));
    log.add([{ event: 'start', parameters: 1, stepsPerEpoch: 1, totalSteps: 1 }]);
    log.add([
      { event: 'step', epoch: 1, step: 1, loss: 0.5, accuracy: 0.25, seconds: 1 },
      { event: 'epoch', epoch: 1, loss: 0.5, validationLoss: 0.75 },
    ]);
    const [name, ...more] = readdirSync(join(folder, 'runs', 'one'));
    expect(more).toEqual([]);
    expect(name).toMatch(/^events\.out\.tfevents\.\d+\.gradloom\.\d+$/);
    const events = eventsIn(new Uint8Array(readFileSync(join(folder, 'runs', 'one', name))));
    expect(events.map(({ step, scalars }) => [step, scalars])).toEqual([
      [undefined, {}],
      [0, { 'batch/loss': 0.5, 'batch/accuracy': 0.25 }],
      [0, { 'epoch/loss': 0.5, 'validation/loss': 0.75 }],
    ]);
    writeFileSync(join(folder, 'file'), '');
    expect(() => new TensorBoardLog(join(folder, 'file'))).toThrow(/--tensorboard is .*cannot be written to/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
