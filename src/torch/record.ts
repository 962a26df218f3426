/** The losses of a run's next steps, after which the run is where it was. */
import { ArrayDataset } from '../data/dataset';
import { decodeCheckpoint } from '../train/checkpoint/format';
import type { TrainerState } from '../train/checkpoint/state';
import type { Trainer } from '../train/trainer';
import type { TrainingData } from '../train/types';
import { epochOrder } from './order';

/** What check.py compares with. */
export interface RecordedLosses {
  /** Training steps; or the next batches in evaluation mode, where dropout would draw other numbers in PyTorch. */
  mode: 'training' | 'evaluation';
  values: number[];
}

export interface Recording {
  trainer: Trainer;
  data: TrainingData;
  validation?: TrainingData;
  /** A checkpoint of the present. */
  file: Uint8Array;
  batchSize: number;
  count: number;
}

/** Takes the next steps, and goes back. */
export async function recordTraining(recording: Recording): Promise<RecordedLosses> {
  const { trainer, data, file, batchSize, count, validation } = recording;
  const { fit } = decodeCheckpoint(file);
  const { loop } = trainer.run;
  let values: number[];
  try {
    if (!fit) {
      await trainer.restore(file);
      values = await trainer.fitSteps(data, { steps: count, batchSize });
    } else {
      values = [];
      const { wraps, shuffle } = fit.settings;
      // Data sets have a length.
      const stepsPerEpoch = fit.settings.stepsPerEpoch!;
      const first = (fit.before ?? fit.epoch * stepsPerEpoch) + fit.step;
      const stop = new AbortController();
      await trainer.fit(data, {
        resume: file,
        ...{ batchSize: fit.settings.batchSize, shuffle, validation, recover: false, onNaN: 'ignore' },
        ...(wraps ? { stepsPerEpoch } : { dropLast: stepsPerEpoch < data.length / fit.settings.batchSize }),
        epochs: fit.epoch + Math.ceil((fit.step + count) / stepsPerEpoch),
        signal: stop.signal,
        onStep({ step, loss }) {
          if (step >= first && values.length < count) values.push(loss);
          if (values.length === count) stop.abort();
        },
      });
    }
  } finally {
    await trainer.restore(file);
    // The last `fit` goes on being the one that checkpoints are of.
    trainer.run.loop = loop;
  }
  return { mode: 'training', values };
}

/** The losses of the next batches in evaluation mode. */
export async function recordEvaluation(recording: Recording): Promise<RecordedLosses> {
  const { trainer, data, file, batchSize, count } = recording;
  const values: number[] = [];
  for (const indices of nextBatches(decodeCheckpoint(file), data.length, batchSize, count)) {
    const { loss } = await trainer.evaluate(samplesOf(data, indices), { batchSize: indices.length });
    values.push(loss);
  }
  return { mode: 'evaluation', values };
}

/** Indices of the samples of the next batches. */
function* nextBatches(
  { fit, steps, seed, epochsStarted }: TrainerState,
  length: number,
  batchSize: number,
  count: number,
): Generator<number[]> {
  const range = (start: number, size: number) => Array.from({ length: size }, (_, i) => (start + i) % length);
  if (!fit) {
    for (let i = 0; i < count; i++) yield range(((steps?.start ?? 0) + i * batchSize) % length, batchSize);
    return;
  }
  const { settings } = fit;
  let [step, started, key] = [fit.step, epochsStarted, fit.order];
  let order: Uint32Array | undefined;
  for (let i = 0; i < count; i++) {
    if (step === settings.stepsPerEpoch) [step, key, order] = [0, undefined, undefined];
    if (settings.shuffle) order ??= epochOrder(length, seed, (key ??= started++));
    const start = (step * settings.batchSize) % length;
    const size = settings.wraps
      ? settings.batchSize
      : Math.min(settings.batchSize, length - step * settings.batchSize);
    yield range(start, size).map((at) => order?.[at] ?? at);
    step++;
  }
}

/** Some samples as a data set of its own. */
function samplesOf(data: TrainingData, indices: readonly number[]): ArrayDataset {
  if (!(data instanceof ArrayDataset)) {
    const { tokens, stride, blockSize } = data;
    const part = (offset: number) =>
      indices.flatMap((i) => [...tokens.subarray(i * stride + offset, i * stride + offset + blockSize)]);
    return ArrayDataset.fromArrays({
      x: Float32Array.from(part(0)),
      y: Int32Array.from(part(1)),
      ...{ xShape: [blockSize], yShape: [blockSize], classCount: data.vocabSize },
    });
  }
  const { x, y, xSize, ySize, xShape, yShape } = data;
  const gather = <T extends Uint8Array | Float32Array | Int32Array>(from: T, size: number): T => {
    const to = new (from.constructor as new (length: number) => T)(indices.length * size);
    indices.forEach((i, k) => void to.set(from.subarray(i * size, (i + 1) * size), k * size));
    return to;
  };
  const { scale, mean, std, classCount } = data;
  const of = { xShape, yShape, scale, mean, std, ...(classCount === undefined ? {} : { classCount }) };
  return ArrayDataset.fromArrays({ x: gather(x, xSize), y: gather(y, ySize), ...of });
}
