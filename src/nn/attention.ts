/** torch.nn.MultiheadAttention. */
import { formatShape, GradloomError } from '../errors';
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
  /** Features of the keys and values, where they are not embedDim. */
  kdim?: number;
  vdim?: number;
}

/** Query, key and value, which may be projections packed into one tensor (see `ops.projectedAttention`). */
interface Projected {
  query: Tensor;
  key?: Tensor;
  value?: Tensor;
}

/**
 * Attention with `numHeads` heads over `embedDim` features.
 * Source: Vaswani et al., "Attention Is All You Need", 2017; torch.nn.MultiheadAttention.
 */
export class MultiheadAttention extends Module {
  /** The projections to query, key and value in one; with kdim or vdim there are three weights instead. */
  readonly inProjWeight?: Variable;
  readonly qProjWeight?: Variable;
  readonly kProjWeight?: Variable;
  readonly vProjWeight?: Variable;
  readonly inProjBias?: Variable;
  readonly outProj: Linear;

  constructor(
    private readonly embedDim: number,
    private readonly numHeads: number,
    private readonly options: MultiheadAttentionOptions = {},
  ) {
    super();
    if (numHeads < 1 || embedDim % numHeads !== 0) {
      throw new GradloomError({
        code: 'argument',
        op: 'MultiheadAttention',
        argument: 'numHeads',
        got: String(numHeads),
        expected: `a divisor of embedDim ${embedDim}`,
      });
    }
    const { bias = true, kdim = embedDim, vdim = embedDim } = options;
    if (kdim === embedDim && vdim === embedDim) {
      this.inProjWeight = parameter([3 * embedDim, embedDim], xavierUniform());
    } else {
      this.qProjWeight = parameter([embedDim, embedDim], xavierUniform());
      this.kProjWeight = parameter([embedDim, kdim], xavierUniform());
      this.vProjWeight = parameter([embedDim, vdim], xavierUniform());
    }
    if (bias) this.inProjBias = parameter([3 * embedDim], zeros);
    this.outProj = new Linear(embedDim, embedDim, { bias });
  }

  /** Output with the query's shape; `key` and `value` default to the query (self-attention). */
  override forward(query: Tensor, key = query, value = key, masks: AttentionMasks = {}): Tensor {
    const { batchFirst = false, dropout = 0 } = this.options;
    this.checkInputs(query, key, value);
    const attnMask = this.combine(masks, query, key);
    const attended = ops.projectedAttention(
      { ...this.project(query, key, value), attnMask },
      { heads: this.numHeads, batchFirst, isCausal: masks.isCausal, dropoutP: dropout },
    );
    return this.outProj.forward(attended);
  }

  /**
   * The output, and the weights with which each query looked at each key: `[N, Tq, Tk]`, the mean over the heads, as
   * PyTorch gives with need_weights. Takes a matrix of weights per head, which `forward` never stores.
   */
  forwardWithWeights(query: Tensor, key = query, value = key, masks: AttentionMasks = {}) {
    const { numHeads: H, embedDim: E } = this;
    const y = this.forward(query, key, value, masks);
    const inHeads = (x: Tensor) => {
      const [a, b] = x.shape;
      const split = ops.reshape(x, { shape: [a, b, H, E / H] });
      return ops.permute(split, { dims: this.options.batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3] });
    };
    const q = inHeads(ops.linear(query, ...this.part(query, 0, 1)));
    const k = inHeads(ops.linear(key, ...this.part(key, 1, 1)));
    const products = ops.matmul(q, k, { transposeB: true });
    const scores = ops.mul(products, q.graph.constant(new Float32Array([1 / Math.sqrt(E / H)]), [1]));
    const hidden = q.graph.constant(new Float32Array([Number.NEGATIVE_INFINITY]), [1]);
    const hide = (x: Tensor, mask: Tensor) =>
      mask.dtype === 'bool' ? ops.where(mask, x, hidden) : ops.add(x, mask);
    const mask = this.combine(masks, query, key);
    let masked = mask ? hide(scores, mask) : scores;
    if (masks.isCausal) {
      const [Tq, Tk] = scores.shape.slice(-2);
      const later = Float32Array.from({ length: Tq * Tk }, (_, i) =>
        i % Tk > Math.floor(i / Tk) ? Number.NEGATIVE_INFINITY : 0,
      );
      masked = ops.add(masked, q.graph.constant(later, [Tq, Tk]));
    }
    return { y, weights: ops.mean(ops.softmax(masked, { dim: -1 }), { dim: 1 }) };
  }

  /** Weight and bias of `count` of the projections to query, key and value, from number `first` on. */
  private part(x: Tensor, first: number, count: number): [Tensor, Tensor?] {
    const { embedDim: E } = this;
    const rows = (tensor: Tensor) =>
      count === 3 ? tensor : ops.narrow(tensor, { dim: 0, start: first * E, length: count * E });
    const bias = this.inProjBias && rows(x.graph.tensor(this.inProjBias));
    if (this.inProjWeight) return [rows(x.graph.tensor(this.inProjWeight)), bias];
    return [x.graph.tensor([this.qProjWeight, this.kProjWeight, this.vProjWeight][first]!), bias];
  }

  /** As few matrix products as there are different inputs. */
  private project(query: Tensor, key: Tensor, value: Tensor): Projected {
    const of = (x: Tensor, first: number, count: number) => ops.linear(x, ...this.part(x, first, count));
    const packed = this.inProjWeight !== undefined && key === value;
    if (packed && query === key) return { query: of(query, 0, 3) };
    if (packed) return { query: of(query, 0, 1), key: of(key, 1, 2) };
    return { query: of(query, 0, 1), key: of(key, 1, 1), value: of(value, 2, 1) };
  }

  private checkInputs(query: Tensor, key: Tensor, value: Tensor): void {
    const { embedDim, options } = this;
    const { batchFirst = false, kdim = embedDim, vdim = embedDim } = options;
    const [time, batch] = batchFirst ? [1, 0] : [0, 1];
    const check = (argument: string, x: Tensor, features: number, size: number, dim: number) => {
      if (x.rank === 3 && x.shape[2] === features && x.shape[dim] === size && x.shape[time] > 0) return;
      const sizes = batchFirst ? ['batch', 'time'] : ['time', 'batch'];
      sizes[dim] = dim === batch ? `${size} (batch)` : `${size} (time)`;
      throw new GradloomError({
        code: 'shape',
        op: 'MultiheadAttention',
        argument,
        got: formatShape(x.shape),
        expected: `[${sizes.join(', ')}, ${features}] with at least one position`,
      });
    };
    check('query', query, embedDim, query.shape[batch], batch);
    check('key', key, kdim, query.shape[batch], batch);
    check('value', value, vdim, key.shape[time], time);
  }

  /** One mask for the op, in which 1 means "attend". */
  private combine(masks: AttentionMasks, query: Tensor, key: Tensor): Tensor | undefined {
    const { attnMask, keyPaddingMask } = masks;
    const [time, batch] = this.options.batchFirst ? [1, 0] : [0, 1];
    const [N, Tq, Tk, H] = [query.shape[batch], query.shape[time], key.shape[time], this.numHeads];
    const check = (argument: string, mask: Tensor | undefined, shapes: number[][]) => {
      if (!mask || shapes.some((shape) => shape.join() === mask.shape.join())) return;
      throw new GradloomError({
        code: 'shape',
        op: 'MultiheadAttention',
        argument,
        got: formatShape(mask.shape),
        expected: shapes.map(formatShape).join(' or '),
      });
    };
    check('attnMask', attnMask, [
      [Tq, Tk],
      [N * H, Tq, Tk],
    ]);
    check('keyPaddingMask', keyPaddingMask, [[N, Tk]]);
    const allowed = (mask: Tensor) => (mask.dtype === 'bool' ? ops.logicalNot(mask) : mask);
    const general = attnMask && allowed(attnMask);
    const perHead = general?.rank === 3 ? ops.reshape(general, { shape: [N, H, Tq, Tk] }) : general;
    if (!keyPaddingMask) return perHead;
    const padding = ops.reshape(allowed(keyPaddingMask), { shape: [N, 1, 1, Tk] });
    if (!perHead) return padding;
    if (perHead.dtype === 'bool' && padding.dtype === 'bool') return ops.logicalAnd(perHead, padding);
    if (padding.dtype === 'f32' && perHead.dtype === 'f32') return ops.add(perHead, padding);
    const [shown, added] = padding.dtype === 'bool' ? [padding, perHead] : [perHead, padding];
    const hidden = query.graph.constant(new Float32Array([Number.NEGATIVE_INFINITY]), [1]);
    return ops.where(shown, added, hidden);
  }
}
