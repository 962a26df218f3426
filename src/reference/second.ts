/**
 * Second derivatives of a case: with g the gradients of sum(outputs * gradOutputs) by the float inputs, those of
 * s = sum(g * v) for fixed directions v. The tests compare them with PyTorch's; the op reference says which ops have them.
 */
import { gradients } from '../graph/compiler/autodiff';
import { Graph, type Tensor } from '../graph/ir/graph';
import { NotDifferentiable, type OpInfo } from '../graph/ir/op';
import { mul } from '../ops/elementwise';
import { sum } from '../ops/reduce';
import { caseSeed, inputDtype, makeGradOutputs, makeInputs } from '../synthetic';
import { hasGolden } from './fixtures';
import type { NdArray, OpCase, Reference } from './types';

/** The graph of the second derivatives of one case. */
export interface SecondDerivatives {
  graph: Graph;
  /** Values of the graph's inputs. */
  feeds: Record<string, NdArray>;
  /** Derivatives by the tensors of each input; undefined where s does not depend on them. */
  inputs: Record<string, (Tensor | undefined)[]>;
  gradOutputs: Record<string, Tensor | undefined>;
}

/** v[i] = cos(1.7 i + 0.3), as in second.py. */
const direction = (like: Tensor): Tensor =>
  like.graph.constant(
    Float32Array.from({ length: like.size }, (_, i) => Math.cos(1.7 * i + 0.3)),
    like.shape,
  );

/** Records it. @throws GradloomError `unsupported` where the op has no second derivatives. */
export function recordSecondDerivatives(
  op: OpInfo,
  reference: Reference,
  opCase: OpCase,
  seed: number,
): SecondDerivatives {
  const { inputs, differentiable } = makeInputs(opCase, seed);
  const expected = reference.forward(inputs, opCase.attrs ?? {}, { training: opCase.training ?? false });
  const graph = new Graph({ training: opCase.training });
  const feeds: Record<string, NdArray> = {};
  const feed = (name: string, array: NdArray, dtype: 'f32' | 'i32' | 'bool' = 'f32') => {
    feeds[name] = array;
    return graph.input(name, array.shape, dtype);
  };
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      const dtype = inputDtype(opCase.inputs[name]);
      if (!Array.isArray(value)) return [name, feed(name, value, dtype)];
      return [name, value.map((array, i) => feed(`${name}.${i}`, array, dtype))];
    }),
  ) as Record<string, Tensor | Tensor[]>;
  const outputs = op.call(tensors, opCase.attrs, graph);
  const given = Object.entries(makeGradOutputs(expected, seed)).map(
    ([name, array]) => [name, feed(`gradient of ${name}`, array)] as const,
  );
  const wrt = differentiable.flatMap((name) => [tensors[name]].flat());
  const found = gradients(
    given.map(([name]) => outputs[name]),
    given.map(([, gradient]) => gradient),
    wrt,
  );
  const totals = found.flatMap((g) => (g ? [sum(mul(g, direction(g)))] : []));
  const one = graph.constant(Float32Array.of(1), []);
  const by = [...wrt, ...given.map(([, gradient]) => gradient)];
  const second = gradients(
    totals,
    totals.map(() => one),
    by,
  );
  let at = 0;
  const byInput = Object.fromEntries(
    differentiable.map((name) => [name, [tensors[name]].flat().map(() => second[at++])]),
  );
  return {
    graph,
    feeds,
    inputs: byInput,
    gradOutputs: Object.fromEntries(given.map(([name]) => [name, second[at++]])),
  };
}

/** Whether an op has second derivatives in every small case of its list that has first ones. */
export function hasSecondDerivatives(op: OpInfo, reference: Reference): boolean {
  if (op.differentiable instanceof NotDifferentiable) return false;
  return reference.cases.every((opCase, index) => {
    if (opCase.gradient === false || !hasGolden(opCase)) return true;
    try {
      recordSecondDerivatives(op, reference, opCase, caseSeed(op.name, index));
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'unsupported') return false;
      throw error;
    }
  });
}
