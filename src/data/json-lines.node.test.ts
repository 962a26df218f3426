import { describe, expect, it } from 'vitest';
import { loadJsonLines, parseJsonLines } from './json-lines';
import { WordTokenizer } from './text';

describe('parseJsonLines', () => {
  it('takes numbers by field, and words as classes', async () => {
    const text = '{"a": 1, "b": 2.5, "label": "yes"}\r\n\n{"b": 3, "a": -1, "label": "no"}\n';
    const data = await loadJsonLines(new TextEncoder().encode(text));
    expect([Array.from(data.x), Array.from(data.y), data.classes]).toEqual([
      [1, 2.5, -1, 3],
      [1, 0],
      ['no', 'yes'],
    ]);
    expect(Array.from(parseJsonLines(text, { x: ['b'] }).x)).toEqual([2.5, 3]);
  });
  it('takes nested lists, and numbers as targets', () => {
    const data = parseJsonLines('{"x": [[1, 2]], "y": 0.5}\n{"x": [[3, 4]], "y": 2}');
    expect([data.xShape, Array.from(data.y), data.classes]).toEqual([[1, 2], [0.5, 2], undefined]);
    expect(parseJsonLines('{"x": 1, "y": 1}\n{"x": 2, "y": 0}').classCount).toBe(2);
    expect(parseJsonLines('{"x": 1, "y": true}\n{"x": 2, "y": false}').classes).toEqual(['false', 'true']);
  });
  it('turns texts into tokens', () => {
    const tokenizer = new WordTokenizer(['good', 'bad', 'film']);
    const options = { tokenizer, classes: ['neg', 'pos'] };
    const data = parseJsonLines(
      '{"text": "good film", "label": "pos"}\n{"text": "bad", "label": "neg"}',
      options,
    );
    expect([Array.from(data.x), Array.from(data.y)]).toEqual([
      [2, 4, 3, 0],
      [1, 0],
    ]);
  });
  it('names line and field of what is wrong', () => {
    expect(() => parseJsonLines('{"x": 1, "y": 1}\n{x}')).toThrow(/line 2 of data is no JSON/);
    expect(() => parseJsonLines('[1]')).toThrow(/line 1 of data is \[1\].*a JSON object/);
    expect(() => parseJsonLines(' \n')).toThrow(/data is empty/);
    expect(() => parseJsonLines('{"x": 1, "y": 1}\n{"x": null, "y": 1}')).toThrow(/line 2 of data is x null/);
    expect(() => parseJsonLines('{"x": 1, "y": 1}', { x: 'z' })).toThrow(/z missing/);
    expect(() => parseJsonLines('{"x": 1, "z": 1}')).toThrow(/fields x, z.*Name it with y/);
    expect(() => parseJsonLines('{"x": "a", "y": 1}')).toThrow(/Give tokenizer/);
    expect(() => parseJsonLines('{"x": 1, "y": "a"}\n{"x": 1, "y": 2}')).toThrow(
      /line 2 of data is y 2.*a word/,
    );
    expect(() => parseJsonLines('{"x": 1, "w": "b", "y": 1}')).toThrow(/w b.*a number|w "b".*a number/);
  });
});
