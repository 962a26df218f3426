/** A run that goes to PyTorch and comes back, beside one that stays here. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Device } from '../../src/gpu/device';
import { exportTorch } from '../../src/torch';
import { Trainer } from '../../src/train';
import type { TrainingData } from '../../src/train/types';
import type { Case } from './cases';
import { PYTHON, TORCHRUN } from './python';

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));

/** A run that was exported to PyTorch. */
export interface Crossing {
  name: string;
  given: Case;
  folder: string;
  /** Losses of the run that stays: `steps` before the export, and twice as many after it. */
  stays: number[];
}

/** Losses in PyTorch by the name of the case. */
export type Found = Record<string, { check: number | null; losses: number[]; error?: string }>;

const trainerOf = (device: Device, { model, options }: Case): Trainer =>
  new Trainer(device, model(), {
    seed: 3,
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 1e-3 },
    ...options,
  });

/** Takes `steps` steps and stops; losses by step. */
async function fitSteps(
  trainer: Trainer,
  data: TrainingData,
  steps: number,
  resume?: Uint8Array,
  from = 0,
): Promise<number[]> {
  const losses: number[] = [];
  const batchSize = 8;
  const stepsPerEpoch = Math.ceil(data.length / batchSize);
  await trainer.fit(data, {
    batchSize,
    resume: resume ?? (from > 0 ? true : undefined),
    epochs: (from + steps) / stepsPerEpoch,
    recover: false,
    onNaN: 'ignore',
    onStep: ({ step, loss }) => {
      losses[step - from] = loss;
    },
  });
  return losses;
}

/** Trains, exports, and trains on. `steps` are whole epochs. */
export async function leave(
  device: Device,
  name: string,
  given: Case,
  root: string,
  steps: number,
): Promise<Crossing> {
  const folder = join(root, name.replace(/\W+/g, '-'));
  mkdirSync(folder, { recursive: true });
  const trainer = trainerOf(device, given);
  try {
    const before = await fitSteps(trainer, given.data, steps);
    const { files } = await exportTorch(trainer, { losses: 10 });
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
    await trainer.restore(await trainer.checkpoint());
    const after = await fitSteps(trainer, given.data, 2 * steps, undefined, steps);
    return { name, given, folder, stays: [...before, ...after] };
  } finally {
    await trainer.dispose();
  }
}

/** Goes on with all of them in PyTorch, on so many processes. */
export async function inTorch(
  crossings: readonly Crossing[],
  steps: number,
  processes: number,
): Promise<Found> {
  const result = join(crossings[0].folder, '..', `found-${processes}.json`);
  const args = [DRIVER, String(steps), result, ...crossings.map(({ folder }) => folder)];
  const torchrun = [...TORCHRUN, `--nproc_per_node=${processes}`];
  const run = promisify(execFile);
  const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
  await run(PYTHON, processes === 1 ? args : [...torchrun, ...args], { env, maxBuffer: 1e8 });
  return JSON.parse(readFileSync(result, 'utf8'));
}

/** Takes the checkpoint that PyTorch wrote, and trains on. */
export async function comeBack(
  device: Device,
  { given, folder }: Crossing,
  steps: number,
  processes: number,
): Promise<number[]> {
  const checkpoints = join(folder, `checkpoints-${processes}`);
  const newest = readdirSync(checkpoints)
    .filter((name) => name.endsWith('.safetensors'))
    .sort()
    .at(-1)!;
  const trainer = trainerOf(device, given);
  try {
    return await fitSteps(trainer, given.data, steps, readFileSync(join(checkpoints, newest)), 2 * steps);
  } finally {
    await trainer.dispose();
  }
}

/** The worst relative difference of losses, of the first and of all. */
export function difference(
  found: readonly number[],
  expected: readonly number[],
): { first: number; all: number } {
  const each = found.map((loss, i) => Math.abs(loss - expected[i]) / Math.max(Math.abs(expected[i]), 1e-30));
  const worst = (list: readonly number[]) =>
    list.reduce((most, x) => (Number.isNaN(x) ? Number.NaN : Math.max(most, x)), 0);
  return { first: worst(each.slice(0, 1)), all: worst(each) };
}
