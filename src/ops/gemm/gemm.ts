/**
 * Matrix multiplication as a step of a lowering: which variant of `gemm.forward.wgsl` runs, with which block and how
 * often the inner dimension is split.
 */
import gemmForward from '../../../shaders/gemm/gemm.forward.wgsl';
import type { Device } from '../../gpu/device';
import { grid } from '../../graph/grid';
import type { Lowering } from '../../graph/op';
import { sizeOf, type Tensor } from '../../graph/tensor';
import { reduceLayout } from '../reduce/layout';
import { reduceBy } from '../reduce/reduce';

/** How the work on C is shared: a variant of the kernel. */
export interface GemmChoice {
  variant: keyof typeof gemmForward;
  /** Threads per workgroup. */
  group: number;
  /** Ranges into which K is cut; more than one takes a second pass. */
  splits: number;
}

/** Rows and columns of C that one thread (of the register variants) or one workgroup (of `tiled`) computes. */
const BLOCKS: Record<keyof typeof gemmForward, readonly [number, number]> = {
  block4x4: [4, 4],
  block8x8: [8, 8],
  block8x16: [8, 16],
  tiled: [64, 64],
};

/** Threads that a software adapter runs at once: a few cores with SIMD lanes of 4 or 8. */
const SOFTWARE_THREADS = 16;
/** Threads, or workgroups of `tiled`, that keep a GPU busy. */
const GPU_THREADS = 8192;
const GPU_TILES = 256;
/** Fewest steps along K that make a split worth its second pass. */
const SHORTEST_SPLIT = 64;

/**
 * Blocks for software adapters: the relative time of one block per step along K as measured there, and the least
 * number of multiplications for which it is worth compiling.
 */
const CANDIDATES = [
  { variant: 'block4x4', time: 1, least: 0 },
  { variant: 'block8x8', time: 2.4, least: 2 ** 17 },
  { variant: 'block8x16', time: 3.8, least: 2 ** 22 },
] as const;

/**
 * Chooses how to multiply [m, k] by [k, n] in each of `batches` matrices. The one place where choices are made, by
 * sizes and figures measured on software adapters.
 */
export function chooseGemm(m: number, n: number, k: number, batches: number, device: Device): GemmChoice {
  const blocks = (variant: GemmChoice['variant']) => {
    const [rows, columns] = BLOCKS[variant];
    return Math.ceil(m / rows) * Math.ceil(n / columns) * batches;
  };
  const split = (count: number, wanted: number) =>
    Math.max(1, Math.min(Math.ceil(wanted / Math.max(1, count)), Math.floor(k / SHORTEST_SPLIT), 256));
  if (!device.isSoftware) {
    const wanted = m >= 32 && n >= 32 ? (['tiled', 'block4x4'] as const) : (['block4x4', 'tiled'] as const);
    const variant = device.variants.choose('gemm', wanted);
    return {
      variant,
      group: 64,
      splits: split(blocks(variant), variant === 'tiled' ? GPU_TILES : GPU_THREADS),
    };
  }
  // Larger blocks are faster per element and take longer to compile: only for work that pays for it.
  const work = m * n * k * batches;
  const cost = ({ variant, time, least }: (typeof CANDIDATES)[number]) =>
    work >= least ? Math.ceil(blocks(variant) / SOFTWARE_THREADS) * time : Number.POSITIVE_INFINITY;
  const byCost = [...CANDIDATES].sort((a, b) => (cost(a) === cost(b) ? 0 : cost(a) - cost(b)));
  const variant = device.variants.choose(
    'gemm',
    byCost.map((candidate) => candidate.variant),
  );
  const count = blocks(variant);
  const splits = split(count, SOFTWARE_THREADS);
  // Small workgroups where there is little work, so that every core gets some.
  const group = 2 ** Math.min(6, Math.max(3, Math.ceil(Math.log2((count * splits) / 4))));
  return { variant, group, splits };
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
  /** Instead of `chooseGemm`. */
  choice?: GemmChoice;
}

/** Records the dispatches of a product; C is dense, [..batch, m, n]. */
export function gemm(k: Lowering, a: Tensor, b: Tensor, c: Tensor, spec: Gemm): void {
  if (c.size === 0) return;
  const { batch, bias, alpha = 1, beta = 1, accumulate = 0 } = spec;
  const batches = sizeOf(batch?.shape ?? []);
  const {
    variant,
    group,
    splits: wanted,
  } = spec.choice ?? chooseGemm(spec.m, spec.n, spec.k, batches, k.device);
  // Vectors and outer products can be read either way; these are the ones with the longest rows.
  const transposeA = spec.k === 1 || (spec.m > 1 && Boolean(spec.transposeA));
  const transposeB = spec.k > 1 && (spec.n === 1 || Boolean(spec.transposeB));
  const split = Math.max(4, 16 * Math.ceil(spec.k / wanted / 16));
  const splits = Math.max(1, Math.ceil(spec.k / split));
  const four = (list: readonly number[] | undefined, fill: number) =>
    [...(list ?? []), fill, fill, fill, fill].slice(0, 4);
  const multipleOf4 = (row: number, strides: readonly number[] | undefined) =>
    Number([row, ...(strides ?? [])].every((n) => n % 4 === 0));
  const withBias = bias !== undefined && beta !== 0;
  const [rows, columns] = BLOCKS[variant];
  const blocks = Math.ceil(spec.m / rows) * Math.ceil(spec.n / columns) * batches * splits;
  const target = splits === 1 ? c : k.temp([splits, c.size]);
  k.run(
    gemmForward[variant],
    { a, b, bias: withBias ? bias : k.none },
    { c: target },
    {
      batch_shape: four(batch?.shape, 1),
      a_batch: four(batch?.a, 0),
      b_batch: four(batch?.b, 0),
      bias_batch: four(batch?.bias, 0),
      batches,
      m: spec.m,
      n: spec.n,
      k: spec.k,
      splits,
      k_split: split,
      bias_row: spec.biasRow ?? 0,
      bias_column: spec.biasColumn ?? 0,
      alpha,
      beta,
      accumulate: splits === 1 ? accumulate : 0,
    },
    grid(blocks, variant === 'tiled' ? 1 : group),
    {
      constants: {
        TRANSPOSE_A: Number(transposeA),
        TRANSPOSE_B: Number(transposeB),
        ALIGNED_A: multipleOf4(transposeA ? spec.m : spec.k, batch?.a),
        ALIGNED_B: multipleOf4(transposeB ? spec.k : spec.n, batch?.b),
        TAIL: Number(spec.k % 4 !== 0),
        BIAS: Number(withBias),
        GROUP: group,
      },
    },
  );
  if (splits > 1) {
    reduceBy(k, reduceLayout('gemm', [splits, c.size], [0]), target, c, { variant: 'sum', accumulate });
  }
}
