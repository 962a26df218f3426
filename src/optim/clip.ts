/** Gradient clipping: by norm in two dispatches over the gradient arena, by value inside the optimizer's kernel. */
import gradNormPartial from '../../shaders/optimizer/grad_norm.partial.wgsl';
import gradNormScale from '../../shaders/optimizer/grad_norm.scale.wgsl';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal, parseAttrs } from '../graph/ir/op';
import * as z from '../schema';

/** `maxNorm` as torch.nn.utils.clip_grad_norm_, `value` as clip_grad_value_. */
export interface ClipOptions {
  maxNorm?: number;
  value?: number;
}

/** @throws GradloomError `argument` for unknown options, values that are no numbers and negative ones. */
export function checkClip(clip: ClipOptions): ClipOptions {
  return parseAttrs('clip', clipSchema, clip);
}

const clipSchema = z.strictObject({
  maxNorm: z.number().min(0).optional(),
  value: z.number().min(0).optional(),
});

/** The limit that means none. */
export const NO_CLIP_VALUE = -1;

/**
 * The total norm of all gradients, and the factor `scale` that brings it to at most `maxNorm`. The gradients are given
 * as runs of memory; `after` are the single gradients, which must be complete.
 */
export const gradNormFactor = (
  runs: Tensor[],
  maxNorm: number,
  after: Tensor[],
): { scale: Tensor; norm: Tensor } => normFactor({ runs }, { maxNorm, after });

/** Workgroups per run. */
const PARTS = 64;

const normFactor = defineInternal({
  name: 'gradNorm',
  inputs: ['...runs'],
  outputs: ['scale', 'norm'],
  shape: () => ({ scale: [4], norm: [] }),
  lower({ runs, scale, norm }, { maxNorm, after }: { maxNorm: number; after: Tensor[] }, k) {
    const partials = k.scratch([PARTS * runs.length]);
    runs.forEach((grad, i) => {
      const params = { n4: grad.size / 4, parts: PARTS, offset: i * PARTS };
      k.dispatch(gradNormPartial, { grad }, { partials }, params, [PARTS, 1, 1], { alsoReads: after });
    });
    k.dispatch(
      gradNormScale,
      { partials },
      { scale, norm },
      { count: partials.size, max_norm: maxNorm },
      [1, 1, 1],
    );
  },
});
