/**
 * Sizes that follow the batch: a model is traced with two batch sizes, and numbers that differ between the traces are
 * functions of the batch size, `scale * n + offset`.
 */
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { Sized } from './python';
import type { Application, TracedCall, TraceItem } from './trace';

/** The two batch sizes. */
export const BATCHES = [3, 5] as const;

/** The same item in both traces. */
export interface PairedCall {
  kind: 'call';
  first: TracedCall;
  second: TracedCall;
  items: PairedItem[];
}

export interface PairedApplication {
  kind: 'application';
  first: Application;
  second: Application;
  items: PairedItem[];
}

export type PairedItem = PairedCall | PairedApplication;

const unlike = (got: string) =>
  new GradloomError({
    code: 'unsupported',
    op: 'exportTorch',
    argument: 'model',
    got,
    expected: 'a forward that does the same for every batch size',
  });

/** Pairs the items of two traces. @throws GradloomError `unsupported` where they do different things. */
export function pair(first: readonly TraceItem[], second: readonly TraceItem[]): PairedItem[] {
  if (first.length !== second.length) throw unlike(`${first.length} or ${second.length} operations`);
  return first.map((a, i) => {
    const b = second[i];
    const items = pair(a.items, b.items);
    if (a.kind === 'call' && b.kind === 'call' && a.op === b.op)
      return { kind: 'call', first: a, second: b, items };
    if (a.kind === 'application' && b.kind === 'application' && a.module === b.module)
      return { kind: 'application', first: a, second: b, items };
    throw unlike(`${nameOf(a)} or ${nameOf(b)}`);
  });
}

const nameOf = (item: TraceItem) => (item.kind === 'call' ? item.op : item.path || 'the model');

/** A number of both traces: itself, or its formula in the batch size `n`. */
export function sized(a: number, b: number): number | Sized {
  if (Object.is(a, b)) return a;
  const [m, n] = BATCHES;
  const scale = (b - a) / (n - m);
  const offset = a - scale * m;
  if (Number.isInteger(scale) && Number.isInteger(offset)) {
    const product = scale === 1 ? 'n' : scale === -1 ? '-n' : `${scale} * n`;
    return new Sized(offset === 0 ? product : `${product} ${offset < 0 ? '-' : '+'} ${Math.abs(offset)}`);
  }
  // A share of the batch, such as 1 / n.
  const close = (x: number, y: number) => Math.abs(x - y) <= 1e-6 * Math.abs(x);
  if (close(a * m, b * n)) return new Sized(`${Number((a * m).toPrecision(7))} / n`);
  throw unlike(`${a} with ${m} samples and ${b} with ${n}`);
}

/** A value of both traces, with sizes in place of the numbers that differ. */
export function merged(a: unknown, b: unknown): unknown {
  if (typeof a === 'number' && typeof b === 'number') return sized(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return mergedSplit(a, b);
    return a.map((item, i) => merged(item, b[i]));
  }
  if (typeof a === 'object' && a !== null && typeof b === 'object' && b !== null && !ArrayBuffer.isView(a)) {
    const other = b as Record<string, unknown>;
    return Object.fromEntries(Object.entries(a).map(([key, value]) => [key, merged(value, other[key])]));
  }
  return a;
}

/** Lists with an entry per sample, all the same. */
function mergedSplit(a: unknown[], b: unknown[]): unknown {
  const [value] = a;
  const uniform = typeof value === 'number' && [...a, ...b].every((item) => item === value);
  const [m, n] = BATCHES;
  if (!uniform || a.length % m !== 0 || a.length / m !== b.length / n)
    throw unlike(`lists of ${a.length} or ${b.length}`);
  const factor = a.length / m === 1 ? 'n' : `(${a.length / m} * n)`;
  return new Sized(`[${value}] * ${factor}`);
}

/** The shape of a tensor of both traces. */
export const mergedShape = (a: Tensor, b: Tensor): (number | Sized)[] =>
  a.shape.map((size, d) => sized(size, b.shape[d]));
