/** The operands of the kernels of attention, and how they lie. */
import type { Shape, Tensor } from '../../graph/ir/graph';

/**
 * Where element 0 lies, and how far a batch element, a head and a position are from the next, in elements. These numbers and
 * the widths are multiples of 4.
 */
export type Layout = readonly [offset: number, batch: number, head: number, position: number];

/** Sizes and places of the operands. */
export interface AttentionAttrs {
  /** Batch dimensions before the queries: what the mask broadcasts to. */
  batchShape: Shape;
  /** Batch elements, and query heads in each of them; `groups` neighbouring heads share a key and value head. */
  batch: number;
  heads: number;
  groups: number;
  queries: number;
  keys: number;
  headDim: number;
  valueDim: number;
  query: Layout;
  key: Layout;
  value: Layout;
  y: Layout;
  /** Shape of the output. */
  shape: Shape;
  causal: boolean;
  scale: number;
  dropout: number;
}

/** Queries, and what is no part of them. */
export interface Operands {
  query: Tensor;
  key?: Tensor;
  value?: Tensor;
  attnMask?: Tensor;
}
