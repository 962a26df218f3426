/** Tensors as text against PyTorch's (`e2e/goldens/printed.py`). */
import { describe, expect, it } from 'vitest';
import printed from '../../e2e/goldens/fixtures/functions/printed.json';
import type { DType } from '../graph/ir/variable';
import { describeTensor, formatTensor } from './format';

interface Printed {
  shape: number[];
  dtype: DType;
  values?: (number | string | boolean)[];
  /** 0, 1, ... so many. */
  count?: number;
  text: string;
}

const SPECIAL: Record<string, number> = { nan: Number.NaN, inf: Infinity, '-inf': -Infinity };

describe('formatTensor', () => {
  it.each(printed as Printed[])(
    'prints what PyTorch prints: $shape $dtype',
    ({ shape, dtype, values, count, text }) => {
      const numbers =
        values?.map((value) => (typeof value === 'string' ? SPECIAL[value] : Number(value))) ??
        Array.from({ length: count! }, (_, i) => i);
      expect(formatTensor(shape, dtype, Float32Array.from(numbers))).toBe(text);
    },
  );
});

describe('describeTensor', () => {
  it('says what is known without values', () => {
    expect(describeTensor([2, 3], 'f32')).toBe('tensor([2, 3], float32)');
    expect(describeTensor([], 'i32')).toBe('tensor([], int32)');
  });
});
