// The form of tables as people have them: delimiters, decimal commas, byte order marks, line ends, headers.
import { describe, expect, it } from 'vitest';
import { loadCsv, parseCsv, parseTable } from './csv';
import { parseFeatures } from './csv-features';
import { guessDelimiter } from './csv-form';

const rows = (...lines: string[]) => `${lines.join('\n')}\n`;

describe('guessDelimiter', () => {
  it.each([
    ['a comma', rows('1,2,a', '3,4,b'), ','],
    ['one column', rows('1', '2'), ','],
    ['a semicolon', rows('1;2;a', '3;4;b'), ';'],
    ['a tab', rows('1\t2', '3\t4'), '\t'],
    ['spaces', rows('1  2 3', '4 5  6'), ' '],
    ['decimal commas between semicolons', rows('1,5;2,5;a', '3,5;4,5;b'), ';'],
    ['one decimal comma for each semicolon', rows('1,5;cat', '2,5;dog'), ';'],
    ['decimal commas between tabs', rows('1,5\t2,5', '2,5\t3,5'), '\t'],
    ['semicolons in text', rows('1,2,a;b', '3,4,c;d'), ','],
    ['quoted delimiters', rows('"x;y;z;w",1,2', '"a;b;c;d",3,4'), ','],
    ['quoted commas', rows('"x,y,z";1;2', '"a,b,c";3;4'), ';'],
    ['a quoted line break at the end of the sample', `${'1,2\n'.repeat(49)}"a\nb",2\n1,2\n`, ','],
    ['words with spaces', rows('a b c,1', 'd e f,2'), ','],
  ])('finds %s', (_, text, delimiter) => {
    expect(guessDelimiter(text)).toBe(delimiter);
  });
});

describe('numbers', () => {
  it('reads decimal commas, with semicolons, tabs or quotes', () => {
    const expected = Float32Array.of(1.5, -2.25, 3, 40.5);
    for (const text of [
      rows('1,5;-2,25;a', '3;4,05e1;b'),
      rows('1,5\t-2,25\ta', '3\t40,5\tb'),
      rows('"1,5","-2,25",a', '"3","40,5",b'),
    ]) {
      const { x, classes } = parseCsv(text);
      expect([x, classes]).toEqual([expected, ['a', 'b']]);
    }
    expect(parseCsv(rows('1,5;2000', '2,5;2001,5')).y).toEqual(Float32Array.of(2000, 2001.5));
  });

  it('refuses mixed decimal signs and groups of thousands, with their place', () => {
    expect(() => parseCsv(rows('1,5;2;a', '1.5;2;b'))).toThrow(/line 1, column 1 is "1,5".*decimal point or/);
    expect(() => parseCsv(rows('"1,234",2,a', '5,6,b'))).toThrow(/line 1, column 1 is "1,234".*thousands/);
    expect(() => parseCsv(rows('1.234,5;2;a', '1,5;2;b'))).toThrow(/line 1, column 1 is "1\.234,5"/);
  });

  it.each(['', 'NA', 'n/a', 'NaN', '?', 'null', '-'])('says where a value is missing: %j', (missing) => {
    const text = rows('height,width,kind', '1,2,a', `3,${missing},b`);
    expect(() => parseCsv(text, { name: 't' })).toThrow(
      new RegExp(
        `t line 3, column 2 \\(width\\) is (empty|"${missing.replace('?', '\\?')}", a missing value); expected`,
      ),
    );
  });

  it.each(['', '?', 'NaN'])('refuses the label %j', (missing) => {
    expect(() => parseCsv(rows('1,a', '2,b', `3,${missing}`))).toThrow(
      /line 3, column 2 is (an empty )?label/,
    );
    expect(() => parseCsv(rows('1,0.5', '2,1.5', `3,${missing}`))).toThrow(/line 3, column 2 is (empty|")/);
  });
});

describe('bytes', () => {
  const plain = rows('width,kind', '1,a', '2,b');
  it('reads a byte order mark, CRLF and CR as if they were not there', async () => {
    const expected = parseTable(plain);
    for (const text of [`\ufeff${plain}`, plain.replaceAll('\n', '\r\n'), plain.replaceAll('\n', '\r')]) {
      expect(parseTable(text)).toEqual(expected);
      const loaded = await loadCsv(new TextEncoder().encode(text), { name: 'CSV' });
      expect(loaded).toEqual(expected.data);
    }
  });

  it('reads UTF-16 with its mark, as spreadsheets export it, and refuses bytes that are no text', async () => {
    for (const littleEndian of [true, false]) {
      const bytes = new DataView(new ArrayBuffer(2 * plain.length + 2));
      Array.from(`\ufeff${plain}`).forEach((letter, i) => {
        bytes.setUint16(2 * i, letter.charCodeAt(0), littleEndian);
      });
      const loaded = await loadCsv(new Uint8Array(bytes.buffer), { name: 'CSV' });
      expect(loaded).toEqual(parseTable(plain).data);
    }
    await expect(loadCsv(Uint8Array.of(0x31, 0x2c, 0xe9, 0x0a))).rejects.toThrow(/no text in UTF-8/);
  });
});

describe('the header', () => {
  it.each([
    ['words', ['a,b,kind', '1,2,x', '3,4,y']],
    ['counted numbers and a word', ['0,1,2,species', '5.1,3.5,1.4,setosa', '4.9,3.0,1.3,setosa']],
    ['counted numbers above fractions', ['0,1,2,3', '5.1,3.5,1.4,0', '4.9,3.0,1.3,1']],
    ['years', ['1990,1991,1992,label', '1.5,2.5,3.5,0', '2.5,3.5,4.5,1']],
    ['many counted numbers', ['0,1,2,3,4,5,6,7', '9,9,9,9,9,9,9,0', '8,8,8,8,8,8,8,1']],
    ['words above numbers and classes', ['age,kind', '1,cat', '2,dog', '3,cat']],
    ['counted numbers and a word above numbers', ['1,2,kind', '5,3,0', '4,3,1']],
  ])('is found: %s', (_, lines) => {
    const { header, label, data } = parseTable(rows(...lines), {
      labelColumn: lines[0].split(',').length - 1,
    });
    expect([header, data.length, label.name]).toEqual([true, lines.length - 1, lines[0].split(',').at(-1)]);
  });

  it.each([
    ['numbers', ['1,2,0', '3,4,1']],
    ['counted numbers above whole numbers', ['1,2,3', '3,1,2', '2,3,1']],
    ['labels of words', ['1,2,yes', '3,4,no', '5,6,yes']],
    ['labels of words, the first one rare', ['1,2,a', '3,4,b', '5,6,b']],
  ])('is not found: %s', (_, lines) => {
    const { header, data } = parseTable(rows(...lines));
    expect([header, data.length]).toEqual([false, lines.length]);
  });

  it('is what the options say', () => {
    expect(parseCsv(rows('1,2,3', '3,1,2', '2,3,1'), { header: true }).length).toBe(2);
    expect(() => parseCsv(rows('a,b', '1,2'), { header: false })).toThrow(/line 1, column 1 is "a"/);
  });
});

describe('parseFeatures', () => {
  const label = { index: 1, name: 'kind' };
  const reader = { kind: 'number' as const };
  const named = [
    { index: 0, name: 'width', reader },
    { index: 2, name: 'height', reader },
  ];
  const columns = { columns: named, label };

  it('finds the features by name, in any order, with the label or without', () => {
    const expected = Float32Array.of(1, 2, 3, 4);
    expect(parseFeatures(rows('width,kind,height', '1,x,2', '3,y,4'), columns)).toEqual(expected);
    expect(parseFeatures(rows('height,width', '2,1', '4,3'), columns)).toEqual(expected);
    expect(parseFeatures(rows('id,height,width', '9,2,1', '9,4,3'), columns)).toEqual(expected);
  });

  it('finds them by place where there are no names', () => {
    const unnamed = { columns: named.map(({ name: _, ...rest }) => rest), label };
    const expected = Float32Array.of(1, 2, 3, 4);
    expect(parseFeatures(rows('1,x,2', '3,y,4'), unnamed)).toEqual(expected);
    expect(parseFeatures(rows('1,2', '3,4'), unnamed)).toEqual(expected);
    expect(parseFeatures(rows('1,2', '3,4'), columns)).toEqual(expected);
    expect(parseFeatures(rows('w,h', '1,2', '3,4'), unnamed)).toEqual(expected);
  });

  it('refuses tables of other columns', () => {
    expect(() => parseFeatures(rows('width,size', '1,2'), columns)).toThrow(/without height; expected width/);
    expect(() => parseFeatures(rows('1,2,3,4'), columns)).toThrow(/4 columns; expected 2 features, or 3/);
    expect(() => parseFeatures(rows('1'), columns)).toThrow(/1 columns; expected 2 features/);
  });
});
