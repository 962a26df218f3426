// Weights that were trained on a table: what their metadata must hold, how rows are read, what is printed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseFeatures } from '../data/csv-features';
import { writeSafetensors } from '../io/safetensors';
import { loadData } from './data';
import { tableFor } from './evaluate';
import { type InputDescription, inputMetadata } from './input';
import { formatPredictions, learnedColumns, readPredictions } from './predict';
import { readTrained } from './weights';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-predict-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function writeWeights(metadata: Record<string, string>): string {
  const path = join(folder, 'w.safetensors');
  writeFileSync(path, writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } }, metadata));
  return path;
}

const classes: InputDescription = {
  xShape: [2],
  scale: 1,
  mean: [1, 2],
  std: [3, 4],
  classes: ['cat', 'dog, big'],
  classCount: 2,
  table: { features: ['width', 'height'], label: { index: 1, by: 'words', name: 'kind' } },
};
const numbers: InputDescription = {
  ...classes,
  classes: undefined,
  classCount: undefined,
  table: { label: { index: 2, by: 'last' }, target: { mean: 100, std: 10 } },
};

describe('readTrained', () => {
  it('gives back what training on a table writes down', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},${2000 + (i % 3)},${(i * 7) % 5}`);
    const path = write('t.csv', `size,year,width\n${rows.join('\n')}\n`);
    for (const flags of [{ label: 'year' }, { label: 'size', task: 'regression' as const }]) {
      const data = await loadData(path, 0, flags);
      const file = writeWeights({ model: '[1]', ...inputMetadata(data) });
      const { model, input } = readTrained(file, 'predict');
      expect(model).toEqual([1]);
      expect(input.mean).toEqual(data.train.mean);
      expect(input.classes).toEqual(data.train.classes);
      expect(input.table).toEqual(data.table);
    }
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /without a model and its input columns; expected weights that gradloom train wrote/],
    [
      'a text model',
      { model: '{}', tokenizer: '{}' },
      /weights of a model of text; .* see gradloom generate/,
    ],
    ['no JSON', { model: '{}', input: '{' }, /metadata "input" is no JSON/],
    ['a damaged input', { model: '{}', input: '{"xShape": [1e99]}' }, /"input" is damaged \(/],
    [
      'a deviation of 0',
      { model: '{}', input: JSON.stringify({ ...classes, std: [0, 1] }) },
      /damaged \(std\.0/,
    ],
    ['a broken spec', { model: 'x', input: JSON.stringify(classes) }, /metadata "model" is no JSON/],
  ])('refuses metadata with %s', (_, metadata, message) => {
    const file = writeWeights(metadata);
    expect(() => readTrained(file, 'predict')).toThrow(message);
  });

  it('refuses what is no file of weights', () => {
    expect(() => readTrained(join(folder, 'none'), 'predict')).toThrow(
      /predict: weights is .*none, which cannot/,
    );
    expect(() => readTrained(write('t.csv', '1,2,3\n4,5,6\n'), 'predict')).toThrow(/t\.csv/);
  });
});

describe('readPredictions', () => {
  it('gives the likeliest class and the probabilities', () => {
    const [first, second] = readPredictions(Float32Array.of(0, Math.log(3), 1000, 0), [2, 2], classes);
    expect(first.prediction).toBe('dog, big');
    expect(first.probabilities?.[0]).toBeCloseTo(0.25, 6);
    expect(first.probabilities?.[1]).toBeCloseTo(0.75, 6);
    expect(second).toEqual({ prediction: 'cat', probabilities: [1, 0] });
  });

  it('gives numbers in the unit of the targets', () => {
    expect(readPredictions(Float32Array.of(0, -1.5), [2, 1], numbers)).toEqual([
      { prediction: 100 },
      { prediction: 85 },
    ]);
  });

  it('refuses outputs of another shape, NaN and Infinity', () => {
    expect(() => readPredictions(new Float32Array(6), [2, 3], classes)).toThrow(
      /output is \[2, 3\]; expected \[2, 2\]/,
    );
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const outputs = Float32Array.of(0, 1, 0, bad);
      expect(() => readPredictions(outputs, [2, 2], classes)).toThrow(/output for row 2 is (NaN|Infinity)/);
    }
  });

  it('is written as CSV that can be read again, or as a JSON object per row', () => {
    const predictions = readPredictions(Float32Array.of(0, Math.log(3)), [1, 2], classes);
    expect(formatPredictions(predictions, classes, false)).toBe(
      'prediction,probability of cat,"probability of dog, big"\n"dog, big",0.250000,0.750000\n',
    );
    expect(JSON.parse(formatPredictions(predictions, classes, true))).toMatchObject({
      event: 'prediction',
      row: 1,
      prediction: 'dog, big',
      probabilities: { cat: expect.closeTo(0.25, 6) },
    });
    const values = readPredictions(Float32Array.of(0.25), [1, 1], numbers);
    expect(formatPredictions(values, numbers, false)).toBe('prediction\n102.5\n');
  });
});

describe('a table of words, dates and missing values', () => {
  const table = {
    ...{ width: 6, missing: 'median' as const, label: { index: 5, by: 'last' as const, name: 'price' } },
    columns: [
      {
        index: 1,
        name: 'city',
        reader: {
          kind: 'category' as const,
          encoding: 'oneHot' as const,
          categories: ['Oslo', 'Rome'],
          fill: 'Rome',
        },
      },
      { index: 2, name: 'built', reader: { kind: 'date' as const, form: 'iso' as const, fill: 10 } },
      { index: 4, name: 'rooms', reader: { kind: 'number' as const, fill: 3 } },
    ],
    target: { mean: 0, std: 1 },
  };
  const input: InputDescription = { xShape: [4], scale: 1, mean: [0, 0, 0, 0], std: [1, 1, 1, 1], table };
  const evaluated = (text: string) => tableFor({ data: write('homes.csv', text), seed: 0 }, input);

  it.each<[string, string]>([
    ['by names, in any order', 'rooms,city,built,price\n,Oslo,1970-01-03,7\n2,,,8\n'],
    ['by places', 'a,Oslo,1970-01-03,note,NA,7\nb,?,,note,2,8\n'],
  ])('is read as in training: %s', async (_, text) => {
    const { x, y } = await evaluated(text);
    expect([[...x], [...y]]).toEqual([
      [1, 0, 2, 3, 0, 1, 10, 2],
      [7, 8],
    ]);
  });

  it('without the label, and without what was left out', () => {
    const columns = learnedColumns(table, input.xShape);
    const expected = Float32Array.of(1, 0, 2, 3);
    expect(parseFeatures('a,Oslo,1970-01-03,note,3\n', columns)).toEqual(expected);
    expect(parseFeatures('Oslo,1970-01-03,3\n', columns)).toEqual(expected);
  });

  it('refuses categories that training did not see, and labels that are missing', async () => {
    const text = 'city,built,rooms,price\nParis,1970-01-03,1,7\n';
    await expect(evaluated(text)).rejects.toThrow(
      /line 2, column 1 \(city\) is "Paris"; expected one of "Oslo", "Rome"/,
    );
    await expect(evaluated('city,built,rooms,price\nRome,1970-01-03,1,\n')).rejects.toThrow(
      /price\) is empty/,
    );
  });

  it('goes through the metadata of the weights', () => {
    const tensors = { 'a.weight': { shape: [1], data: Float32Array.of(1) } };
    const metadata = { model: '[]', input: JSON.stringify(input) };
    const path = join(folder, 'homes.safetensors');
    writeFileSync(path, writeSafetensors(tensors, metadata));
    expect(readTrained(path, 'predict').input).toEqual(input);
  });
});

describe('tableFor', () => {
  const read = (text: string, input: InputDescription, flags = {}) =>
    tableFor({ data: write('new.csv', text), seed: 0, ...flags }, input);

  it('finds label and features by name, and normalizes as in training', async () => {
    const data = await read('id,height,kind,width\n9,2,cat,1\n9,6,"dog, big",4\n', classes);
    expect([...data.y]).toEqual([0, 1]);
    expect([...data.inputs()]).toEqual([0, 0, 1, 1]);
    expect(data.classes).toEqual(classes.classes);
  });

  it('finds them by place without names, also where one class is missing', async () => {
    const data = await read('1,cat,2\n4,cat,6\n', {
      ...classes,
      table: { label: { index: 1, by: 'words' } },
    });
    expect([[...data.y], [...data.inputs()]]).toEqual([
      [0, 0],
      [0, 0, 1, 1],
    ]);
  });

  it('reads numbers in the scale of training', async () => {
    const data = await read('1,2,100\n4,6,85\n', numbers);
    expect([[...data.y], data.yShape, data.classCount]).toEqual([[0, -1.5], [1], undefined]);
  });

  it('refuses other columns, unknown classes and tables without labels', async () => {
    await expect(
      read('1,2,cat,3\n4,5,cat,6\n', { ...classes, table: { label: { index: 2, by: 'last' } } }),
    ).rejects.toThrow(/4 columns; expected 2 features, or 3 columns with the label/);
    await expect(read('width,height,kind\n1,2,cow\n', classes)).rejects.toThrow(
      /line 2, column 3 \(kind\) is label "cow"; expected .* cat, dog, big/,
    );
    await expect(read('1,2\n4,6\n', numbers)).rejects.toThrow(/2 columns; expected a label in column 3/);
    await expect(read('width,height\n1,2\n', classes)).rejects.toThrow(
      /is columns width, height; expected kind among them, the label\. Name/,
    );
    await expect(read('id,width,height\n1,2,3\n', classes)).rejects.toThrow(/expected kind among them/);
    expect([...(await read('width,height,sort\n1,2,cat\n', classes, { label: 'sort' })).y]).toEqual([0]);
  });
});
