/**
 * Selection heuristics: which variants of a kernel family are correct for a shape, the fastest first, and how work is shared
 * out among threads. Lowering passes the candidates to `device.variants.select`. Everything that depends on whether the
 * adapter is a CPU is here; what pays there, and why, is in docs/cpu-adapters.md. Numbers are measured.
 */
import type { Device } from '../../gpu/device';
import { LONGEST_LOOP } from '../ir/grid';

/** Longest line that a thread may go over three times, as forward kernels do (softmax, normalizations). */
const LONGEST_LINE = LONGEST_LOOP / 3;

/**
 * The candidates `others` and `quadShuffle`, whose threads exchange what they read in groups of four: best where a load costs
 * more than a dozen multiplications, as on CPU adapters, elsewhere the last choice. It needs subgroups.
 */
function withQuadShuffle<const V extends string>(
  { features, isCpu }: Device,
  others: readonly V[],
  first = isCpu,
): (V | 'quadShuffle')[] {
  if (!features.subgroups) return [...others];
  return first ? ['quadShuffle', ...others] : [...others, 'quadShuffle'];
}

/** Rows of C and multiplications from which on `quadShuffle` is faster by more than it takes longer to compile. */
const FEWEST_QUAD_ROWS = 5;
const LEAST_WORK_FOR_QUADS = 2 ** 17;

/** Multiplication of [m, k] by [k, n], with `work` multiplications in all. */
export function gemmCandidates(m: number, n: number, work: number, device: Device) {
  if (!device.isCpu && m >= 32 && n >= 32) return withQuadShuffle(device, ['sharedTile', 'registerTile']);
  const first = device.isCpu && m >= FEWEST_QUAD_ROWS && work >= LEAST_WORK_FOR_QUADS;
  return withQuadShuffle(device, ['registerTile', 'sharedTile'], first);
}

/** Threads per workgroup, and neighbouring threads that share rows: on CPU adapters a core's SIMD lanes. */
export const gemmGroup = ({ isCpu }: Device, variant: 'registerTile' | 'quadShuffle') =>
  isCpu ? { group: variant === 'quadShuffle' ? 8 : 16, lanes: 4 } : { group: 64, lanes: 16 };

/** Threads, or workgroups of `sharedTile`, that keep the adapter busy: K is split until there are so many. */
export const gemmParallelism = ({ isCpu }: Device, variant: string): number =>
  variant === 'sharedTile' ? 256 : isCpu ? 64 : 8192;

/** Whether one pipeline selects bias and simple epilogues at run time: CPU adapters take longer to compile another one. */
export const sharesGemmPipelines = ({ isCpu }: Device): boolean => isCpu;

export const attentionCandidates = (device: Device) => withQuadShuffle(device, ['plain']);

/** Convolutions with several channels per group; others are `depthwise`. */
export const convCandidates = (device: Device) => withQuadShuffle(device, ['dense']);

/** Threads that keep the adapter busy: the sum of a convolution's weight gradient is sliced until there are about so many. */
export const convParallelism = ({ isCpu }: Device): number => (isCpu ? 512 : 16384);

/**
 * Softmax of `lines` of `size` elements, `inner` apart: a thread or a workgroup per line. Threads read memory far apart
 * when lines are contiguous, and leave a GPU idle when there are few; CPU adapters have neither trouble.
 */
export function softmaxCandidates(size: number, inner: number, lines: number, { isCpu }: Device) {
  const group = !isCpu && size > 64 && (inner === 1 || lines < 2048);
  const inOrder = group ? (['group', 'line'] as const) : (['line', 'group'] as const);
  return inOrder.filter((variant) => variant === 'group' || size <= LONGEST_LINE);
}

/**
 * Normalization of rows of `size` values. `vector` is a thread per row that reads four values at once, where `aligned`. Short
 * rows take one thread each, and so do all on CPU adapters, for which barriers are slow.
 */
export function rowNormCandidates(size: number, aligned: boolean, { isCpu }: Device) {
  const inOrder = isCpu
    ? (['vector', 'thread', 'group'] as const)
    : size <= 32
      ? (['thread', 'group', 'vector'] as const)
      : (['group', 'thread', 'vector'] as const);
  return inOrder.filter((variant) => {
    if (variant === 'group') return true;
    if (variant === 'vector') return aligned && size / 4 <= LONGEST_LINE;
    return size <= LONGEST_LINE;
  });
}

/** Channels of up to so many numbers are worth a workgroup of a GPU each; larger ones are split among several. */
const GROUP_COUNT = 2 ** 14;

/**
 * Normalization of channels of `count` numbers. `thread` and `group` (one per channel) take one dispatch each way, `passes`
 * share each channel among many workgroups.
 * @param width numbers that a thread of `thread` takes at a time
 * @param lanes threads of a workgroup of `group`
 */
export function batchNormCandidates(count: number, width: number, lanes: number, { isCpu }: Device) {
  const inOrder = isCpu
    ? (['thread', 'group', 'passes'] as const)
    : count <= GROUP_COUNT
      ? (['group', 'passes', 'thread'] as const)
      : (['passes', 'group', 'thread'] as const);
  const share = { thread: count / width, group: count / lanes, passes: 0 };
  return inOrder.filter((variant) => share[variant] <= LONGEST_LINE);
}

/** Whether a thread per parameter sums over so many rows, in one dispatch. */
export const sumsRowsDirectly = (rows: number, { isCpu }: Device): boolean => isCpu && rows <= 1024;

/** Class scores up to which a CPU adapter takes a thread per row, however many classes there are. */
const FEW_SCORES = 4096;

/**
 * Losses of rows of `classes` scores, `inner` apart: few classes take a thread per row, many a workgroup. Rows whose classes
 * lie apart in memory take a thread too. `quadShuffle` is `thread` without barriers, which take longer to compile on CPU
 * adapters than all the rest.
 */
export function rowLossCandidates(
  { classes, inner, rows }: Record<'classes' | 'inner' | 'rows', number>,
  { isCpu, features }: Device,
): ('thread' | 'group' | 'quadShuffle')[] {
  const thread = inner > 1 || classes <= 64;
  const quad = isCpu && features.subgroups && (thread || rows * classes <= FEW_SCORES);
  return [...(quad ? (['quadShuffle'] as const) : []), ...(thread ? (['thread'] as const) : []), 'group'];
}

/** Classes that a thread goes over for a row of multiMarginLoss; a workgroup shares more of them. */
const MOST_CLASSES = 4096;

export const multiMarginCandidates = (classes: number) =>
  classes > MOST_CLASSES ? (['group'] as const) : (['thread', 'group'] as const);

/** Threads that keep the adapter busy with a reduction: a CPU has a few cores, a GPU wants ten thousands. */
export const reduceParallelism = ({ isCpu }: Device): number => (isCpu ? 1024 : 16384);

/** Workgroups that keep the cores of a CPU adapter busy. */
const CPU_GROUPS = 4;

/** Threads per workgroup of one time step of a recurrent layer: fewer where a CPU adapter's cores would idle. */
export function recurrentGroup(threads: number, { isCpu }: Device): number {
  const most = 64;
  if (!isCpu) return most;
  const least = Math.ceil(Math.log2(Math.max(1, threads / CPU_GROUPS)));
  return Math.min(most, 2 ** Math.max(2, least));
}

/**
 * Threads for `n` elements that shaders share out with `workgroup_range` (lib/grid.wgsl). Starting a workgroup takes a CPU
 * adapter as long as a hundred simple elements, and a GPU needs enough of them to be busy.
 */
export function elementThreads(n: number, { isCpu }: Device): { threads: number } {
  const perThread = isCpu ? 16 : n >= 2 ** 20 ? 4 : 1;
  return { threads: Math.ceil(n / perThread) };
}
