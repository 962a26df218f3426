/** What there is to see in a network: right and wrong answers, and the values of its parameters. */
import { ArrayDataset, type TokenWindows } from '../../data';
import { softmax } from '../softmax';
import type { Judged, ParameterInfo, Report, Samples } from './protocol';
import type { Run } from './run';

const BINS = 32;
/** Samples of each list. */
const SHOWN = 9;
/** Test samples that are looked at one by one. */
const MOST = 1000;

/** Measures the test set; of classes also sample by sample. */
export async function report(run: Run): Promise<Report> {
  const { test, info } = run.made;
  const { loss, accuracy } = await run.trainer.evaluate(test);
  const result: Report = { loss, accuracy, worst: [], best: [] };
  if (!(test instanceof ArrayDataset)) return result;
  const count = Math.min(test.length, MOST);
  const x = test.inputs(0, count);
  const { data } = await run.predict(x, count);
  const width = data.length / count;
  const judged: Judged[] = [];
  const classes = info.task === 'classify' ? info.outputs : 0;
  const confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
  for (let i = 0; i < count; i++) {
    const row = data.subarray(i * width, (i + 1) * width);
    const sample = { index: i, x: x.slice(i * test.xSize, (i + 1) * test.xSize) };
    if (classes > 0) {
      const shares = softmax(row);
      const label = test.y[i];
      const predicted = shares.indexOf(shares.reduce((a, b) => Math.max(a, b), 0));
      if (predicted < 0) continue;
      confusion[label][predicted]++;
      judged.push({
        ...sample,
        label,
        predicted,
        probability: shares[predicted],
        loss: -Math.log(shares[label]),
      });
    } else {
      const target = test.y.subarray(i * width, (i + 1) * width);
      const error = row.reduce((sum, value, k) => sum + (value - target[k]) ** 2, 0) / width;
      judged.push({ ...sample, label: target[0], predicted: row[0], probability: 1, loss: error });
    }
  }
  judged.sort((a, b) => b.loss - a.loss);
  return {
    ...result,
    ...(classes > 0 && { confusion }),
    worst: judged.slice(0, SHOWN),
    best: judged.slice(-SHOWN).reverse(),
  };
}

/** Parameters in a few numbers each, with the size of the last step's gradients. */
export async function parametersOf(run: Run): Promise<ParameterInfo[]> {
  const state = await run.stateDict();
  const gradients =
    run.trainer.steps > 0 ? await run.trainer.gradientDict().catch(() => undefined) : undefined;
  const trained = new Set(run.model.namedParameters().map(([name]) => name));
  return Object.entries(state)
    .filter(([name]) => trained.has(name))
    .map(([name, { shape, data }]) => {
      const gradient = gradients?.[name]?.data;
      return { name, shape: [...shape], ...statistics(data), ...(gradient && { gradient: rms(gradient) }) };
    });
}

const rms = (values: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ** 2;
  return Math.sqrt(sum / values.length);
};

function statistics(values: Float32Array): Omit<ParameterInfo, 'name' | 'shape'> {
  let [sum, squares, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    squares += value * value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const mean = sum / values.length;
  const histogram = new Array<number>(BINS).fill(0);
  const scale = BINS / (most - least || 1);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - least) * scale));
    if (bin >= 0) histogram[bin]++;
  }
  return { mean, std: Math.sqrt(Math.max(0, squares / values.length - mean * mean)), least, most, histogram };
}

/** The first parameter with a value that is no finite number. */
export async function firstNonfinite(run: Run): Promise<string | undefined> {
  const state = await run.stateDict();
  return Object.entries(state).find(([, { data }]) => data.some((value) => !Number.isFinite(value)))?.[0];
}

/** Consecutive samples as the model sees them, with class, value or next token. */
export function samplesOf(run: Run, split: 'train' | 'test', from: number, count: number): Samples {
  const data = run.made[split];
  const start = Math.min(Math.max(0, from), data.length - 1);
  const end = Math.min(start + count, data.length);
  if (data instanceof ArrayDataset) {
    const { ySize } = data;
    return {
      x: data.inputs(start, end),
      y: Float32Array.from(data.y.subarray(start * ySize, end * ySize)),
      count: end - start,
    };
  }
  return windowsOf(data, start, end);
}

function windowsOf({ tokens, blockSize, stride }: TokenWindows, start: number, end: number): Samples {
  const count = end - start;
  const x = new Float32Array(count * blockSize);
  const y = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = (start + i) * stride;
    x.set(tokens.subarray(at, at + blockSize), i * blockSize);
    y[i] = tokens[at + blockSize];
  }
  return { x, y, count };
}
