/** torch.nn.MultiheadAttention. */
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/tensor';
import type { Variable } from '../graph/variable';
import * as ops from '../ops';
import { xavierUniform, zeros } from './init';
import { Linear } from './linear';
import { Module, parameter } from './module';

export interface AttentionMasks {
  /** Boolean (1 = may not be attended, as in PyTorch's modules) or additive; `[Tq, Tk]` or `[N * heads, Tq, Tk]`. */
  attnMask?: Tensor;
  /** `[N, Tk]`, 1 = padding, not to be attended. */
  keyPaddingMask?: Tensor;
  /** Each position attends to itself and what is before it. */
  isCausal?: boolean;
}

export interface MultiheadAttentionOptions {
  dropout?: number;
  bias?: boolean;
  /** `[N, T, E]` instead of PyTorch's default `[T, N, E]`. */
  batchFirst?: boolean;
}

/**
 * Attention with `numHeads` heads over `embedDim` features.
 * Source: Vaswani et al., "Attention Is All You Need", 2017; torch.nn.MultiheadAttention.
 */
export class MultiheadAttention extends Module {
  readonly inProjWeight: Variable;
  readonly inProjBias?: Variable;
  readonly outProj: Linear;

  constructor(
    private readonly embedDim: number,
    private readonly numHeads: number,
    private readonly options: MultiheadAttentionOptions = {},
  ) {
    super();
    if (embedDim % numHeads !== 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'MultiheadAttention',
        argument: 'numHeads',
        got: String(numHeads),
        expected: `a divisor of embedDim ${embedDim}`,
      });
    }
    const { bias = true } = options;
    this.inProjWeight = parameter([3 * embedDim, embedDim], xavierUniform());
    if (bias) this.inProjBias = parameter([3 * embedDim], zeros);
    this.outProj = new Linear(embedDim, embedDim, { bias });
  }

  /** Output with the query's shape; `key` and `value` default to the query (self-attention). */
  override forward(query: Tensor, key = query, value = key, masks: AttentionMasks = {}): Tensor {
    const { embedDim: E, numHeads: H } = this;
    const { batchFirst = false, dropout = 0 } = this.options;
    const weight = query.graph.tensor(this.inProjWeight);
    const bias = this.inProjBias && query.graph.tensor(this.inProjBias);
    const rows = (tensor: Tensor, part: number, parts: number) =>
      ops.narrow(tensor, { dim: 0, start: part * E, length: parts * E });
    const project = (x: Tensor, part: number, parts: number) =>
      parts === 3
        ? ops.linear(x, weight, bias)
        : ops.linear(x, rows(weight, part, parts), bias && rows(bias, part, parts));

    // [.., parts * E] to one [N, H, T, d] per part.
    const heads = (x: Tensor, part: number, parts: number): Tensor[] => {
      const [a, b] = x.shape;
      const [N, T] = batchFirst ? [a, b] : [b, a];
      const split = ops.reshape(project(x, part, parts), { shape: [a, b, parts, H, E / H] });
      const ordered = ops.permute(split, { dims: batchFirst ? [2, 0, 3, 1, 4] : [2, 1, 3, 0, 4] });
      if (parts === 1) return [ops.reshape(ordered, { shape: [N, H, T, E / H] })];
      return Array.from({ length: parts }, (_, i) => ops.select(ordered, { dim: 0, index: i }));
    };
    const [q, k, v] =
      query === key && key === value
        ? heads(query, 0, 3)
        : key === value
          ? [...heads(query, 0, 1), ...heads(key, 1, 2)]
          : [...heads(query, 0, 1), ...heads(key, 1, 1), ...heads(value, 2, 1)];

    const attended = ops.scaledDotProductAttention(q, k, v, this.combine(masks, q, k), {
      isCausal: masks.isCausal ?? false,
      dropoutP: dropout,
    });
    const joined = ops.permute(attended, { dims: batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3] });
    return this.outProj.forward(ops.reshape(joined, { shape: [...query.shape] }));
  }

  /** One mask for the op, in which 1 means "attend". */
  private combine({ attnMask, keyPaddingMask }: AttentionMasks, q: Tensor, k: Tensor): Tensor | undefined {
    const [N, H, Tq] = q.shape;
    const Tk = k.shape[2];
    const allowed = (mask: Tensor) => (mask.dtype === 'bool' ? ops.logicalNot(mask) : mask);
    const general = attnMask && allowed(attnMask);
    const perHead = general?.rank === 3 ? ops.reshape(general, { shape: [N, H, Tq, Tk] }) : general;
    if (!keyPaddingMask) return perHead;
    const padding = ops.reshape(allowed(keyPaddingMask), { shape: [N, 1, 1, Tk] });
    if (!perHead) return padding;
    if (perHead.dtype === 'bool') return ops.logicalAnd(perHead, padding);
    const hidden = q.graph.constant(new Float32Array([Number.NEGATIVE_INFINITY]), [1]);
    return ops.where(padding, perHead, hidden);
  }
}
