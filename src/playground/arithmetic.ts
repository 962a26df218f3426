/** One output of a layer as the sum that it is: each input times its weight, and the bias. */

export interface Term {
  input: number;
  weight: number;
}

/** What one input channel adds to one output of a convolution: its window and its part of the kernel. */
export interface Window {
  channel: number;
  /** `[height, width]` of window and kernel. */
  size: [number, number];
  terms: Term[];
  sum: number;
}

export interface Arithmetic {
  /** Windows of a convolution, strongest first; absent for a linear layer. */
  windows?: Window[];
  /** Terms of a linear layer, strongest first. */
  terms?: Term[];
  bias: number;
  sum: number;
}

interface Values {
  shape: readonly number[];
  data: ArrayLike<number>;
}

interface ConvOptions {
  stride: number;
  padding: number;
}

/**
 * Output `(row, column)` of output channel `out` of a 2-D convolution without dilation or groups.
 * @param input `[channels, height, width]`
 * @param weight `[out, channels, kernel height, kernel width]`
 */
export function convArithmetic(
  input: Values,
  weight: Values,
  bias: ArrayLike<number> | undefined,
  [out, row, column]: readonly [number, number, number],
  { stride, padding }: ConvOptions,
): Arithmetic {
  const [channels, height, width] = input.shape;
  const [, , rows, columns] = weight.shape;
  const windows = Array.from({ length: channels }, (_, channel): Window => {
    const terms: Term[] = [];
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++) {
        const [y, x] = [row * stride - padding + i, column * stride - padding + j];
        const isInside = y >= 0 && y < height && x >= 0 && x < width;
        terms.push({
          input: isInside ? input.data[(channel * height + y) * width + x] : 0,
          weight: weight.data[((out * channels + channel) * rows + i) * columns + j],
        });
      }
    }
    return { channel, size: [rows, columns], terms, sum: sumOf(terms) };
  });
  const offset = bias?.[out] ?? 0;
  const sum = windows.reduce((total, window) => total + window.sum, offset);
  return { windows: windows.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum)), bias: offset, sum };
}

/** Output `out` of a linear layer. @param weight `[out, in]` */
export function linearArithmetic(
  input: Values,
  weight: Values,
  bias: ArrayLike<number> | undefined,
  out: number,
): Arithmetic {
  const count = weight.shape[1];
  const terms = Array.from({ length: count }, (_, i) => ({
    input: input.data[i],
    weight: weight.data[out * count + i],
  }));
  const offset = bias?.[out] ?? 0;
  const sum = sumOf(terms) + offset;
  return {
    terms: terms.sort((a, b) => Math.abs(b.input * b.weight) - Math.abs(a.input * a.weight)),
    bias: offset,
    sum,
  };
}

const sumOf = (terms: readonly Term[]) => terms.reduce((sum, { input, weight }) => sum + input * weight, 0);
