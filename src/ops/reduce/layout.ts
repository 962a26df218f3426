/**
 * How a reduction sees its input: which dimensions are kept and which are reduced, as strides for the shaders, and
 * into how many parts the work of one output is cut.
 */

import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { reduceParallelism } from '../../graph/compiler/heuristics';
import { type Shape, sizeOf } from '../../graph/ir/graph';
import { collapse, normalizeDim, stridesOf } from '../common';

/** Dimensions as the shaders take them: up to four, innermost first. */
export interface Dims {
  shape: number[];
  strides: number[];
}

/** A tensor with kept and reduced dimensions. Offsets and strides count elements. */
export interface ReduceLayout {
  outputs: number;
  kept: Dims;
  /** The reduced dimensions but the innermost. */
  outer: Dims;
  outerSize: number;
  inner: number;
  innerStride: number;
  /** The innermost dimension of the tensor is a kept one. */
  keptInnermost: boolean;
}

/** The dims to reduce, ascending from 0; null and an empty list mean all. */
export function reducedDims(op: string, rank: number, dim: number | readonly number[] | null): number[] {
  const list = dim === null ? [] : [dim].flat();
  if (list.length === 0) return Array.from({ length: rank }, (_, d) => d);
  const dims = list.map((d) => normalizeDim(op, d, rank));
  if (new Set(dims).size !== dims.length) {
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'dim',
      got: `[${list}]`,
      expected: 'each dimension once',
    });
  }
  return dims.filter((d) => d < rank).sort((a, b) => a - b);
}

/** The shape after reducing `dims`. */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): number[] {
  return keepdim
    ? shape.map((n, d) => (dims.includes(d) ? 1 : n))
    : shape.filter((_, d) => !dims.includes(d));
}

/** Strides of the output at the indices of the input: 0 along reduced dims. */
function outputStrides(shape: Shape, dims: readonly number[]): number[] {
  const strides = stridesOf(reducedShape(shape, dims, true));
  return shape.map((_, d) => (dims.includes(d) ? 0 : strides[d]));
}

/** The shader's four dimensions from a list that is outermost first. */
function fourDims(op: string, shape: readonly number[], strides: readonly number[]): Dims {
  if (shape.length > 4) {
    throw new GradloomError({
      code: 'unsupported',
      op,
      got: `${shape.length} groups of kept or of reduced dimensions`,
      expected: 'at most 4',
      fix: 'Permute the dimensions to reduce next to each other',
    });
  }
  return {
    shape: [...[...shape].reverse(), 1, 1, 1, 1].slice(0, 4),
    strides: [...[...strides].reverse(), 0, 0, 0, 0].slice(0, 4),
  };
}

/** The reduction of `shape` over `dims`. */
export function reduceLayout(op: string, shape: Shape, dims: readonly number[]): ReduceLayout {
  const outputs = sizeOf(reducedShape(shape, dims, false));
  if (sizeOf(shape) === 0) {
    const none = fourDims(op, [], []);
    return { outputs, kept: none, outer: none, outerSize: 0, inner: 0, innerStride: 0, keptInnermost: true };
  }
  const merged = collapse(op, shape, stridesOf(shape), outputStrides(shape, dims));
  const [strides, outStrides] = merged.strides;
  const all = merged.shape.map((n, d) => ({ n, stride: strides[d], kept: outStrides[d] > 0 }));
  const kept = all.filter((d) => d.kept);
  const reduced = all.filter((d) => !d.kept);
  const inner = reduced.pop() ?? { n: 1, stride: 0 };
  const four = (list: { n: number; stride: number }[]) =>
    fourDims(
      op,
      list.map((d) => d.n),
      list.map((d) => d.stride),
    );
  return {
    outputs,
    kept: four(kept),
    outer: four(reduced),
    outerSize: sizeOf(reduced.map((d) => d.n)),
    inner: inner.n,
    innerStride: inner.stride,
    keptInnermost: all.at(-1)?.kept ?? false,
  };
}

/** For each element of the input the offset of its output: uniforms of `reduce.backward.wgsl`. */
export function outputOffsets(op: string, shape: Shape, dims: readonly number[]) {
  const merged = collapse(op, shape, stridesOf(shape), outputStrides(shape, dims));
  const sizes = [...merged.shape].reverse();
  const strides = [...merged.strides[1]].reverse();
  const low = [...sizes, 1, 1, 1, 1].slice(0, 4);
  const high = [...sizes.slice(4), 1, 1, 1, 1].slice(0, 4);
  const lowStrides = [...strides, 0, 0, 0, 0].slice(0, 4);
  const highStrides = [...strides.slice(4), 0, 0, 0, 0].slice(0, 4);
  return { low, low_strides: lowStrides, high, high_strides: highStrides };
}

/** Elements that one thread adds up without asking for help. */
const SHORT = 128;
/** Most elements of one thread, so that rounding errors stay small. */
const LONGEST = 4096;
/** Fewest elements per thread that are worth a further pass. */
const WORTHWHILE = 32;

/** Into how many parts the work on each of `lines` lines of `size` elements is cut. */
export function partsOfLine(lines: number, size: number, device: Device): number {
  const threads = reduceParallelism(device);
  if (size <= SHORT || (lines >= threads && size <= LONGEST)) return 1;
  const wanted = Math.max(Math.ceil(threads / lines), Math.ceil(size / LONGEST));
  return Math.min(wanted, Math.ceil(size / WORTHWHILE));
}

/** Into how many parts the reduction of one output is cut: ranges of the outer dims times interleaved lanes. */
export function partsOf(layout: ReduceLayout, device: Device): { pieces: number; lanes: number } {
  const { outputs, outerSize, inner } = layout;
  const parts = partsOfLine(outputs, outerSize * inner, device);
  if (parts === 1) return { pieces: 1, lanes: 1 };
  const lanes = Math.min(parts, Math.ceil(inner / 8));
  return { pieces: Math.min(outerSize, Math.ceil(parts / lanes)), lanes };
}
