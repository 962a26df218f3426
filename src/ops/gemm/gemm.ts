/** Matrix multiplication (GEMM) as a step of a lowering: which kernel runs, and how often K is split. */
import quadShuffle from '../../../shaders/gemm/quad_shuffle.wgsl';
import registerTile from '../../../shaders/gemm/register_tile.wgsl';
import sharedTile from '../../../shaders/gemm/shared_tile.wgsl';
import splitSum from '../../../shaders/gemm/split_sum.wgsl';
import reduceForward from '../../../shaders/reduce/reduce.forward.wgsl';
import type { Device } from '../../gpu/device';
import {
  gemmCandidates,
  gemmGroup,
  gemmParallelism,
  sharesGemmPipelines,
} from '../../graph/compiler/heuristics';
import { epilogueParams, isSelectable } from '../../graph/ir/epilogue';
import type { NodeEpilogue } from '../../graph/ir/graph';
import { sizeOf, type Tensor } from '../../graph/ir/graph';
import { LONGEST_LOOP } from '../../graph/ir/grid';
import type { Lowering } from '../../graph/ir/op';
import { epilogue as modes } from '../../kernels/constants.generated';
import { elementThreads } from '../common';
import { reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';

/** How the work on C is shared: a variant of the kernel. */
export interface GemmChoice {
  variant: 'registerTile' | 'quadShuffle' | 'sharedTile';
  /** Ranges into which K is cut; more than one takes a second pass. */
  splits: number;
}

/** Rows of C that one thread of `registerTile` computes. */
const tileRows = (m: number) => (m === 1 ? 1 : m <= 4 ? 4 : 8);
/** Multiplications for which twice as many columns per quad pay for the time they take to compile. */
const LEAST_WORK_FOR_WIDE_QUADS = 2 ** 20;
/** Fewest steps along K, and fewest multiplications, that make a split worth its second pass. */
const SHORTEST_SPLIT = 64;
const LEAST_WORK_TO_SPLIT = 2 ** 20;
/** Longest K of one split: rounds of a thread's loop. Threads of `registerTile` may also go along K for the sums of rows. */
const LONGEST_SPLIT = {
  registerTile: LONGEST_LOOP / 2,
  quadShuffle: 4 * LONGEST_LOOP,
  sharedTile: LONGEST_LOOP,
};

/** Threads of `registerTile`. */
function registerTileThreads(m: number, n: number, batches: number, lanes: number): number {
  const { COLUMNS } = registerTile.constants;
  return Math.ceil(m / tileRows(m)) * Math.ceil(n / (COLUMNS * lanes)) * lanes * batches;
}

/** Threads of `quadShuffle`: four of them compute a tile of `parts` times as many columns as rows. */
function quadThreads(m: number, n: number, batches: number, parts = 1): number {
  const { TILE } = quadShuffle.constants;
  return 4 * Math.ceil(m / TILE) * Math.ceil(n / (parts * TILE)) * batches;
}

/** How many tiles wide four threads of `quadShuffle` compute: two, if that pays and adds few columns beyond the edge. */
function quadParts(n: number, work: number): 1 | 2 {
  const wide = 2 * quadShuffle.constants.TILE;
  return work >= LEAST_WORK_FOR_WIDE_QUADS && Math.ceil(n / wide) * wide < 1.1 * n ? 2 : 1;
}

/** Workgroups of `sharedTile`. */
function sharedTiles(m: number, n: number, batches: number): number {
  const { TILE } = sharedTile.constants;
  return Math.ceil(m / TILE) * Math.ceil(n / TILE) * batches;
}

/** Chooses how to multiply [m, k] by [k, n] in each of `batches` matrices. */
export function selectGemm(m: number, n: number, k: number, batches: number, device: Device): GemmChoice {
  const work = m * n * k * batches;
  const variant = device.variants.select('gemm', gemmCandidates(m, n, work, device));
  const counts = {
    registerTile: registerTileThreads(m, n, batches, gemmGroup(device, 'registerTile').lanes),
    quadShuffle: quadThreads(m, n, batches),
    sharedTile: sharedTiles(m, n, batches),
  };
  const wanted = Math.ceil(gemmParallelism(device, variant) / counts[variant]);
  const most = work < LEAST_WORK_TO_SPLIT ? 1 : Math.floor(k / SHORTEST_SPLIT);
  const least = Math.ceil(k / LONGEST_SPLIT[variant]);
  return { variant, splits: Math.max(1, least, Math.min(wanted, most, 256)) };
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
  /** Epilogue applied to each element of C. */
  epilogue?: NodeEpilogue;
  /** Takes the sums of the rows of op(A), of an only matrix. */
  rowSums?: Tensor;
  /** Add to what `rowSums` holds. */
  accumulateSums?: 0 | 1;
  /** Instead of `selectGemm`. */
  choice?: GemmChoice;
}

/** Records the dispatches of a GEMM; C is dense, [..batch, m, n]. */
export function gemm(k: Lowering, a: Tensor, b: Tensor, c: Tensor, spec: Gemm): void {
  if (c.size === 0) return;
  const { m, n, batch, alpha = 1, beta = 1, accumulate = 0, rowSums, accumulateSums = 0 } = spec;
  const batches = sizeOf(batch?.shape ?? []);
  const { variant, splits: wanted } = spec.choice ?? selectGemm(m, n, spec.k, batches, k.device);
  const split = Math.max(4, 16 * Math.ceil(spec.k / wanted / 16));
  const splits = Math.max(1, Math.ceil(spec.k / split));
  const sumsHere = rowSums && variant !== 'sharedTile' && splits === 1;
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
  const operands = { a, b, ...(whole ? reads : { bias: k.emptyBuffer, aux: k.emptyBuffer }) };
  const extra = (sumsHere ? rowSums : spec.epilogue?.before) ?? k.scratch([4]);
  const [a_row, a_column] = spec.transposeA ? [1, m] : [spec.k, 1];
  const [b_row, b_column] = spec.transposeB ? [1, spec.k] : [n, 1];
  const params = {
    batch_shape: four(batch?.shape, 1),
    a_batch: four(batch?.a, 0),
    b_batch: four(batch?.b, 0),
    bias_batch: four(batch?.bias, 0),
    batches,
    m,
    n,
    k: spec.k,
    a_row,
    a_column,
    b_row,
    b_column,
    splits,
    k_split: split,
    alpha,
    epilogue: own.epilogue,
    row_sums: Number(Boolean(sumsHere)),
    ...(whole ? added : NO_BIAS),
  };
  const target = whole ? c : k.scratch([splits, c.size]);
  const writes = { c: target, extra };
  const shared = { BATCHED: Number(batches > 1), ...resultConstants(own, k.device) };
  const sums = { ACCUMULATE_SUMS: accumulateSums };
  if (variant === 'sharedTile') {
    const constants = { ...shared, ...sharedTileLayout(spec) };
    const size = { workgroups: sharedTiles(m, n, batches * splits) };
    k.dispatch(sharedTile, operands, writes, params, size, { constants });
  } else if (variant === 'quadShuffle') {
    const PARTS = quadParts(n, m * n * spec.k * batches);
    const constants = { ...shared, ...sums, GROUP: gemmGroup(k.device, variant).group, PARTS };
    const size = { threads: quadThreads(m, n, batches * splits, PARTS) };
    k.dispatch(quadShuffle, operands, writes, params, size, { constants });
  } else {
    const { group, lanes } = gemmGroup(k.device, variant);
    const constants = { ...shared, ...sums, GROUP: group, LANES: lanes, ROWS: tileRows(m) };
    const size = { threads: registerTileThreads(m, n, batches * splits, lanes) + (sumsHere ? m : 0) };
    k.dispatch(registerTile, operands, writes, params, size, { constants });
  }
  if (splits > 1) {
    const { batch_shape, bias_batch } = params;
    k.dispatch(
      splitSum,
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
 * The constants of lib/gemm_result.wgsl. Where pipelines are shared, products without a bias add zero, and simple epilogues
 * are selected at run time.
 */
function resultConstants(
  {
    epilogue,
    activation,
    bias,
    accumulate,
  }: Record<'epilogue' | 'activation' | 'bias' | 'accumulate', number>,
  device: Device,
) {
  const shares = sharesGemmPipelines(device);
  return {
    EPILOGUE: shares && isSelectable(epilogue) ? modes.SELECTED : epilogue,
    ACTIVATION: activation,
    BIAS: Math.max(bias, Number(shares)),
    ACCUMULATE: accumulate,
  };
}

const four = (list: readonly number[] | undefined, fill: number) =>
  [...(list ?? []), fill, fill, fill, fill].slice(0, 4);

/** How `sharedTile` reads the operands. */
function sharedTileLayout({ m, n, k, transposeA, transposeB, batch }: Gemm) {
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
