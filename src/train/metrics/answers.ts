/** Predictions and targets of a batch in the forms that metrics take. */
import type { Tensor } from '../../graph/ir/graph';
import { argmax, cast, eq, gt, ne, permute, reshape, where } from '../../ops';
import { CLASS_DIMS, THRESHOLDS } from '../accuracy';
import { classifies } from '../labels';
import { ignoredIndex, type LossFunction, type LossSpec, nameOf, severalTensorsOf } from '../loss';

/** Scores `[M, classes]` with class indices `[M]`; `counts` `[M]` is 0 where the loss ignores the target. */
export interface ClassRows {
  scores: Tensor;
  labels: Tensor;
  counts: Tensor;
}

/** Yes (1) and no (0) of each label, `[M, labels]`. */
export interface Decisions {
  given: Tensor;
  right: Tensor;
}

/** The tensor as `[M, size of dim]`, one row per place along the other dimensions. */
function rowsOf(x: Tensor, dim: number): Tensor {
  if (x.rank < 2) return reshape(x, { shape: [-1, 1] });
  const at = dim < 0 ? x.rank + dim : dim;
  const others = x.shape.map((_, d) => d).filter((d) => d !== at);
  return reshape(permute(x, { dims: [...others, at] }), { shape: [-1, x.shape[at]] });
}

const asFloat = (mask: Tensor): Tensor => cast(mask, { dtype: 'float32' });

export class Answers {
  private readonly name: string | undefined;

  /** @param output and `target`, as the loss takes them */
  constructor(
    readonly output: Tensor,
    readonly target: Tensor,
    private readonly loss: LossSpec | LossFunction,
  ) {
    this.name = typeof loss === 'function' || severalTensorsOf(loss) ? undefined : nameOf(loss);
  }

  get isSameShape(): boolean {
    return this.output.shape.join() === this.target.shape.join();
  }

  /** Whether scores are log probabilities already. */
  get isLogProbabilities(): boolean {
    return this.name === 'nllLoss';
  }

  /** For class indices, and for one-hot vectors or probabilities of losses that take them. */
  classRows(): ClassRows | undefined {
    const { output, target, name = '' } = this;
    if (classifies(output, target)) {
      const flat = reshape(target, { shape: [-1] });
      const counts = ne(flat, ignoredIndex(this.loss));
      return { scores: rowsOf(output, 1), labels: where(counts, flat, 0), counts: asFloat(counts) };
    }
    const dim = CLASS_DIMS[name];
    if (dim === undefined || !this.isSameShape) return undefined;
    const labels = argmax(rowsOf(target, dim), { dim: 1 });
    return { scores: rowsOf(output, dim), labels, counts: asFloat(eq(labels, labels)) };
  }

  /** Scores `[M, labels]` of losses of yes and no, with 1 where yes is right. */
  scoresOfLabels(): { scores: Tensor; right: Tensor } | undefined {
    const thresholds = THRESHOLDS[this.name ?? ''];
    if (!thresholds || !this.isSameShape) return undefined;
    return { scores: rowsOf(this.output, 1), right: rowsOf(asFloat(gt(this.target, thresholds[1])), 1) };
  }

  /** For losses of yes and no. */
  decisions(): Decisions | undefined {
    const thresholds = THRESHOLDS[this.name ?? ''];
    if (!thresholds || !this.isSameShape) return undefined;
    const [given, right] = [this.output, this.target].map((x, i) => rowsOf(asFloat(gt(x, thresholds[i])), 1));
    return { given, right };
  }
}
