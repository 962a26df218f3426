// Which column is taken for the label, and which labels are classes; where the table leaves it open, an error.
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { parseCsv, parseTable } from './csv';
import { classIndex, findClasses } from './csv-label';

/** A table of `count` rows, by a function for each. */
const table = (count: number, row: (i: number) => (string | number)[], header?: string) =>
  `${header ? `${header}\n` : ''}${Array.from({ length: count }, (_, i) => row(i).join(',')).join('\n')}\n`;

const noise = (i: number) => ((i * 7919) % 101) / 10;

describe('the label column', () => {
  it('is the given one, by index, place or name', () => {
    const text = table(12, (i) => [i % 3, noise(i), i % 2], 'kind,size,flag');
    for (const labelColumn of [0, '1', 'kind']) {
      const { data, label, features } = parseTable(text, { labelColumn });
      expect([data.classCount, label, features]).toEqual([
        3,
        { index: 0, by: 'given', name: 'kind' },
        ['size', 'flag'],
      ]);
      expect([...data.y.slice(0, 4)]).toEqual([0, 1, 2, 0]);
    }
    expect(parseTable(text, { labelColumn: '3' }).label.index).toBe(2);
    for (const labelColumn of ['0', '4', '-1', 'Kind', 3, -1, 0.5]) {
      expect(() => parseTable(text, { labelColumn })).toThrow(/labelColumn is/);
    }
    // A name that is a number is a name first.
    expect(
      parseTable(
        table(4, (i) => [noise(i), i % 2, 0.5], '3,1,kind'),
        { labelColumn: '1', header: true },
      ).label.index,
    ).toBe(1);
  });

  it.each(['label', 'Class', 'TARGET', 'y'])('is the one that the header calls %s', (name) => {
    const { label } = parseTable(table(12, (i) => [i % 3, noise(i), noise(i + 1)], `${name},a,b`));
    expect(label).toEqual({ index: 0, by: 'name', name });
  });

  it('is the last where the first line declares the classes', () => {
    const { label } = parseTable(table(6, (i) => [i % 2, noise(i), i % 2], '6,2,cat,dog'));
    expect(label).toEqual({ index: 2, by: 'declared', name: undefined });
  });

  it('is the only one of words, wherever it stands', () => {
    const { label, data } = parseTable(table(12, (i) => [['cat', 'dog'][i % 2], noise(i), 1]));
    expect([label.index, label.by, data.classes]).toEqual([0, 'words', ['cat', 'dog']]);
  });

  it('is the last where nothing speaks against it', () => {
    for (const row of [
      (i: number) => [noise(i), noise(i + 1), i % 3],
      (i: number) => [noise(i), noise(i + 1), noise(i + 2)],
      (i: number) => [i % 2, noise(i), i % 3],
      (i: number) => [0, noise(i), i % 10],
    ]) {
      expect(parseTable(table(60, row)).label).toMatchObject({ index: 2, by: 'last' });
    }
  });

  it.each<[string, (i: number) => number[], RegExp]>([
    [
      'the last is constant',
      (i) => [i % 3, noise(i), 7],
      /column 3 is always 7.*--label.*column 1 has 3 values \(0, 1, 2\)/,
    ],
    [
      'the last is constant and no other is a label',
      (i) => [noise(i), noise(i + 1), 7],
      /column 3 is always 7/,
    ],
    [
      'the first is classes and the last numbers',
      (i) => [i % 3, noise(i), noise(i + 1)],
      /column 1 has 3 values/,
    ],
    ['the last is nearly constant', (i) => [i % 3, noise(i), i === 5 ? 255 : 0], /column 1 has 3 values/],
  ])('is asked for when %s', (_, row, message) => {
    const text = table(60, row);
    expect(() => parseTable(text)).toThrow(message);
    try {
      parseTable(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'argument', argument: 'labelColumn' });
    }
    expect(parseTable(text, { labelColumn: 0 }).label.by).toBe('given');
  });

  it('may be the last of numbers when numbers are asked for', () => {
    const text = table(60, (i) => [i % 3, noise(i), noise(i + 1)]);
    expect(parseTable(text, { task: 'regression' }).label).toEqual({ index: 2, by: 'last' });
  });
});

describe('classes', () => {
  const repeat = (times: number, ...labels: (string | number)[]) =>
    Array.from({ length: times }, () => labels.map(String)).flat();

  it.each<[string, string[], string[] | undefined]>([
    ['years', repeat(4, 2004, 2000, 2002, 2001, 2003), ['2000', '2001', '2002', '2003', '2004']],
    ['counted from 0', repeat(2, 0, 1, 2), ['0', '1', '2']],
    ['digits of a float', repeat(2, '0.0', '1.0', '1', '0'), ['0', '1']],
    ['minus one and one', repeat(5, -1, 1), ['-1', '1']],
    ['tens', repeat(6, 10, 20, 30), ['10', '20', '30']],
    ['words', repeat(1, 'b', 'a', 'b'), ['a', 'b']],
    ['numbers beyond order', repeat(5, 10, 9, 2), ['2', '9', '10']],
    ['prices', repeat(1, 100, 250, 175, 99), undefined],
    ['fractions', repeat(5, 0.5, 1.5), undefined],
    ['few of each', repeat(2, 10, 20, 30), undefined],
    ['many years', repeat(2, ...Array.from({ length: 30 }, (_, i) => 1990 + i)), undefined],
  ])('%s', (_, labels, classes) => {
    expect(findClasses(labels, 'auto')).toEqual(classes);
    expect(findClasses(labels, 'regression')).toBeUndefined();
  });

  it('numbers them from 0, not by their value', () => {
    const data = parseCsv(table(20, (i) => [noise(i), 2000 + (i % 5)]));
    expect([data.classCount, data.classes, [...data.y.slice(0, 6)]]).toEqual([
      5,
      ['2000', '2001', '2002', '2003', '2004'],
      [0, 1, 2, 3, 4, 0],
    ]);
  });

  it('finds a label by name, by value, and by index where names are words', () => {
    const years = ['2000', '2001'];
    expect(['2001', '2001.0', '+2e3', '0', '1', 'x', ''].map((label) => classIndex(label, years))).toEqual([
      1, 1, 0, -1, -1, -1, -1,
    ]);
    const words = ['setosa', 'virginica'];
    expect(['virginica', '0', '1.0', '2', '-1', '0.5', '?'].map((label) => classIndex(label, words))).toEqual(
      [1, 0, 1, -1, -1, -1, -1],
    );
  });
});

describe('a label that is in doubt', () => {
  const table = (header: string, row: (i: number) => string) =>
    `${header}\n${Array.from({ length: 30 }, (_, i) => row(i)).join('\n')}\n`;

  it.each<[string, string, RegExp]>([
    [
      'two names that say label',
      table('label,a,class', (i) => `${i % 2},${i},${i % 3}`),
      /2 columns are called labels: label, class/,
    ],
    [
      'amounts with a unit',
      table('share,a,b', (i) => `${i}%,${i / 3},${i * 1.5}`),
      /column 1 \(share\) has 30 values.*hardly repeats/,
    ],
    [
      'dates',
      table('day,a,b', (i) => `2024-03-${i + 1},${i / 3},${i * 1.5}`),
      /hardly repeats a value; expected the column to learn/,
    ],
    [
      'one name for two columns',
      table('a,a,label', (i) => `${i},${i / 3},${i % 2}`),
      /line 1 is two columns named "a"/,
    ],
  ])('is asked for: %s', (_, text, message) => {
    expect(() => parseCsv(text)).toThrow(GradloomError);
    expect(() => parseCsv(text)).toThrow(message);
  });

  it('is taken where it is named', () => {
    const text = table('label,a,class', (i) => `${i % 2},${i},${i % 3}`);
    expect(parseCsv(text, { labelColumn: 'class' }).classCount).toBe(3);
  });
});
