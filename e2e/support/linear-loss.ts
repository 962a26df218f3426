/** What the goldens of optimizers are made on: parameters whose gradients are given, and the numbers that both sides draw. */
import type { Tensor } from '../../src/graph/ir/graph';
import { Variable } from '../../src/graph/ir/variable';
import * as nn from '../../src/nn';
import * as ops from '../../src/ops';
import type { StepInputs } from '../../src/train/step-options';

/** The generator of optimizers.py. */
export function draw(shape: readonly number[], salt: number): Float32Array {
  let state = salt * 7919 + 17;
  return Float32Array.from({ length: shape.reduce((product, n) => product * n, 1) }, () => {
    state = Number((BigInt(state) * 1103515n + 12345n) % 16777216n);
    return state / 16777216 - 0.5;
  });
}

/** Parameters of these shapes, and a loss whose gradients are its inputs. */
export class LinearLoss extends nn.Module {
  readonly values: Record<string, Variable>;

  constructor(shapes: Readonly<Record<string, readonly number[]>>) {
    super();
    const entries = Object.entries(shapes).map(([name, shape], i) => {
      const variable = new Variable(shape, (data) => data.fill(0));
      variable.data = draw(shape, i);
      return [name, variable] as const;
    });
    this.values = Object.fromEntries(entries);
  }

  protected override *ownVariables(): Generator<[string, Variable]> {
    yield* Object.entries(this.values);
  }

  /** sum(gradient * parameter) over those for which there is a gradient. */
  override forward(gradients: StepInputs | Tensor): Tensor {
    const terms = Object.entries(gradients as StepInputs).map(([name, g]) =>
      ops.sum(ops.mul(g.graph.tensor(this.values[name]), g)),
    );
    return terms.reduce((sum, term) => ops.add(sum, term));
  }
}
