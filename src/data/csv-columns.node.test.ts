// Words, dates and missing values of tables: converted as documented, or refused by name.
import { describe, expect, it } from 'vitest';
import type { GradloomError } from '../errors';
import { type CsvOptions, parseTable } from './csv';
import { dateFormOf, dateNumber } from './csv-dates';

const rows = (...lines: string[]) => `${lines.join('\n')}\n`;
const read = (text: string, options: CsvOptions = {}) => {
  const { data, ...table } = parseTable(text, { name: 't', labelColumn: 'y', ...options });
  const width = data.xSize;
  const values = Array.from({ length: data.length }, (_, i) => [...data.x.slice(i * width, (i + 1) * width)]);
  return { ...table, values, y: [...data.y] };
};

describe('categories', () => {
  const text = rows('colour,size,y', 'red,1,0.5', 'blue,2,1.5', 'red,3,2.5', 'green,4,3.5');

  it('become a column each, in sorted order', () => {
    const { features, values } = read(text);
    expect(features).toEqual(['colour=blue', 'colour=green', 'colour=red', 'size']);
    expect(values).toEqual([
      [0, 0, 1, 1],
      [1, 0, 0, 2],
      [0, 0, 1, 3],
      [0, 1, 0, 4],
    ]);
  });

  it('become their index on request', () => {
    const { features, values } = read(text, { categories: 'code' });
    expect([features, values.map(([code]) => code)]).toEqual([
      ['colour', 'size'],
      [2, 0, 2, 1],
    ]);
  });

  it.each<[string, string, CsvOptions, RegExp]>([
    ['on request', text, { categories: 'error' }, /column 1 \(colour\) is words, such as "red"/],
    [
      'that hardly repeat',
      rows('name,size,y', ...Array.from({ length: 12 }, (_, i) => `${'abcdefghijkl'[i]}x,${i},${i / 2}`)),
      {},
      /12 different words in 12 rows, such as "ax"; expected categories, which repeat/,
    ],
    ['of one word', rows('a,b,y', 'x,1,1', 'x,2,2'), {}, /column 1 \(a\) is always "x"/],
    ['with a unit', rows('a,b,y', '5 kg,1,1', '7 kg,2,2'), {}, /amounts with a unit, such as "5 kg"/],
    ['in percent', rows('a,b,y', '5%,1,1', '7%,2,2'), {}, /amounts with a unit/],
    [
      'among numbers',
      rows('a,b,y', '5,1,1', 'x,2,2'),
      {},
      /line 3, column 1 \(a\) is "x"; expected a finite/,
    ],
  ])('are refused: %s', (_, table, options, message) => {
    expect(() => read(table, options)).toThrow(message);
  });

  it('may be called NA or none', () => {
    expect(read(rows('a,b,y', 'NA,1,1', 'x,2,2', 'none,3,3')).features).toEqual([
      'a=NA',
      'a=none',
      'a=x',
      'b',
    ]);
  });
});

describe('columns', () => {
  const text = rows('id,name,b,y', '1,Ann,1,1', '2,Bob,2,2', '3,Cid,3,1');
  it.each([[['id', 'name']], [[0, 1]], [['1', 'name']]])('are left out: %j', (ignore) => {
    expect(read(text, { ignore })).toMatchObject({ features: ['b'], width: 4 });
  });

  it.each<[unknown, RegExp]>([
    [['nmae'], /ignore is "nmae"; expected a place in 1\.\.4 or one of id, name, b, y/],
    ['name', /ignore is "name"; expected a list of columns/],
    [[7], /ignore is 7/],
    [[null], /ignore is null/],
    [['id', 'name', 'b'], /expected a column besides the label/],
  ])('that do not exist are told: %j', (ignore, message) => {
    expect(() => read(text, { ignore: ignore as string[] })).toThrow(message);
  });

  it('that are left out are no label', () => {
    const wordy = rows('a,word,b', '1,x,1.5', '2,y,2.5', '3,x,3.5');
    expect(parseTable(wordy, { ignore: ['word'] }).label).toEqual({ index: 2, by: 'last', name: 'b' });
  });
});

describe('missing values', () => {
  const text = rows('a,kind,y', '1,p,1', ',q,2', '4,,3', '4,q,4', 'NA,p,5', '10,q,6');
  const fills: [CsvOptions['missing'], number][] = [
    ['median', 4],
    ['mean', 4.75],
    ['mode', 4],
  ];

  it.each(fills)('become the %s of their column, of categories the most common one', (missing, fill) => {
    const { values, filled, dropped } = read(text, { missing });
    expect(values.map(([a]) => a)).toEqual([1, fill, 4, 4, fill, 10]);
    expect(values[2].slice(1)).toEqual([0, 1]);
    expect([filled, dropped]).toEqual([3, 0]);
  });

  it('take their rows with them', () => {
    const { values, y, filled, dropped } = read(rows('a,b,y', '1,2,1', ',2,2', '3,4,', '5,6,7'), {
      missing: 'drop',
      task: 'regression',
    });
    expect([values, y, filled, dropped]).toEqual([
      [
        [1, 2],
        [5, 6],
      ],
      [1, 7],
      0,
      2,
    ]);
  });

  it.each<[string, string, CsvOptions, RegExp]>([
    [
      'by default, with what to do',
      text,
      {},
      /line 3, column 1 \(a\) is empty; expected a finite number\. .*set missing/,
    ],
    [
      'in categories',
      rows('k,b,y', 'p,1,1', ',2,2', 'q,3,3'),
      {},
      /line 3, column 1 \(k\) is empty; expected a cat/,
    ],
    [
      'in the label',
      rows('a,y', '1,1', '2,'),
      { missing: 'mean', task: 'regression' },
      /column 2 \(y\) is empty/,
    ],
    [
      'everywhere',
      rows('a,b,y', ',1,1', 'NA,2,2'),
      { missing: 'mean' },
      /column 1 \(a\) is a column without values/,
    ],
    ['in every row', rows('a,b,y', ',1,1', '1,,2'), { missing: 'drop' }, /a value missing in every row/],
    ['by an unknown rule', text, { missing: 'meen' as 'mean' }, /missing is "?meen.*mean/],
  ])('are refused %s', (_, table, options, message) => {
    expect(() => read(table, options)).toThrow(message);
  });
});

describe('dates', () => {
  it.each<[string, number]>([
    ['1970-01-02', 1],
    ['2000-02-29', 11016],
    ['1969-12-31', -1],
    ['2024/3/1', 19783],
    ['1970-01-01T12:00:00Z', 0.5],
    ['1970-01-01 06:00', 0.25],
    ['1970-01-01T00:00:00+01:00', -1 / 24],
    ['1970-01-01T00:00:43.2', 0.0005],
    ['0099-01-01', -683368],
  ])('%s is %d days', (text, days) => {
    expect(dateNumber(text, 'iso')).toBeCloseTo(days, 9);
  });

  it.each([
    '2023-02-29',
    '2024-13-01',
    '2024-00-01',
    '2024-01-32',
    '2024-01/02',
    '24-01-02',
    '2024-01-01T25:00',
    '',
  ])('%j is none', (text) => expect(dateNumber(text, 'iso')).toBeNaN());

  it.each<[string[], boolean | undefined, string | undefined]>([
    [['31/1/2024', '2/3/2024'], undefined, 'dayFirst'],
    [['1/31/2024', '2/3/2024'], undefined, 'monthFirst'],
    [['1/2/2024', '2/3/2024'], undefined, 'ambiguous'],
    [['1/2/2024'], true, 'dayFirst'],
    [['1/2/2024'], false, 'monthFirst'],
    [['1.2.2024'], undefined, 'dayFirst'],
    [['2024-01-02', '3/4/2024'], undefined, undefined],
    [['31/12/2024', '12/31/2024'], undefined, undefined],
    [['soon'], undefined, undefined],
  ])('%j are written %s', (texts, dayFirst, form) => {
    expect(dateFormOf(texts, dayFirst)).toBe(form);
  });

  it('become days, with what is missing filled in', () => {
    const text = rows('day,b,y', '1970-01-03,1,1', ',2,2', '1970-01-05,3,3');
    expect(read(text, { missing: 'median' }).values.map(([day]) => day)).toEqual([2, 3, 4]);
  });

  it.each<[string[], RegExp]>([
    [['1/2/2024', '3/4/2024'], /column 1 \(day\) is dates such as "1\/2\/2024"; expected .* Set dayFirst/],
    [['2023-02-30', '2023-02-01'], /dates that do not exist/],
    [['2023-02-30T00:00', '31/12/2023'], /of several forms/],
  ])('%j are refused', (days, message) => {
    const text = rows('day,b,y', ...days.map((day, i) => `${day},${i},${i}`));
    try {
      read(text);
    } catch (error) {
      expect((error as GradloomError).code).toBe('data');
      expect((error as Error).message).toMatch(message);
      return;
    }
    expect.fail('accepted');
  });
});
