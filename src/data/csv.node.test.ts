// CSV: quoting, headers, labels of every kind, and errors that point at line and column.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { loadCsv, parseCsv } from './csv';
import { parseCsvRecords } from './csv-records';

const fields = (text: string, delimiter?: ',' | ';' | '\t' | ' ') =>
  parseCsvRecords(text, 't', delimiter).map((record) => record.fields);

describe('records', () => {
  it('follows RFC 4180', () => {
    expect(fields('a,b\r\n1,"x,""y""\nz"\r\n\r\n"",2\r3,\n')).toEqual([
      ['a', 'b'],
      ['1', 'x,"y"\nz'],
      ['', '2'],
      ['3', ''],
    ]);
    expect(fields('\ufeffa , b,')).toEqual([['a', 'b', '']]);
    expect(fields('1  2 3 ', ' ')).toEqual([['1', '2', '3']]);
    expect(fields('')).toEqual([]);
    expect(parseCsvRecords('"a\n\r\nb",1\n\n2,3', 't').map((record) => record.line)).toEqual([1, 5]);
  });

  it('gives back any fields that were written by the rules', () => {
    const write = (field: string) => `"${field.replaceAll('"', '""')}"`;
    const field = fc
      .string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') })
      .map((text) => `${text}x`);
    fc.assert(
      fc.property(fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 }), (rows) => {
        expect(fields(rows.map((row) => row.map(write).join(',')).join('\r\n'))).toEqual(rows);
      }),
      { seed: 5 },
    );
  });

  it.each([
    ['1,2\n3,"4', /t line 2, column 2 is a quote that is never closed/],
    ['1,2\n"3"4,5', /t line 2, column 1 is text after a closing quote \("4"\)/],
    ['a"b,c', /t line 1, column 1 is a quote within a field/],
  ])('refuses broken quotes: %j', (text, message) => {
    expect(() => parseCsvRecords(text, 't')).toThrow(message);
  });
});

describe('parseCsv', () => {
  it('reads the form rows,features,class names', () => {
    const data = parseCsv('3,2,setosa,versicolor\n5.1,3.5,0\n4.9,3.0,1\n-1e2,.5,1\n');
    expect([data.classes, data.length, data.xShape, data.yShape]).toEqual([
      ['setosa', 'versicolor'],
      3,
      [2],
      [],
    ]);
    expect(data.x).toEqual(Float32Array.of(5.1, 3.5, 4.9, 3, -100, 0.5));
    expect(data.y).toEqual(Int32Array.of(0, 1, 1));
    expect(() => parseCsv('4,2,a,b\n5.1,3.5,0\n4.9,3.0,1\n')).toThrow(
      /2 rows; expected 4, as the first line says/,
    );
    expect(() => parseCsv('2,2,a,b\n5.1,3.5,0\n4.9,3.0,2\n')).toThrow(
      /line 3, column 3 is label "2"; .* 0\.\.1 or one of a, b/,
    );
  });

  it('finds the header and the label column by name or index', () => {
    const text = 'kind,width,height\ncat,1,2\ndog,3,4\n';
    const byName = parseCsv(text, { labelColumn: 'kind' });
    expect([byName.classes, [...byName.y], [...byName.x]]).toEqual([
      ['cat', 'dog'],
      [0, 1],
      [1, 2, 3, 4],
    ]);
    expect(parseCsv(text, { labelColumn: 0 }).y).toEqual(byName.y);
    expect(() => parseCsv(text, { labelColumn: 'kin' })).toThrow(
      /labelColumn is "kin"; expected a place in 1\.\.3 or one of kind/,
    );
    expect(() => parseCsv('1,2\n3,4', { labelColumn: 'kind' })).toThrow(/no header: give its place/);
    expect(() => parseCsv('1,2\n3,4', { labelColumn: 2 })).toThrow(/labelColumn is 2; expected 0\.\.1/);
    expect(() => parseCsv('1\n2')).toThrow(/the only column; expected features beside it/);
    expect(parseCsv('0,1,2\n3,4,5\n', { header: true }).length).toBe(1);
    expect(parseCsv('1,2,yes\n3,4,no\n').length).toBe(2);
  });

  it('takes labels for classes or numbers by the documented rule', () => {
    const read = (labels: string[], task?: 'classification' | 'regression') =>
      parseCsv(labels.map((label) => `1,${label}`).join('\n'), { header: false, task });
    expect(read(['2', '1', '2', '1']).classes).toEqual(['1', '2']);
    expect([...read(['2', '1', '2', '1']).y]).toEqual([1, 0, 1, 0]);
    const numbers = read(['25', '101', '30', '25']);
    expect([numbers.classCount, numbers.yShape, [...numbers.y]]).toEqual([undefined, [1], [25, 101, 30, 25]]);
    expect(read(['0.5', '0.5', '0.5', '1.5']).y).toBeInstanceOf(Float32Array);
    expect(read(['-1', '1', '-1', '1']).y).toBeInstanceOf(Float32Array);
    expect(read(['-1', '1', '-1', '1'], 'classification').classes).toEqual(['-1', '1']);
    expect(read(['0', '1', '0', '1'], 'regression').y).toEqual(Float32Array.of(0, 1, 0, 1));
    expect(read(['b', 'a', '7', 'b']).classes).toEqual(['7', 'a', 'b']);
    expect(() => read(['b', 'a', '', 'b'])).toThrow(/line 3, column 2 is an empty label/);
    expect(read(['0', '2', '0', '2']).y).toBeInstanceOf(Float32Array);
    expect(read(['10', '2', '10', '2'], 'classification').classes).toEqual(['2', '10']);
    expect(() => read(['0', '0', '1', '1', 'O'])).toThrow(
      /line 5, column 2 is label "O"; expected .* one of 0, 1/,
    );
    expect(() => read(['1.5', '2.5', 'n/a'])).toThrow(
      /line 3, column 2 is "n\/a", a missing value; expected a finite/,
    );
  });

  it('numbers classes as told', () => {
    const data = parseCsv('1,b\n2,c\n', { classes: ['a', 'b', 'c'] });
    expect([[...data.y], data.classCount]).toEqual([[1, 2], 3]);
  });

  it.each<[string, RegExp]>([
    ['1,2,0\n1,x,1', /t line 2, column 2 is "x"; expected a finite number/],
    ['1,2,0\n\n1,,1', /t line 3, column 2 is empty/],
    ['1,2,0\nNaN,2,1', /t line 2, column 1 is "NaN"/],
    ['1,2,0\n1,1e39,1', /t line 2, column 2 is "1e39"/],
    ['1,0x10,0', /column 2 is amounts .* "0x10"/],
    ['1,2,0\n1,2', /t line 2 is 2 fields; expected 3/],
    ['', /t is a table without rows/],
    ['a,b\n', /t is a table without rows/],
  ])('refuses %j', (text, message) => {
    try {
      parseCsv(text, { name: 't', task: 'regression' });
    } catch (error) {
      expect(error).toBeInstanceOf(GradloomError);
      expect((error as GradloomError).code).toBe('data');
      expect((error as GradloomError).fix).toBeTruthy();
      expect((error as GradloomError).message).toMatch(message);
      return;
    }
    expect.fail('accepted');
  });

  it('guesses the delimiter, shapes samples and standardizes features', () => {
    for (const delimiter of [',', ';', '\t', ' ']) {
      const text = ['1,10,0', '3,10,1', '5,10,0', '7,10,1'].join('\n').replaceAll(',', delimiter);
      const data = parseCsv(text, { standardize: true });
      expect([...data.mean, ...data.std]).toEqual([4, 10, Math.sqrt(5), 1]);
      expect(data.inputs()[1]).toBe(0);
      expect(data.inputs()[6]).toBeCloseTo(3 / Math.sqrt(5), 5);
    }
    expect(parseCsv('1,2,3,4,0\n1,2,3,4,1', { xShape: [1, 2, 2] }).xShape).toEqual([1, 2, 2]);
    expect(() => parseCsv('1,2,3,0\n1,2,3,1', { xShape: [1, 2, 2] })).toThrow(
      /x is 6 values; expected a multiple of 4/,
    );
  });

  it('never gives anything but a GradloomError, whatever the text', () => {
    const unit = fc.constantFrom(
      '0',
      '1',
      '9',
      '.',
      '-',
      'e',
      'a',
      ',',
      ',',
      '"',
      '\n',
      '\r',
      ' ',
      ';',
      '\t',
      'N',
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 40 }), (text) => {
        try {
          expect(parseCsv(text).length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(GradloomError);
        }
      }),
      { seed: 6, numRuns: 3000 },
    );
  });
});

describe('loadCsv', () => {
  it('reads bytes and gzip, and takes the name of the file', async () => {
    const bytes = new TextEncoder().encode('1,yes\n2,no\n');
    const data = await loadCsv(new File([gzipSync(bytes)], 'answers.csv.gz'));
    expect([data.name, data.classes]).toEqual(['answers.csv.gz', ['no', 'yes']]);
    expect((await loadCsv(bytes, { name: 'mine' })).name).toBe('mine');
    await expect(loadCsv(Uint8Array.of(0xff, 0xfe, 0x31))).rejects.toThrow(/no text in UTF-16LE/);
  });
});
