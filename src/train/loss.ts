/** Losses by name: `{ type: 'crossEntropy', labelSmoothing: 0.1 }` becomes a function of output and target. */
import { IGNORED_LABEL } from '../data/dataset';
import { GradloomError, nearest } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { ModelOutput } from '../nn/model-output';
import { add, mul } from '../ops';
import { findOp, ops } from '../ops/registry';

/** A loss by its name in torch.nn.functional with its attributes; the suffix `Loss` may be left out. */
export type LossSpec = string | ({ type: string } & Record<string, unknown>);

/** Scalar loss of a model's output for its targets. */
export type LossFunction = (output: Tensor, target: Tensor) => Tensor;

/** Ops that are losses of one output and one target. */
export function lossOps() {
  return [...ops.values()].filter(
    (op) => op.inputs[0]?.name === 'x' && op.inputs[1]?.name === 'target' && 'reduction' in op.attrs.shape,
  );
}

/** @throws GradloomError for unknown names and attributes. */
export function createLoss(spec: LossSpec): LossFunction {
  const { type, ...attrs } = typeof spec === 'string' ? { type: spec } : spec;
  const known = lossOps();
  const op = [type, `${type}Loss`]
    .map((name) => findOp(name))
    .find((found) => found && known.includes(found));
  if (!op) {
    const names = known.map(({ name }) => name);
    const near = nearest(type, names);
    throw new GradloomError({
      code: 'argument',
      op: 'loss',
      argument: 'type',
      got: JSON.stringify(type),
      expected: `one of ${names.join(', ')}`,
      fix: near && `Did you mean ${near}?`,
    });
  }
  return (x, target) => op.call({ x, target }, attrs)[op.outputs[0]];
}

/** The class index that a loss does not count: its `ignoreIndex`, or PyTorch's default. */
export function ignoredIndex(spec: LossSpec | LossFunction): number {
  return typeof spec === 'object' && typeof spec.ignoreIndex === 'number' ? spec.ignoreIndex : IGNORED_LABEL;
}

/** Weighted sum of the losses of a model's outputs. */
export function totalLoss({ auxLosses }: ModelOutput, lossOf: (output: Tensor) => Tensor): Tensor {
  const terms = auxLosses.map(({ output, weight }) => {
    const loss = lossOf(output);
    return weight === 1 ? loss : mul(loss, loss.graph.constant(new Float32Array([weight]), [1]));
  });
  return terms.reduce((sum, term) => add(sum, term));
}
