/** Augmentation inside of a step function. */

import { checkCount } from '../../checks';
import type { AugmentSpec } from '../../data/augment/spec';
import { augmentStages } from '../../data/augment/stages';
import { formatShape, GradloomError } from '../../errors';
import type { Tensor } from '../../graph/ir/graph';
import { recordAugmented, type TargetMixing } from './batch';

/**
 * A batch `x` `[n, ...]` augmented on the GPU, for the function of a `TrainStep`: what is drawn depends on the seed, the number
 * of the step and the place in the batch. In evaluation the batch stays as it is. mixup and cutmix mix within the batch: they
 * take targets as floats, or class indices `[n]` and the number of `classes`, whose probabilities come back.
 * @throws GradloomError `argument` for an augmentation that is unknown or does not fit the samples, `shape` for targets that
 * do not fit the batch.
 */
export function augmentBatch<Y extends Tensor | undefined = undefined>(
  batch: { x: Tensor; y?: Y },
  spec: AugmentSpec,
  options: { classes?: number } = {},
): { x: Tensor; y: Y } {
  const { x, y } = batch;
  const { graph, shape } = x;
  const [count, ...xShape] = shape;
  const refuse = (code: 'argument' | 'shape', argument: string, got: string, expected: string) =>
    new GradloomError({ code, op: 'augmentBatch', argument, got, expected });
  if (x.dtype !== 'f32') throw refuse('argument', 'x', x.dtype, 'float32');
  const stages = augmentStages(spec, xShape);
  if (!graph.training) {
    const { input, output } = stages;
    if (input.height === output.height && input.width === output.width) return { x, y: y as Y };
    const sizes = `${input.height}x${input.width} becomes ${output.height}x${output.width}`;
    throw refuse(
      'shape',
      'augment',
      `images that change their size (${sizes}) in evaluation`,
      'images of one size',
    );
  }
  if (y && y.shape[0] !== count) {
    throw refuse('shape', 'y', formatShape(y.shape), `${count} targets, one per sample of x`);
  }
  let mixing: TargetMixing = 'move';
  if (stages.mix.length > 0) {
    if (!y) throw refuse('argument', 'y', 'missing', `targets that ${stages.mix[0].kind} mixes`);
    if (y.dtype === 'i32') {
      checkCount('augmentBatch', 'classes', options.classes);
      if (y.rank !== 1) throw refuse('shape', 'y', formatShape(y.shape), 'one class index per sample');
      mixing = { classes: options.classes! };
    } else mixing = 'mix';
  }
  const indices = Int32Array.from({ length: count }, (_, i) => i);
  const made = recordAugmented(
    graph,
    stages,
    {
      x,
      labels: y,
      order: graph.constant(indices, [count]),
      count,
      isBytes: false,
      scale: 1,
      normalization: { multiply: [1], add: [0] },
      yShape: y ? y.shape.slice(1) : [],
    },
    { batchSize: count, mixing, byStep: true, xShape },
  );
  return { x: made.x, y: (y && made.y) as Y };
}
