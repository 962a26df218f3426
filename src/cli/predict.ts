/** `gradloom predict`: what a model that was trained on a table says to the rows of another one. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readText } from '../data/csv';
import { type FeatureColumns, parseFeatures } from '../data/csv-features';
import type { FeatureColumn } from '../data/csv-table';
import { GradloomError } from '../errors';
import type { TableInfo } from './data';
import { EXIT } from './errors';
import { inPage } from './in-page';
import { bytesOf, type InputDescription } from './input';
import { outputPath, writeOutput } from './output';
import type { PredictFlags } from './predict-flags';
import { TRAIN_PAGE } from './protocol';
import { readTrained } from './weights';

/** What is said to one row. */
export interface Prediction {
  /** Name of the likeliest class, or a number in the unit of the targets. */
  prediction: string | number;
  /** Of each class, in the order of the classes; absent for numbers. */
  probabilities?: number[];
}

/** Runs the command and returns its exit code. */
export async function predict(file: string, flags: PredictFlags): Promise<number> {
  const { weights, model, input } = readTrained(file, 'predict');
  const x = await readRows(flags, input);
  const output = { op: 'predict', argument: '--out', inputs: [file, flags.data] };
  const out = flags.out && outputPath({ ...output, path: flags.out, replaces: looksLikePredictions });
  const { xShape, scale, mean, std } = input;
  let result: Uint8Array | undefined;
  const served = {
    page: TRAIN_PAGE,
    readyName: 'gradloomPredict',
    files: new Map([
      ['weights', weights],
      ['predict.x', bytesOf(x)],
    ]),
    onUpload: (bytes: Uint8Array) => void (result = bytes),
  };
  const request = { model, xShape, scale, mean, std };
  const shape = await inPage(flags, served, (page) =>
    page.evaluate((request) => window.gradloomPredict(request), request),
  );
  const values = new Float32Array(Uint8Array.from(result!).buffer);
  const predictions = readPredictions(values, shape, input);
  const text = formatPredictions(predictions, input, flags.json ?? false);
  if (out) {
    writeOutput({ ...output, path: out }, out, text);
    process.stdout.write(`${predictions.length} predictions: ${out}\n`);
  } else process.stdout.write(text);
  return EXIT.ok;
}

async function readRows({ data, header }: PredictFlags, { table, xShape }: InputDescription) {
  if (!table) {
    throw new GradloomError({
      code: 'argument',
      op: 'predict',
      argument: 'weights',
      got: 'those of a model of images',
      expected: 'of a model that was trained on a CSV file',
    });
  }
  const { name, text } = await readText(readData(data, 'predict'));
  return parseFeatures(text, learnedColumns(table, xShape), { name, header });
}

/** The columns of the table of training; weights of earlier versions know the names of plain numbers alone. */
export function learnedColumns(table: TableInfo, xShape: readonly number[]): FeatureColumns {
  const { columns, features, label, width } = table;
  if (columns) return { columns, label, width };
  const count = xShape.reduce((size, extent) => size * extent, 1);
  const numbers = Array.from({ length: count }, (_, i): FeatureColumn => {
    const index = i < label.index ? i : i + 1;
    return { index, ...(features && { name: features[i] }), reader: { kind: 'number' } };
  });
  return { columns: numbers, label };
}

/** The bytes of a file of data. Error `data` when it cannot be read. */
export function readData(path: string, op: string): { name: string; bytes: Uint8Array } {
  try {
    return { name: basename(path), bytes: readFileSync(path) };
  } catch (error) {
    const got = `${path}, which cannot be read (${(error as Error).message})`;
    throw new GradloomError({ code: 'data', op, argument: '--data', got, expected: 'a .csv file' });
  }
}

/** Names of the classes; undefined for numbers. */
export function classNames({ classes, classCount }: InputDescription): readonly string[] | undefined {
  return (
    classes ??
    (classCount === undefined ? undefined : Array.from({ length: classCount }, (_, i) => String(i)))
  );
}

/** @throws GradloomError (code `spec`) for a model of other outputs, (code `diverged`) for what is no finite number. */
export function readPredictions(
  values: Float32Array,
  shape: readonly number[],
  input: InputDescription,
): Prediction[] {
  const classes = classNames(input);
  const width = classes?.length ?? 1;
  const rows = shape[0];
  if (values.length !== rows * width) {
    const got = `[${shape.join(', ')}]`;
    throw new GradloomError({
      code: 'spec',
      op: 'predict',
      argument: "the model's output",
      got,
      expected: `[${rows}, ${width}]`,
    });
  }
  return Array.from({ length: rows }, (_, row) => {
    const outputs = values.subarray(row * width, (row + 1) * width);
    const bad = outputs.find((value) => !Number.isFinite(value));
    if (bad !== undefined) {
      const fix = 'Look for extreme values in the row, and in the weights';
      const argument = `the output for row ${row + 1}`;
      throw new GradloomError({
        code: 'diverged',
        op: 'predict',
        argument,
        got: String(bad),
        expected: 'a finite number',
        fix,
      });
    }
    if (!classes) {
      const { mean, std } = input.table?.target ?? { mean: 0, std: 1 };
      return { prediction: outputs[0] * std + mean };
    }
    const probabilities = softmax(outputs);
    return { prediction: classes[probabilities.indexOf(Math.max(...probabilities))], probabilities };
  });
}

/** CSV with a header, or a JSON object per line. */
export function formatPredictions(
  predictions: readonly Prediction[],
  input: InputDescription,
  json: boolean,
): string {
  return json ? jsonOf(predictions, input) : csvOf(predictions, input);
}

function softmax(scores: Float32Array): number[] {
  const largest = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function csvOf(predictions: readonly Prediction[], input: InputDescription): string {
  const header = ['prediction', ...(classNames(input) ?? []).map((name) => `probability of ${name}`)];
  const lines = predictions.map(({ prediction, probabilities = [] }) => [
    typeof prediction === 'number' ? String(Math.fround(prediction)) : prediction,
    ...probabilities.map((p) => p.toFixed(6)),
  ]);
  return `${[header, ...lines].map((fields) => fields.map(quoted).join(',')).join('\n')}\n`;
}

function quoted(field: string): string {
  return /[",\r\n]|^\s|\s$/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}

function jsonOf(predictions: readonly Prediction[], input: InputDescription): string {
  const classes = classNames(input);
  const lines = predictions.map(({ prediction, probabilities }, i) => {
    const named = probabilities && Object.fromEntries(probabilities.map((p, k) => [classes![k], p]));
    return JSON.stringify({ event: 'prediction', row: i + 1, prediction, probabilities: named });
  });
  return lines.map((line) => `${line}\n`).join('');
}

/** Whether a file begins as ours do: another one is not replaced. */
function looksLikePredictions(start: Uint8Array): boolean {
  return /^(prediction|\{"event":"pred)/.test(new TextDecoder().decode(start));
}
