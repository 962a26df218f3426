/** Tensors as text, as PyTorch prints them: four digits, aligned columns, the middle of large tensors left out. */
import { type Shape, sizeOf } from '../graph/ir/graph';
import type { DType } from '../graph/ir/variable';

const DIGITS = 4;
/** Elements from which on only the ends of dimensions are shown, and how many at each end. */
const THRESHOLD = 1000;
const EDGE = 3;
const LINE = 80;

const TYPE_NAMES: Record<DType, string> = { f32: 'float32', f16: 'float16', i32: 'int32', bool: 'bool' };

/** `tensor([2, 3], float32)`: what is known without values. */
export const describeTensor = (shape: Shape, dtype: DType): string =>
  `tensor([${shape.join(', ')}], ${TYPE_NAMES[dtype]})`;

/** `tensor([[1., 2.], [3., 4.]])`. */
export function formatTensor(shape: Shape, dtype: DType, data: ArrayLike<number>): string {
  const suffix = dtype === 'f32' || dtype === 'bool' ? '' : `, dtype=${TYPE_NAMES[dtype]}`;
  if (sizeOf(shape) === 0) {
    const size = shape.length > 1 ? `, size=(${shape.join(', ')})` : '';
    return `tensor([]${size}${suffix})`;
  }
  const summarized = sizeOf(shape) > THRESHOLD;
  const shown = positions(shape, summarized);
  const formatNumber = formatterOf(
    dtype,
    shown.map((i) => data[i]),
  );
  const indent = 'tensor('.length;
  return `tensor(${formatLevel(shape, 0, 0, data, formatNumber, summarized, indent)}${suffix})`;
}

/** Indices of the elements that are shown. */
function positions(shape: Shape, summarized: boolean, from = 0): number[] {
  if (shape.length === 0) return [from];
  const [n, ...rest] = shape;
  const step = sizeOf(rest);
  return visible(n, summarized).flatMap((i) => positions(rest, summarized, from + i * step));
}

function visible(n: number, summarized: boolean): number[] {
  const all = Array.from({ length: n }, (_, i) => i);
  return summarized && n > 2 * EDGE ? [...all.slice(0, EDGE), ...all.slice(-EDGE)] : all;
}

function formatLevel(
  shape: Shape,
  depth: number,
  from: number,
  data: ArrayLike<number>,
  formatNumber: (value: number) => string,
  summarized: boolean,
  indent: number,
): string {
  if (shape.length === 0) return formatNumber(data[from]).trim();
  const n = shape[depth];
  const inner = sizeOf(shape.slice(depth + 1));
  const left = summarized && n > 2 * EDGE ? EDGE : n;
  const shown = visible(n, summarized);
  if (depth === shape.length - 1) {
    const items = shown.map((i) => formatNumber(data[from + i]));
    if (left < n) items.splice(left, 0, ' ...');
    const width = Math.max(...items.map((item) => item.length)) + 2;
    const perLine = Math.max(1, Math.floor((LINE - indent - depth) / width));
    const lines: string[] = [];
    for (let i = 0; i < items.length; i += perLine) lines.push(items.slice(i, i + perLine).join(', '));
    return `[${lines.join(`,\n${' '.repeat(indent + depth + 1)}`)}]`;
  }
  const parts = shown.map((i) =>
    formatLevel(shape, depth + 1, from + i * inner, data, formatNumber, summarized, indent),
  );
  if (left < n) parts.splice(left, 0, '...');
  const gap = '\n'.repeat(shape.length - 1 - depth) + ' '.repeat(indent + depth + 1);
  return `[${parts.join(`,${gap}`)}]`;
}

/** Formats each number to one width: whole numbers with a point, others with four digits or in scientific notation. */
function formatterOf(dtype: DType, values: number[]): (value: number) => string {
  const plain = plainFormatter(dtype, values);
  // As in PyTorch, 0, NaN and infinities among floats make no room for themselves.
  const isFloat = dtype === 'f32' || dtype === 'f16';
  const wide = isFloat ? values.filter((v) => Number.isFinite(v) && v !== 0) : values;
  const width = Math.max(0, ...wide.map((value) => plain(value).length));
  return (value) => plain(value).padStart(width);
}

function plainFormatter(dtype: DType, values: number[]): (value: number) => string {
  if (dtype === 'bool') return (value) => (value === 0 ? 'False' : 'True');
  if (dtype === 'i32') return String;
  const magnitudes = values.filter((v) => Number.isFinite(v) && v !== 0).map(Math.abs);
  const [least, most] = [Math.min(...magnitudes), Math.max(...magnitudes)];
  const whole = values.every((v) => !Number.isFinite(v) || Number.isInteger(v));
  const wide = most / least > 1000 || most > 1e8 || (!whole && least < 1e-4);
  return (value) => {
    if (Number.isNaN(value)) return 'nan';
    if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
    if (magnitudes.length > 0 && wide) return scientific(value);
    const text = whole ? `${Math.abs(value).toFixed(0)}.` : fixed(Math.abs(value));
    return value < 0 || Object.is(value, -0) ? `-${text}` : text;
  };
}

/** Digits behind the point that every float32 from 1e-4 on ends within. */
const EXACT = 60;

const fixed = (value: number): string => halfToEven(value.toFixed(DIGITS), value.toFixed(EXACT));

/** JavaScript rounds halves up, C to the even digit. */
function halfToEven(rounded: string, exact: string): string {
  const end = exact.length - EXACT + DIGITS;
  const isHalf = /^50*$/.test(exact.slice(end));
  if (!isHalf || Number(exact[end - 1]) % 2 === 1) return rounded;
  return exact.slice(0, end) + rounded.replace(/^[^e]*/, '');
}

/** 1.2000e+05, as C prints it. */
function scientific(value: number): string {
  const [mantissa, exponent] = halfToEven(
    value.toExponential(DIGITS),
    value.toExponential(EXACT).replace(/e.*/, ''),
  ).split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  const zero = Object.is(value, -0) ? '-' : '';
  return `${zero}${mantissa}e${sign}${exponent.slice(1).padStart(2, '0')}`;
}
