/** Batched matrix multiplication (GEMM) behind all ops of linear algebra, and its gradient. */
import { formatShape, GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { broadcastShapes, broadcastStrides, collapse } from '../common';
import { columnSums, sumTo } from '../reduce/sum';
import { gemm } from './gemm';

/** Attributes of a matmul. */
export interface MatmulAttrs {
  /** The op that the user called, for messages. */
  op: string;
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  beta?: number;
}

/** The rows and columns of op(x). */
function matrixOf(x: Tensor, transposed: boolean | undefined): [number, number] {
  const [rows, columns] = x.shape.slice(-2);
  return transposed ? [columns, rows] : [rows, columns];
}

const batchOf = (x: Tensor): Shape => x.shape.slice(0, -2);

/** Batch dimensions of all operands as the kernel takes them. */
function batchStrides(op: string, batch: Shape, a: Tensor, b: Tensor, bias: Tensor | undefined, y: Tensor) {
  const along = (x: Tensor) => {
    const matrix = sizeOf(x.shape.slice(-2));
    return broadcastStrides(batchOf(x), batch).map((stride) => stride * matrix);
  };
  const biasStrides = bias ? broadcastStrides(bias.shape, y.shape) : y.shape.map(() => 0);
  const merged = collapse(op, batch, along(a), along(b), biasStrides.slice(0, -2));
  if (merged.shape.length > 4) {
    throw new GradloomError({
      code: 'unsupported',
      op,
      got: `${merged.shape.length} batch dimensions that broadcast in different ways`,
      expected: 'at most 4',
      fix: 'Expand one operand first',
    });
  }
  const [aBatch, bBatch, biasBatch] = merged.strides.map((list) => [...list].reverse());
  return {
    batch: { shape: [...merged.shape].reverse(), a: aBatch, b: bBatch, bias: biasBatch },
    biasRow: biasStrides.at(-2),
    biasColumn: biasStrides.at(-1),
  };
}

function matmulShape(a: Tensor, b: Tensor, { op, transposeA, transposeB }: MatmulAttrs): number[] {
  const [rows] = matrixOf(a, transposeA);
  const [, columns] = matrixOf(b, transposeB);
  return [...broadcastShapes(op, batchOf(a), batchOf(b)), rows, columns];
}

/** op(a) op(b) and the row sums of op(a): gradients of a linear layer's weight and bias. */
const linearBackward = defineInternal({
  name: 'linearBackward',
  inputs: ['a', 'b'],
  outputs: ['y', 'sums'],
  shape: ({ a, b }, attrs: MatmulAttrs) => ({
    y: matmulShape(a, b, attrs),
    sums: [matrixOf(a, attrs.transposeA)[0]],
  }),
  fusion: { accumulates: ['y', 'sums'] },
  lower({ a, b, y, sums }, { transposeA, transposeB, alpha }, k) {
    const [m, inner] = matrixOf(a, transposeA);
    const [, n] = matrixOf(b, transposeB);
    const accumulate = k.accumulate('y');
    const accumulateSums = k.accumulate('sums');
    const sizes = { m, n, k: inner, transposeA, transposeB };
    gemm(k, a, b, y, { ...sizes, alpha, accumulate, rowSums: sums, accumulateSums });
  },
});

/** alpha * op(a) op(b) + beta * bias; a and b are [..batch, rows, columns], bias broadcasts to the result. */
const matmulOp = defineInternal({
  name: 'batchedMatmul',
  inputs: ['a', 'b', 'bias?'],
  outputs: ['y'],
  shape: ({ a, b }, attrs: MatmulAttrs) => ({ y: matmulShape(a, b, attrs) }),
  fusion: {
    accumulates: ['y'],
    takesEpilogue: true,
    // Column sums of dy [n, out] are the gradient of the bias.
    withColumnSums: ({ a, b, bias, y }, { transposeA, alpha = 1 }) =>
      transposeA && alpha === 1 && !bias && a.rank === 2 && b.rank === 2 && y.size > 0
        ? { of: a, op: linearBackward.op }
        : undefined,
  },
  lower({ a, b, bias, y }, { op, transposeA, transposeB, alpha, beta }, k) {
    const [m, inner] = matrixOf(a, transposeA);
    const [, n] = matrixOf(b, transposeB);
    gemm(k, a, b, y, {
      m,
      n,
      k: inner,
      transposeA,
      transposeB,
      ...batchStrides(op, batchOf(y), a, b, bias, y),
      bias,
      alpha,
      beta,
      accumulate: k.accumulate('y'),
      epilogue: k.epilogue,
    });
  },
  backward({ a, b, bias, dy }, { op, transposeA, transposeB, alpha, beta = 1 }, needs) {
    const forA = () =>
      transposeA
        ? batchedMatmul(b, dy, { op, transposeA: transposeB, transposeB: true, alpha })
        : batchedMatmul(dy, b, { op, transposeB: !transposeB, alpha });
    const forB = () =>
      transposeB
        ? batchedMatmul(dy, a, { op, transposeA: true, transposeB: transposeA, alpha })
        : batchedMatmul(a, dy, { op, transposeA: !transposeA, alpha });
    const isRow = bias?.size === dy.shape.at(-1) && bias?.shape.at(-1) === bias?.size;
    const forBias = ({ shape }: Tensor) =>
      isRow && dy.rank === 2 && beta === 1 ? columnSums(dy, shape) : sumTo(dy, shape, beta);
    return {
      b: needs.b ? sumTo(forB(), b.shape) : undefined,
      bias: bias && needs.bias && beta !== 0 ? forBias(bias) : undefined,
      a: needs.a ? sumTo(forA(), a.shape) : undefined,
    };
  },
});

/**
 * alpha * op(a) op(b) + beta * bias for operands of rank 2 and more, whose batch dims broadcast.
 * @throws GradloomError `shape` when the inner sizes differ or the batches do not broadcast.
 */
export function batchedMatmul(a: Tensor, b: Tensor, attrs: MatmulAttrs, bias?: Tensor): Tensor {
  return matmulOp({ a, b, bias }, attrs).y;
}

/** An error about inner sizes that differ, with the transposition that would fix it. */
export function innerSizeError(
  op: string,
  names: readonly [string, string],
  a: Shape,
  b: Shape,
  sizes: readonly [number, number],
  fix?: string,
): GradloomError {
  return new GradloomError({
    code: 'shape',
    op,
    got: `${names[0]} is ${formatShape(a)}, ${names[1]} is ${formatShape(b)}`,
    expected: `inner sizes that match, not ${sizes[0]} and ${sizes[1]}`,
    fix,
  });
}
