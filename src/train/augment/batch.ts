/** Augmented batches: two dispatches, one that draws for every image and one in place of the batch gather. */
import augmentDraw from '../../../shaders/data/augment.draw.wgsl';
import augmentGather from '../../../shaders/data/augment.gather.wgsl';
import type { AugmentStages, MixStage } from '../../data/augment/stages';
import { elementThreads } from '../../graph/compiler/heuristics';
import type { Graph, Tensor } from '../../graph/ir/graph';
import { defineInternal } from '../../graph/ir/op';
import { augment as layout } from '../../kernels/constants.generated';
import { encodeProgram } from './program';

/** What becomes of targets: moved as they are, mixed as numbers, or class indices as probabilities of so many classes. */
export type TargetMixing = 'move' | 'mix' | { classes: number };

/** Samples that batches are taken from. */
export interface SampleSource {
  x: Tensor;
  /** Bits of the targets, one row per sample. */
  labels?: Tensor;
  /** The samples in the order in which batches take them. */
  order: Tensor;
  count: number;
  isBytes: boolean;
  /** Stored values are multiplied by this first. */
  scale: number;
  /** The data's normalization, last. */
  normalization: { multiply: ArrayLike<number>; add: ArrayLike<number> };
  yShape: readonly number[];
}

interface BatchAttrs {
  stages: AugmentStages;
  source: Omit<SampleSource, 'x' | 'labels' | 'order'>;
  batchSize: number;
  mixing: TargetMixing;
  /** Random numbers go by the optimizer's step instead of the epoch. */
  byStep: boolean;
  tail: number;
  kinds: number;
  hasTargets: boolean;
  xShape: readonly number[];
}

/** Records the batch from the step's `batchStart` on. */
export function recordAugmented(
  graph: Graph,
  stages: AugmentStages,
  given: SampleSource,
  options: { batchSize: number; mixing: TargetMixing; byStep: boolean; xShape: readonly number[] },
): { x: Tensor; y: Tensor } {
  const { x, labels, order, ...source } = given;
  const { values, tail, kinds } = encodeProgram(stages, source.normalization);
  const program = graph.constant(values, [values.length]);
  const attrs: BatchAttrs = { ...options, stages, source, tail, kinds, hasTargets: labels !== undefined };
  const { drawn } = drawAugmented({ order, program }, attrs);
  const read = { x, labels: labels ?? graph.constant(new Int32Array(1), [1]), order, program, drawn };
  const { batch, targets } = gatherAugmented(read, attrs);
  return { x: batch, y: targets };
}

const imagesOf = ({ mix }: AugmentStages): number => (mix.length > 0 ? 2 : 1);
const stagesOf = ({ geometric, pointwise }: AugmentStages): number => geometric.length + pointwise.length;

/** The shape of a sample behind the stages, with as many dimensions as before. */
export function augmentedShape({ output }: AugmentStages, shape: readonly number[]): number[] {
  if (!output.isImage) return [...shape];
  return [...shape.slice(0, -2), output.height, output.width];
}

const drawAugmented = defineInternal({
  name: 'augmentDraw',
  inputs: ['order', 'program'],
  outputs: ['drawn'],
  shape: (_, { stages, batchSize }: BatchAttrs) => {
    const records = batchSize * imagesOf(stages) * (stagesOf(stages) + 1);
    return { drawn: { shape: [records * layout.DRAWN], dtype: 'i32' } };
  },
  lower({ order, program, drawn }, { stages, source, batchSize, byStep, kinds }, k) {
    const { height, width } = stages.output;
    const mixOf = (kind: MixStage['kind']) => stages.mix.find((mix) => mix.kind === kind);
    const [mixup, cutmix] = [mixOf('mixup'), mixOf('cutmix')];
    const params = {
      batch: batchSize,
      images: imagesOf(stages),
      stages: stagesOf(stages),
      count: source.count,
      length: order.size,
      height,
      width,
      mixes: (mixup ? 1 : 0) + (cutmix ? 2 : 0),
      mixup_alpha: mixup?.alpha ?? 1,
      mixup_p: mixup?.p ?? 0,
      cutmix_alpha: cutmix?.alpha ?? 1,
      cutmix_p: cutmix?.p ?? 0,
    };
    k.dispatch(
      augmentDraw,
      { order, program },
      { drawn },
      params,
      { threads: drawn.size / layout.DRAWN },
      {
        constants: { BY_STEP: Number(byStep), KINDS: kinds },
      },
    );
  },
});

const gatherAugmented = defineInternal({
  name: 'augmentGather',
  inputs: ['x', 'labels', 'order', 'program', 'drawn'],
  outputs: ['batch', 'targets'],
  shape: ({ labels }, { stages, source, batchSize, mixing, xShape }: BatchAttrs) => {
    const isClasses = typeof mixing === 'object';
    return {
      batch: [batchSize, ...augmentedShape(stages, xShape)],
      targets: {
        shape: [batchSize, ...(isClasses ? [mixing.classes] : source.yShape)],
        dtype: mixing === 'move' ? labels.dtype : 'f32',
      },
    };
  },
  lower({ x, labels, order, program, drawn, batch, targets }, attrs, k) {
    const { stages, source, batchSize, mixing, byStep, tail, kinds, hasTargets } = attrs;
    const { input, output, geometric, pointwise } = stages;
    const kernel = source.isBytes ? augmentGather.bytes : augmentGather.floats;
    const params = {
      batch: batchSize,
      images: imagesOf(stages),
      geometric: geometric.length,
      stages: stagesOf(stages),
      channels: input.channels,
      in_height: input.height,
      in_width: input.width,
      height: output.height,
      width: output.width,
      length: order.size,
      label_size: hasTargets ? targets.size / batchSize : 0,
      tail,
      scale: source.scale,
    };
    const withMean = pointwise.some((stage) => stage.kind === 'color' && stage.contrast);
    const constants = {
      GROUP: input.channels === 3 ? 3 : 1,
      BILINEAR: Number(geometric.some((stage) => stage.bilinear)),
      WITH_MEAN: Number(withMean),
      MIX_TARGETS: mixing === 'move' ? 0 : mixing === 'mix' ? 1 : 2,
      BY_STEP: Number(byStep),
      KINDS: kinds,
    };
    const reads = { x, order, program, drawn, labels };
    const pixels = batchSize * output.height * output.width;
    const size = withMean
      ? { threads: 64 * batchSize }
      : elementThreads(Math.max(pixels, targets.size), k.device);
    k.dispatch(kernel, reads, { y: batch, targets }, params, size, { constants });
  },
});
