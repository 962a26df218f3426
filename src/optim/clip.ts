/** Gradient clipping: by norm in two dispatches over the gradient arena, by value inside the optimizer's kernel. */
import gradNormPartial from '../../shaders/optimizer/grad_norm.partial.wgsl';
import gradNormScale from '../../shaders/optimizer/grad_norm.scale.wgsl';
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { defineInternal, parseAttrs } from '../graph/ir/op';
import * as z from '../schema';

/** `maxNorm` as torch.nn.utils.clip_grad_norm_, `value` as clip_grad_value_. */
export interface ClipOptions {
  /** The total norm of all gradients at most; Infinity to measure it only. */
  maxNorm?: number;
  /** p of the norm: a number above 0, or Infinity ('inf' in JSON) for the largest value. Default 2. */
  normType?: number | 'inf';
  /** Refuses to update where the norm is NaN or infinite, and rejects. Default false: gradients become NaN, as in PyTorch. */
  errorIfNonfinite?: boolean;
  /** Largest value of a gradient at most. */
  value?: number;
}

/** @throws GradloomError `argument` for unknown options, values that are no numbers and negative ones. */
export function checkClip(clip: ClipOptions): ClipOptions {
  if (typeof clip !== 'object' || clip === null) throw fail('clip', String(clip), '{ maxNorm } or { value }');
  const parsed: ClipOptions = parseAttrs('clip', clipSchema, clip);
  const { maxNorm, normType, errorIfNonfinite } = parsed;
  if (maxNorm !== undefined) return parsed;
  const alone = normType !== undefined ? 'normType' : errorIfNonfinite && 'errorIfNonfinite';
  if (alone)
    throw fail(
      alone,
      `${parsed[alone]} without maxNorm`,
      'maxNorm with it',
      'maxNorm: Infinity measures only',
    );
  return parsed;
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'clip', argument, got, expected, fix });

const isInfinite = (value: unknown) => value === Number.POSITIVE_INFINITY;
const infinity: z.Schema<number> = z.any().refine(isInfinite);
const clipSchema = z.strictObject({
  maxNorm: z.union([z.number().min(0), infinity]).optional(),
  normType: z.union([z.number().gt(0), infinity, z.literal('inf')]).optional(),
  errorIfNonfinite: z.boolean().optional(),
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
  clip: ClipOptions,
  after: Tensor[],
): { scale: Tensor; norm: Tensor } => normFactor({ runs }, { clip, after });

/** Workgroups per run. */
const PARTS = 64;

const normFactor = defineInternal({
  name: 'gradNorm',
  inputs: ['...runs'],
  outputs: ['scale', 'norm'],
  shape: () => ({ scale: [4], norm: [] }),
  lower({ runs, scale, norm }, { clip, after }: { clip: ClipOptions; after: Tensor[] }, k) {
    const { maxNorm = 0, normType = 2, errorIfNonfinite = false } = clip;
    const partials = k.scratch([PARTS * runs.length]);
    const finish = { count: partials.size, max_norm: maxNorm, refuses: errorIfNonfinite };
    const once = [1, 1, 1] as const;
    const p = Number(normType === 'inf' ? Number.POSITIVE_INFINITY : normType);
    runs.forEach((grad, i) => {
      const params = { n4: grad.size / 4, parts: PARTS, offset: i * PARTS };
      const launch = [{ workgroups: PARTS }, { alsoReads: after }] as const;
      if (p === 1 || p === 2 || isInfinite(p))
        k.dispatch(gradNormPartial[variantOf(p)], { grad }, { partials }, params, ...launch);
      else k.dispatch(gradNormPartial.any, { grad }, { partials }, { ...params, p }, ...launch);
    });
    const outputs = { scale, norm };
    if (p === 1 || p === 2 || isInfinite(p))
      k.dispatch(gradNormScale[variantOf(p)], { partials }, outputs, finish, once);
    else k.dispatch(gradNormScale.any, { partials }, outputs, { ...finish, p }, once);
  },
});

const variantOf = (p: number) => (p === 1 ? 'one' : p === 2 ? 'two' : 'most');
