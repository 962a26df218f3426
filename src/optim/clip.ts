/** Gradient clipping: by norm in two dispatches over the gradient arena, by value inside the optimizer's kernel. */
import gradNormPartial from '../../shaders/optimizer/grad_norm.partial.wgsl';
import gradNormScale from '../../shaders/optimizer/grad_norm.scale.wgsl';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal } from '../graph/ir/op';

/** `maxNorm` as torch.nn.utils.clip_grad_norm_, `value` as clip_grad_value_. */
export interface ClipOptions {
  maxNorm?: number;
  value?: number;
}

/** What WGSL takes for "no limit": the largest float32. */
export const NO_CLIP_VALUE = 3.4028234663852886e38;

/**
 * The factor that scales all gradients to the norm `maxNorm`: `[factor, norm]`. The gradients are given as the pages
 * of their arena; `after` are the single gradients, which must be complete.
 */
export const gradNormFactor = (pages: Tensor[], maxNorm: number, after: Tensor[]): Tensor =>
  normFactor({ pages }, { maxNorm, after }).scale;

/** Workgroups per page. */
const PARTS = 64;

const normFactor = defineInternal({
  name: 'gradNorm',
  inputs: ['...pages'],
  outputs: ['scale'],
  shape: () => ({ scale: [4] }),
  lower({ pages, scale }, { maxNorm, after }: { maxNorm: number; after: Tensor[] }, k) {
    const partials = k.scratch([PARTS * pages.length]);
    pages.forEach((grad, i) => {
      const params = { n4: grad.size / 4, parts: PARTS, offset: i * PARTS };
      k.dispatch(gradNormPartial, { grad }, { partials }, params, [PARTS, 1, 1], { alsoReads: after });
    });
    k.dispatch(
      gradNormScale,
      { partials },
      { scale },
      { count: partials.size, max_norm: maxNorm },
      [1, 1, 1],
    );
  },
});
