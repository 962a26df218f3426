/** torch.nn.MultiheadAttention. */
import { checkOptions, checkSizes } from '../checks';
import { formatShape, GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import * as ops from '../ops';
import { fanInUniform, xavierNormal, xavierUniform, zeros } from './init';
import { Linear } from './linear';
import { Module, parameter } from './module';

export interface AttentionMasks {
  /** Boolean (1 = may not be attended, as in PyTorch's modules) or additive; `[Tq, Tk]` or `[N * heads, Tq, Tk]`. */
  attnMask?: Tensor;
  /** Boolean (1 = padding, not to be attended) or additive; `[N, Tk]`, or `[Tk]` for inputs without a batch. */
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
  /** Whether a learned key and value stand behind those of every sequence. */
  addBiasKv?: boolean;
  /** Whether a key and value of zeros stand behind all others. */
  addZeroAttn?: boolean;
}

const OPTIONS: (keyof MultiheadAttentionOptions)[] = [
  'dropout',
  'bias',
  'batchFirst',
  'kdim',
  'vdim',
  'addBiasKv',
  'addZeroAttn',
];

/** Query, key and value, which may be projections packed into one tensor, and masks (see `ops.projectedAttention`). */
interface Projected {
  query: Tensor;
  key?: Tensor;
  value?: Tensor;
  attnMask?: Tensor;
  isCausal?: boolean;
}

/** The same with each in a tensor of its own. */
type ProjectedApart = Projected & { key: Tensor; value: Tensor };

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
  readonly biasK?: Variable;
  readonly biasV?: Variable;
  readonly outProj: Linear;

  constructor(
    private readonly embedDim: number,
    private readonly numHeads: number,
    private readonly options: MultiheadAttentionOptions = {},
  ) {
    super();
    checkSizes('MultiheadAttention', { embedDim, numHeads });
    checkOptions('MultiheadAttention', options, OPTIONS);
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
    if (options.addBiasKv) {
      this.biasK = parameter([1, 1, embedDim], xavierNormal());
      this.biasV = parameter([1, 1, embedDim], xavierNormal());
    }
    const initialize = { weight: fanInUniform(embedDim), bias: zeros };
    this.outProj = new Linear(embedDim, embedDim, { bias, initialize });
  }

  /**
   * Output with the query's shape; `key` and `value` default to the query (self-attention). As in PyTorch all three may
   * come without a batch: `[T, E]`.
   */
  override forward(query: Tensor, key = query, value = key, masks: AttentionMasks = {}): Tensor {
    if (query.rank === 2)
      return this.withBatch(query, key, value, masks, (...given) => [this.forward(...given)])[0];
    return this.attend(this.project(query, key, value, masks));
  }

  /**
   * The output, and the weights with which each query looked at each key, before dropout: `[N, Tq, Tk]`, the mean over
   * the heads, as PyTorch gives with need_weights; `[N, heads, Tq, Tk]` without `averageAttnWeights`. Takes a matrix of
   * weights per head, which `forward` never stores.
   */
  forwardWithWeights(
    query: Tensor,
    key = query,
    value = key,
    masks: AttentionMasks = {},
    { averageAttnWeights = true } = {},
  ): { y: Tensor; weights: Tensor } {
    if (query.rank === 2) {
      const [y, weights] = this.withBatch(query, key, value, masks, (...given) => {
        const outputs = this.forwardWithWeights(...given, { averageAttnWeights });
        return [outputs.y, ops.transpose(outputs.weights, { dim0: 0, dim1: this.batchDim })];
      });
      return { y, weights };
    }
    const { numHeads: H, embedDim: E } = this;
    const projected = this.projectApart(query, key, value, masks);
    const inHeads = (x: Tensor) => {
      const [a, b] = x.shape;
      const split = ops.reshape(x, { shape: [a, b, H, E / H] });
      return ops.permute(split, { dims: this.batchDim === 0 ? [0, 2, 1, 3] : [1, 2, 0, 3] });
    };
    const products = ops.matmul(inHeads(projected.query), inHeads(projected.key), { transposeB: true });
    const scores = ops.mul(products, 1 / Math.sqrt(E / H));
    const { attnMask, isCausal } = projected;
    const mask = isCausal ? withCausal(attnMask, scores, scores.shape[3]) : attnMask;
    const weights = ops.softmax(mask ? hide(scores, mask) : scores, { dim: -1 });
    return {
      y: this.attend(projected),
      weights: averageAttnWeights ? ops.mean(weights, { dim: 1 }) : weights,
    };
  }

  private get batchDim(): 0 | 1 {
    return this.options.batchFirst ? 0 : 1;
  }

  private attend(projected: Projected): Tensor {
    const { batchFirst = false, dropout = 0 } = this.options;
    const { isCausal, ...operands } = projected;
    return this.outProj.forward(
      ops.projectedAttention(operands, { heads: this.numHeads, batchFirst, isCausal, dropoutP: dropout }),
    );
  }

  /** Runs on inputs without a batch as on a batch of one; the outputs lose its dimension. */
  private withBatch(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    masks: AttentionMasks,
    run: (query: Tensor, key: Tensor, value: Tensor, masks: AttentionMasks) => Tensor[],
  ): Tensor[] {
    const lifted = new Map<Tensor, Tensor>();
    const lift = (x: Tensor): Tensor => {
      // Inputs that are the same stay the same, so that their projections are one product.
      if (!lifted.has(x)) lifted.set(x, x.rank === 2 ? ops.unsqueeze(x, { dim: this.batchDim }) : x);
      return lifted.get(x)!;
    };
    const { keyPaddingMask } = masks;
    const padding = keyPaddingMask?.rank === 1 ? ops.unsqueeze(keyPaddingMask, { dim: 0 }) : keyPaddingMask;
    const outputs = run(lift(query), lift(key), lift(value), { ...masks, keyPaddingMask: padding });
    return outputs.map((y) => ops.squeeze(y, { dim: this.batchDim }));
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

  /** One matmul per distinct input. */
  private project(query: Tensor, key: Tensor, value: Tensor, masks: AttentionMasks): Projected {
    const { inProjWeight, options } = this;
    if (!inProjWeight || key !== value || options.addBiasKv || options.addZeroAttn) {
      return this.projectApart(query, key, value, masks);
    }
    this.checkInputs(query, key, value);
    const attnMask = this.combine(masks, query, key);
    const of = (x: Tensor, first: number, count: number) => ops.linear(x, ...this.part(x, first, count));
    const shared = { attnMask, isCausal: masks.isCausal };
    if (query === key) return { query: of(query, 0, 3), ...shared };
    return { query: of(query, 0, 1), key: of(key, 1, 2), ...shared };
  }

  /** Query, key and value by themselves, with the keys and values that stand behind those of the sequences. */
  private projectApart(query: Tensor, key: Tensor, value: Tensor, masks: AttentionMasks): ProjectedApart {
    this.checkInputs(query, key, value);
    const { batchDim, embedDim, options } = this;
    const { graph } = query;
    const row = [1, 1, embedDim];
    row[batchDim] = query.shape[batchDim];
    const zeroRow = options.addZeroAttn
      ? [constantOf(query, new Array(row[batchDim] * embedDim).fill(0), row)]
      : [];
    const behind = (bias: Variable | undefined) =>
      bias ? [ops.expand(graph.tensor(bias), { size: row }), ...zeroRow] : zeroRow;
    const of = (x: Tensor, which: number, bias?: Variable): Tensor => {
      const own = ops.linear(x, ...this.part(x, which, 1));
      const more = which === 0 ? [] : behind(bias);
      return more.length === 0 ? own : ops.cat([own, ...more], { dim: 1 - batchDim });
    };
    const projected = { query: of(query, 0), key: of(key, 1, this.biasK), value: of(value, 2, this.biasV) };
    const attnMask = this.combine(masks, query, key);
    const [Tk, all] = [key.shape[1 - batchDim], projected.key.shape[1 - batchDim]];
    if (all === Tk) return { ...projected, attnMask, isCausal: masks.isCausal };
    // All may look at what stands behind, so the mask says 1 of it where it is boolean, else 0.
    const padded =
      attnMask && ops.pad(attnMask, { pad: [0, all - Tk], value: attnMask.dtype === 'bool' ? 1 : 0 });
    if (!masks.isCausal) return { ...projected, attnMask: padded };
    const scores = { graph, shape: [query.shape[1 - batchDim], all] };
    return { ...projected, attnMask: withCausal(padded, scores, Tk) };
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
    return hide(added, shown);
  }
}

const constantOf = ({ graph }: Pick<Tensor, 'graph'>, values: readonly number[], shape: number[]): Tensor =>
  graph.constant(Float32Array.from(values), shape);

/** Scores under a mask, boolean (1 = attend) or additive. */
const hide = (x: Tensor, mask: Tensor): Tensor =>
  mask.dtype === 'bool' ? ops.where(mask, x, Number.NEGATIVE_INFINITY) : ops.add(x, mask);

/** The mask, and what hides the later ones of the first `keys` keys from each query. */
function withCausal(mask: Tensor | undefined, scores: Pick<Tensor, 'graph' | 'shape'>, keys: number): Tensor {
  const [Tq, Tk] = scores.shape.slice(-2);
  const later = Array.from({ length: Tq * Tk }, (_, i) =>
    i % Tk > Math.floor(i / Tk) && i % Tk < keys ? Number.NEGATIVE_INFINITY : 0,
  );
  const causal = constantOf(scores, later, [Tq, Tk]);
  return mask ? hide(causal, mask) : causal;
}
