/**
 * Matrix multiplication as a step of a lowering: which variant of the kernel runs, and how often the inner
 * dimension is split.
 */

import gemmFinish from '../../../shaders/gemm/gemm.finish.wgsl';
import gemmForward from '../../../shaders/gemm/gemm.forward.wgsl';
import gemmTiled from '../../../shaders/gemm/gemm.tiled.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import type { Device } from '../../gpu/device';
import { CHOSEN, canBeChosen, epilogueParams } from '../../graph/ir/epilogue';
import type { NodeEpilogue } from '../../graph/ir/graph';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import type { Lowering } from '../../graph/ir/op';
import { elementThreads, withQuad } from '../common';
import { reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';

/** How the work on C is shared: a variant of the kernel. */
export interface GemmChoice {
  variant: keyof typeof gemmForward | keyof typeof gemmTiled;
  /** Ranges into which K is cut; more than one takes a second pass. */
  splits: number;
}

/** Rows of C that one thread of `block` computes, and its columns. */
const blockRows = (m: number) => (m === 1 ? 1 : m <= 4 ? 4 : 8);
const BLOCK_COLUMNS = 4;
/** Rows of C that four threads of `quad` compute, and as many columns or twice as many. */
const QUAD = 16;
/** Multiplications for which twice as many pay for the time they take to compile. */
const LEAST_WORK_FOR_WIDE_QUADS = 2 ** 20;
/** Rows and columns of C that one workgroup of `tiled` computes. */
const TILE = 64;
/** Rows of C and multiplications from which on `quad` is faster than `block`, by more than it takes longer to compile. */
const FEWEST_QUAD_ROWS = 5;
const LEAST_WORK_FOR_QUADS = 2 ** 17;

/** Threads per workgroup; of `block` also neighbouring threads that share rows: on CPU adapters a core's SIMD lanes. */
const shapeOf = ({ isCpu }: Device, variant: 'block' | 'quad') =>
  isCpu ? { group: variant === 'quad' ? 8 : 16, lanes: 4 } : { group: 64, lanes: 16 };

/** Threads that keep the cores of a CPU adapter busy. */
const SOFTWARE_THREADS = 64;
/** Threads, or workgroups of `tiled`, that keep a GPU busy. */
const GPU_THREADS = 8192;
const GPU_TILES = 256;
/** Fewest steps along K, and fewest multiplications, that make a split worth its second pass. */
const SHORTEST_SPLIT = 64;
const LEAST_WORK_TO_SPLIT = 2 ** 20;
/** Longest K of one split: rounds of a thread's loop. Threads of `block` may also go along K for the sums of rows. */
const LONGEST_SPLIT = { block: LONGEST_LOOP / 2, quad: 4 * LONGEST_LOOP, tiled: LONGEST_LOOP };

/** Threads of `block`. */
function blockThreads(m: number, n: number, batches: number, lanes: number): number {
  return Math.ceil(m / blockRows(m)) * Math.ceil(n / (BLOCK_COLUMNS * lanes)) * lanes * batches;
}

/** Threads of `quad`, with `parts` times 16 columns to four of them. */
const quadThreads = (m: number, n: number, batches: number, parts = 1) =>
  4 * Math.ceil(m / QUAD) * Math.ceil(n / (parts * QUAD)) * batches;

/** How many times 16 columns four threads compute: twice, if that pays and adds few columns beyond the edge. */
const quadParts = (n: number, work: number) =>
  work >= LEAST_WORK_FOR_WIDE_QUADS && Math.ceil(n / (2 * QUAD)) * 2 * QUAD < 1.1 * n ? 2 : 1;

const tilesOf = (m: number, n: number, batches: number) =>
  Math.ceil(m / TILE) * Math.ceil(n / TILE) * batches;

/**
 * Chooses how to multiply [m, k] by [k, n] in each of `batches` matrices. The one place where choices are made, by
 * sizes and figures measured on CPU adapters.
 */
export function chooseGemm(m: number, n: number, k: number, batches: number, device: Device): GemmChoice {
  const work = m * n * k * batches;
  const variant = device.variants.select('gemm', bestFirst(m, n, work, device));
  const counts = {
    block: blockThreads(m, n, batches, shapeOf(device, 'block').lanes),
    quad: quadThreads(m, n, batches),
    tiled: tilesOf(m, n, batches),
  };
  const wanted = variant === 'tiled' ? GPU_TILES : device.isCpu ? SOFTWARE_THREADS : GPU_THREADS;
  const most = work < LEAST_WORK_TO_SPLIT ? 1 : Math.floor(k / SHORTEST_SPLIT);
  const least = Math.ceil(k / LONGEST_SPLIT[variant]);
  return { variant, splits: Math.max(1, least, Math.min(Math.ceil(wanted / counts[variant]), most, 256)) };
}

function bestFirst(m: number, n: number, work: number, device: Device): GemmChoice['variant'][] {
  if (!device.isCpu && m >= 32 && n >= 32) return withQuad(device, ['tiled', 'block']);
  const first = device.isCpu && m >= FEWEST_QUAD_ROWS && work >= LEAST_WORK_FOR_QUADS;
  return withQuad(device, ['block', 'tiled'], first);
}

/** C = alpha * op(A) op(B) + beta * bias for each matrix of a batch. */
export interface Gemm {
  m: number;
  n: number;
  k: number;
  /** A is stored [k, m] instead of [m, k]. */
  transposeA?: boolean;
  /** B is stored [n, k] instead of [k, n]. */
  transposeB?: boolean;
  /** Batch dimensions (innermost first, four at most) and the elements that each operand advances along them. */
  batch?: { shape: readonly number[]; a: readonly number[]; b: readonly number[]; bias: readonly number[] };
  bias?: Tensor;
  /** Elements of the bias from one row and one column of C to the next. */
  biasRow?: number;
  biasColumn?: number;
  /** Default 1. */
  alpha?: number;
  beta?: number;
  /** Add to what C holds. */
  accumulate?: 0 | 1;
  /** What is made of each value of C before it is stored. */
  epilogue?: NodeEpilogue;
  /** Takes the sums of the rows of op(A), of an only matrix. */
  rowSums?: Tensor;
  /** Add to what `rowSums` holds. */
  accumulateSums?: 0 | 1;
  /** Instead of `chooseGemm`. */
  choice?: GemmChoice;
}

/** Records the dispatches of a product; C is dense, [..batch, m, n]. */
export function gemm(k: Lowering, a: Tensor, b: Tensor, c: Tensor, spec: Gemm): void {
  if (c.size === 0) return;
  const { m, n, batch, alpha = 1, beta = 1, accumulate = 0, rowSums, accumulateSums = 0 } = spec;
  const batches = sizeOf(batch?.shape ?? []);
  const { variant, splits: wanted } = spec.choice ?? chooseGemm(m, n, spec.k, batches, k.device);
  const split = Math.max(4, 16 * Math.ceil(spec.k / wanted / 16));
  const splits = Math.max(1, Math.ceil(spec.k / split));
  const sumsHere = rowSums && variant !== 'tiled' && splits === 1;
  const bias = beta === 0 ? undefined : spec.bias;
  const added = bias ? { bias_row: spec.biasRow ?? 0, bias_column: spec.biasColumn ?? 0, beta } : NO_BIAS;
  const result = {
    ...epilogueParams(spec.epilogue),
    bias: bias ? (added.bias_row ? 2 : 1) : 0,
    accumulate,
  };
  const reads = { bias: bias ?? k.emptyBuffer, aux: spec.epilogue?.aux ?? k.emptyBuffer };
  // With splits the second pass makes the result of their sum.
  const whole = splits === 1;
  const own = whole ? result : { epilogue: 0, activation: 0, bias: 0, accumulate: 0 };
  const ownReads = whole ? reads : { bias: k.emptyBuffer, aux: k.emptyBuffer };
  const constants = { BATCHED: Number(batches > 1), ...resultConstants(own, k.device) };
  const extra = (sumsHere ? rowSums : spec.epilogue?.before) ?? k.scratch([4]);
  const params = {
    batch_shape: four(batch?.shape, 1),
    a_batch: four(batch?.a, 0),
    b_batch: four(batch?.b, 0),
    bias_batch: four(batch?.bias, 0),
    batches,
    m,
    n,
    k: spec.k,
    splits,
    k_split: split,
    alpha,
    ...(whole ? added : NO_BIAS),
  };
  const target = whole ? c : k.scratch([splits, c.size]);
  if (variant === 'tiled') {
    k.dispatch(
      gemmTiled.tiled,
      { a, b, ...ownReads },
      { c: target, extra },
      params,
      { workgroups: tilesOf(m, n, batches * splits) },
      { constants: { ...constants, ...layoutOf(spec) } },
    );
  } else {
    const { group, lanes } = shapeOf(k.device, variant);
    const [a_row, a_column] = spec.transposeA ? [1, m] : [spec.k, 1];
    const [b_row, b_column] = spec.transposeB ? [1, spec.k] : [n, 1];
    const strides = {
      a_row,
      a_column,
      b_row,
      b_column,
      row_sums: sumsHere ? 1 + accumulateSums : 0,
      epilogue: own.epilogue,
    };
    const PARTS = quadParts(n, m * n * spec.k * batches);
    const [threads, shape]: [number, Record<string, number>] =
      variant === 'quad'
        ? [quadThreads(m, n, batches * splits, PARTS), { PARTS }]
        : [
            blockThreads(m, n, batches * splits, lanes) + (sumsHere ? m : 0),
            { LANES: lanes, BLOCK_ROWS: blockRows(m) },
          ];
    k.dispatch(
      gemmForward[variant],
      { a, b, ...ownReads },
      { c: target, extra },
      { ...params, ...strides },
      { threads },
      { constants: { ...constants, GROUP: group, ...shape } },
    );
  }
  if (splits > 1) {
    const { batch_shape, bias_batch } = params;
    k.dispatch(
      gemmFinish,
      { partial: target, ...reads },
      { c, extra: spec.epilogue?.before ?? k.scratch([4]) },
      { batch_shape, bias_batch, size: c.size, m, n, splits, ...added },
      elementThreads(c.size, k.device),
      {
        constants: {
          EPILOGUE: result.epilogue,
          ACTIVATION: result.activation,
          BIAS: result.bias,
          ACCUMULATE: accumulate,
        },
      },
    );
  }
  if (rowSums && !sumsHere) {
    const layout = spec.transposeA ? [spec.k, m] : [m, spec.k];
    const finish = {
      kernel: reduceForward.sum,
      finish: 'divide',
      value: 1 / alpha,
      accumulate: accumulateSums,
    } as const;
    reduceBy(k, reduceLayout('gemm', layout, [spec.transposeA ? 0 : 1]), a, rowSums, finish);
  }
}

/** A bias that is read from a single zero. */
const NO_BIAS = { bias_row: 0, bias_column: 0, beta: 0 };

/**
 * The constants of lib/gemm_result.wgsl. On CPU adapters, which take longer to compile another pipeline than they
 * take for what is not needed, products without a bias add zero and simple epilogues are chosen in the kernel.
 */
function resultConstants(
  {
    epilogue,
    activation,
    bias,
    accumulate,
  }: Record<'epilogue' | 'activation' | 'bias' | 'accumulate', number>,
  { isCpu }: Device,
) {
  return {
    EPILOGUE: isCpu && canBeChosen(epilogue) ? CHOSEN : epilogue,
    ACTIVATION: activation,
    BIAS: Math.max(bias, Number(isCpu)),
    ACCUMULATE: accumulate,
  };
}

const four = (list: readonly number[] | undefined, fill: number) =>
  [...(list ?? []), fill, fill, fill, fill].slice(0, 4);

/** How `tiled` reads the operands. */
function layoutOf({ m, n, k, transposeA, transposeB, batch }: Gemm) {
  // Vectors and outer products can be read either way; these are the ones with the longest rows.
  const a = k === 1 || (m > 1 && Boolean(transposeA));
  const b = k > 1 && (n === 1 || Boolean(transposeB));
  const multipleOf4 = (row: number, strides: readonly number[] = []) =>
    Number([row, ...strides].every((count) => count % 4 === 0));
  return {
    TRANSPOSE_A: Number(a),
    TRANSPOSE_B: Number(b),
    ALIGNED_A: multipleOf4(a ? m : k, batch?.a),
    ALIGNED_B: multipleOf4(b ? k : n, batch?.b),
  };
}
