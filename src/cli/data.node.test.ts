// What `--data` accepts, how the test set comes about, and the words for what cannot be used.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadData } from './data';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An IDX file of bytes that count up. */
function idx(...shape: number[]): Uint8Array {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const file = new Uint8Array(4 + 4 * shape.length + size);
  file.set([0, 0, 8, shape.length]);
  const view = new DataView(file.buffer);
  for (const [i, extent] of shape.entries()) view.setUint32(4 + 4 * i, extent);
  for (let i = 0; i < size; i++) file[4 + 4 * shape.length + i] = i % 10;
  return file;
}

function writeIdx(role: string, count: number): void {
  writeFileSync(join(folder, `${role}-images-idx3-ubyte`), idx(count, 2, 2));
  writeFileSync(join(folder, `${role}-labels-idx1-ubyte`), idx(count));
}

/** Two classes in alternating rows; the features are the row's number and a large constant multiple of it. */
function writeCsv(rows: number, label: (row: number) => string | number): string {
  const path = join(folder, 'table.csv');
  const lines = Array.from({ length: rows }, (_, i) => `${i},${1000 * i},${label(i)}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

describe('loadData', () => {
  it('makes the digits', async () => {
    const { train, test, description } = await loadData('digits', 0);
    expect([train.length, test.length, train.xShape, train.classCount]).toEqual([
      10_000,
      2000,
      [1, 28, 28],
      10,
    ]);
    expect(description).toBe('digits');
  });

  it('reads the IDX files of a folder that holds other things too', async () => {
    writeIdx('train', 10);
    writeIdx('t10k', 4);
    writeFileSync(join(folder, 'README.md'), 'text');
    mkdirSync(join(folder, 'sub'));
    const { train, test } = await loadData(folder, 0);
    expect([train.length, test.length, train.xShape]).toEqual([10, 4, [1, 2, 2]]);
    expect([...test.y]).toEqual([0, 1, 2, 3]);
  });

  it('keeps a fifth for the test, by the seed, where there is no test file', async () => {
    writeIdx('train', 20);
    const [first, again, other] = await Promise.all([0, 0, 1].map((seed) => loadData(folder, seed)));
    expect([first.train.length, first.test.length]).toEqual([16, 4]);
    expect(again.test.y).toEqual(first.test.y);
    expect(other.test.x).not.toEqual(first.test.x);
  });

  it("splits a table and normalizes both parts by the training part's statistics", async () => {
    const { train, test } = await loadData(
      writeCsv(50, (row) => ['cat', 'dog'][row % 2]),
      3,
    );
    expect([train.length, test.length, train.classes]).toEqual([40, 10, ['cat', 'dog']]);
    const inputs = train.inputs();
    for (const feature of [0, 1]) {
      const values = inputs.filter((_, i) => i % 2 === feature);
      const mean = values.reduce((sum, value) => sum + value, 0) / 40;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 40;
      expect(mean).toBeCloseTo(0, 5);
      expect(variance).toBeCloseTo(1, 5);
    }
    expect([test.mean, test.std]).toEqual([train.mean, train.std]);
  });

  it('trains on numbers in the scale of the training part', async () => {
    const path = writeCsv(50, (row) => 100 + row / 10);
    const { train, test, table } = await loadData(path, 3);
    expect([train.classCount, train.yShape, table?.label]).toEqual([
      undefined,
      [1],
      { index: 2, by: 'last', name: undefined },
    ]);
    const values = [...train.y];
    expect(values.reduce((sum, value) => sum + value, 0) / 40).toBeCloseTo(0, 5);
    expect(values.reduce((sum, value) => sum + value ** 2, 0) / 40).toBeCloseTo(1, 5);
    const { mean, std } = table!.target!;
    const back = [...train.y, ...test.y].map((value) => value * std + mean).sort((a, b) => a - b);
    for (const [row, value] of back.entries()) expect(value).toBeCloseTo(100 + row / 10, 4);
  });

  it('takes the label that is named, and tells what it took', async () => {
    const path = join(folder, 'named.csv');
    const lines = Array.from({ length: 20 }, (_, i) => `${2000 + (i % 5)},${i},${i % 7}`);
    writeFileSync(path, `year,size,kind\n${lines.join('\n')}\n`);
    for (const label of ['year', '1']) {
      const { train, table } = await loadData(path, 0, { label });
      expect([train.classes?.length, train.xShape]).toEqual([5, [2]]);
      expect(table).toMatchObject({
        columns: [{ name: 'size' }, { name: 'kind' }],
        label: { index: 0, by: 'given', name: 'year' },
      });
    }
    const { train, table } = await loadData(path, 0, { label: 'kind', task: 'regression' });
    expect([train.classCount, table?.target === undefined]).toEqual([undefined, false]);
    await expect(loadData(path, 0, { label: 'yaer' })).rejects.toThrow(/expected .* one of year, size, kind/);
    await expect(loadData('digits', 0, { label: 'year' })).rejects.toThrow(/--label is given, for digits/);
  });

  it('refuses a label with one class', async () => {
    const path = writeCsv(20, () => 'cat');
    await expect(loadData(path, 0, { label: '3' })).rejects.toThrow(
      /label \(column 3\) is always cat; expected two/,
    );
  });

  it.each([
    ['digitz', /--data is digitz, which does not exist; .*Did you mean digits\?/],
    [
      'text.txt',
      /text\.txt, a \.txt file; expected digits, a folder with IDX files or images, a \.csv or \.txt file, dates/,
    ],
    ['', /without training files/],
  ])('refuses %j', async (name, message) => {
    writeFileSync(join(folder, 'text.txt'), 'text');
    const source = name === 'digitz' ? name : join(folder, name);
    await expect(loadData(source, 0)).rejects.toMatchObject({
      code: 'data',
      message: expect.stringMatching(message),
    });
  });

  it('says where a file is broken', async () => {
    writeIdx('train', 10);
    writeFileSync(join(folder, 'train-labels-idx1-ubyte'), idx(10).subarray(0, 12));
    await expect(loadData(folder, 0)).rejects.toThrow(/train-labels-idx1-ubyte/);
    const table = writeCsv(10, (row) => (row === 6 ? '' : 'cat'));
    await expect(loadData(table, 0)).rejects.toThrow(/table\.csv line 7, column 3/);
  });
});
