/** Augmentation of data on the device, as part of the batch gather. */

import type { AugmentSpec } from '../../data/augment/spec';
import { type AugmentStages, augmentStages } from '../../data/augment/stages';
import { type ArrayDataset, IGNORED_LABEL } from '../../data/dataset';
import { formatShape, GradloomError } from '../../errors';
import type { Graph, Tensor } from '../../graph/ir/graph';
import { type DeviceData, DeviceDataset, type Order } from '../device-dataset';
import { type LossFunction, type LossSpec, nameOf } from '../loss';
import { OF_CLASSES } from '../targets';
import { recordAugmented, type TargetMixing } from './batch';

/** Records augmented batches. */
export class Augmenter {
  /** Stands for the augmentation in the keys of plans. */
  readonly key: string;
  private readonly known = new WeakMap<ArrayDataset, AugmentStages>();

  /** @throws GradloomError `argument` for what is no augmentation. */
  constructor(
    private readonly spec: AugmentSpec,
    private readonly loss: LossSpec | LossFunction,
  ) {
    this.key = JSON.stringify(spec);
  }

  /**
   * The stages for a data set.
   * @throws GradloomError `argument` for what its samples do not allow, `data` for values or targets that the transforms
   * would spoil.
   */
  stagesFor(data: unknown): AugmentStages {
    const sound = asDataset(data);
    let stages = this.known.get(sound);
    if (!stages) {
      stages = augmentStages(this.spec, sound.xShape);
      checkSamples(sound, stages);
      this.known.set(sound, stages);
    }
    return stages;
  }

  /** The batch of `batchSize` samples from the step's `batchStart` on, augmented. */
  batch(graph: Graph, onDevice: DeviceData, batchSize: number, order: Order): { x: Tensor; y: Tensor } {
    const data = asDataset(onDevice instanceof DeviceDataset ? onDevice.data : undefined);
    const stages = this.stagesFor(data);
    const { scale, xShape, yShape } = data;
    const source = {
      ...(onDevice as DeviceDataset).samples(graph, order),
      ...sourceOf(data),
      scale,
      yShape,
    };
    const mixing = mixingOf(data, stages, this.loss);
    return recordAugmented(graph, stages, source, { batchSize, mixing, byStep: false, xShape });
  }
}

/** What the gather needs to know of a data set beside its arrays. */
export function sourceOf(data: ArrayDataset) {
  const { mean, std, length } = data;
  const channels = Math.max(mean.length, std.length);
  const of = (list: readonly number[], c: number) => list[list.length === 1 ? 0 : c];
  const multiply = Array.from({ length: channels }, (_, c) => 1 / of(std, c));
  const add = multiply.map((factor, c) => -of(mean, c) * factor);
  return { count: length, isBytes: data.x instanceof Uint8Array, normalization: { multiply, add } };
}

/** What mixing makes of the targets of a data set. Losses of class scores take probabilities for class indices. */
export function mixingOf(
  { y, classCount }: ArrayDataset,
  { mix }: AugmentStages,
  loss: LossSpec | LossFunction,
): TargetMixing {
  if (mix.length === 0) return 'move';
  if (y instanceof Float32Array) return 'mix';
  const name = typeof loss === 'function' ? undefined : nameOf(loss);
  if (name !== undefined && OF_CLASSES.includes(name) && name !== 'crossEntropy') {
    throw new GradloomError({
      code: 'argument',
      op: 'augment',
      argument: mix[0].kind,
      got: `loss ${name}, which takes class indices alone`,
      expected: 'a loss that takes probabilities of classes',
      fix: "Use 'crossEntropy'",
    });
  }
  return { classes: classCount! };
}

function asDataset(data: unknown): ArrayDataset {
  if (data && typeof data === 'object' && 'xShape' in data) return data as ArrayDataset;
  throw new GradloomError({
    code: 'argument',
    op: 'augment',
    argument: 'data',
    got: 'windows over a text',
    expected: 'an ArrayDataset',
  });
}

const dataError = (data: ArrayDataset, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'data', op: 'augment', argument: data.name, got, expected, fix });

function checkSamples(data: ArrayDataset, { input, geometric, mix, clips }: AugmentStages): void {
  const { x, y, xShape, yShape, scale } = data;
  const { height, width } = input;
  const follows = yShape.length >= 2 && yShape.at(-2) === height && yShape.at(-1) === width;
  if (follows && (geometric.length > 0 || mix.some(({ kind }) => kind === 'cutmix'))) {
    const got = `targets ${formatShape(yShape)} for each pixel of ${formatShape(xShape)}`;
    throw dataError(
      data,
      got,
      'targets that stay right when pixels move',
      'Use colorJitter, gaussianNoise or mixup',
    );
  }
  if (mix.length > 0 && y instanceof Int32Array) {
    if (yShape.length > 0)
      throw dataError(
        data,
        `class indices ${formatShape(yShape)} per sample`,
        `one of them, for ${mix[0].kind}`,
      );
    const at = y.indexOf(IGNORED_LABEL);
    if (at >= 0) {
      const got = `sample ${at} without a label (${IGNORED_LABEL})`;
      throw dataError(data, got, `labels to mix, for ${mix[0].kind}`, 'Leave these samples out');
    }
  }
  if (!clips) return;
  const [low, high] = scale > 0 ? [0, 1 / scale] : [1 / scale, 0];
  // Rounding may leave the ends of the range a little beyond.
  const slack = 1e-5 * Math.abs(1 / scale);
  const at = x.findIndex((value) => value < low - slack || value > high + slack);
  if (at < 0) return;
  const fix =
    'Keep plain images and let mean and std of the data set normalize them, which happens after augmentation';
  throw dataError(
    data,
    `${x[at] * scale} in sample ${Math.floor(at / data.xSize)}`,
    `0 to 1, to which ${clips} clips`,
    fix,
  );
}
