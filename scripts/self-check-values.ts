/**
 * Makes src/ops/self-check.generated.json: for every op tiny cases that reach its kernels, with the values of its float64
 * reference.
 */

import { withLibrary } from '../src/cli/source-library';
import type { OpInfo } from '../src/graph/ir/op';
import type { StoredCheck, StoredTensor } from '../src/ops/self-check';
import { references } from '../src/reference';
import { referenceGradients, type SampledGradient } from '../src/reference/check';
import type { NdArray, OpCase, Reference } from '../src/reference/types';
import { caseSeed, inputDtype, makeGradOutputs, makeInputs } from '../src/synthetic';

/** Most elements over all inputs of an op's first case, and of the others, which there are to reach more kernels. */
const MOST = 48;
const MOST_OF_OTHERS = 1200;

type KernelsOf = (op: OpInfo, opCase: OpCase) => Set<string>;

/** The values as JSON text. @param root the repository's root. */
export function generateSelfCheck(root: string): Promise<string> {
  return withLibrary(root, async (load) => {
    const { ops } = (await load('/src/ops/registry.ts')) as { ops: Map<string, OpInfo> };
    const { kernelsOf } = (await load('/src/reference/kernels.ts')) as { kernelsOf: KernelsOf };
    const entries = Object.entries(references)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, reference]) => [name, storeChecks(ops.get(name), name, reference, kernelsOf)] as const)
      .filter(([, checks]) => checks.length > 0);
    const lines = entries.map(([name, checks]) => `${JSON.stringify(name)}: ${JSON.stringify(checks)}`);
    return `{\n${lines.join(',\n')}\n}\n`;
  });
}

/** The case that says most, then those that reach kernels which none before them does. */
function storeChecks(
  op: OpInfo | undefined,
  name: string,
  reference: Reference,
  kernelsOf: KernelsOf,
): StoredCheck[] {
  const sizeOf = (opCase: OpCase) =>
    [...Object.values(makeInputs(opCase, 0).inputs)].flat().reduce((sum, { data }) => sum + data.length, 0);
  const fits = reference.cases
    .map((opCase, index) => ({ opCase, index, size: sizeOf(opCase) }))
    .filter(({ size }) => size > 0 && size <= MOST_OF_OTHERS);
  // The largest of the tiny ones says most; cases with gradient come first.
  fits.sort(
    (a, b) =>
      Number(a.size > MOST) - Number(b.size > MOST) ||
      Number(b.opCase.gradient !== false) - Number(a.opCase.gradient !== false) ||
      (a.size > MOST ? a.size - b.size : b.size - a.size),
  );
  const checks: StoredCheck[] = [];
  const reached = new Set<string>();
  for (const { opCase, index } of fits) {
    const kernels = op ? [...kernelsOf(op, opCase)] : [];
    if (checks.length > 0 && kernels.every((kernel) => reached.has(kernel))) continue;
    const check = makeCheck(reference, opCase, caseSeed(name, index));
    if (!check) continue;
    checks.push(check);
    for (const kernel of kernels) reached.add(kernel);
  }
  return checks;
}

function makeCheck(reference: Reference, opCase: OpCase, seed: number): StoredCheck | undefined {
  const { inputs } = makeInputs(opCase, seed);
  const attrs = opCase.attrs ?? {};
  const training = opCase.training ?? false;
  const outputs = reference.forward(inputs, attrs, { training });
  const store = ({ shape, data }: NdArray): StoredTensor => ({ shape, data: Array.from(data, rounded) });
  const withType = (input: string, array: NdArray): StoredTensor => {
    const dtype = inputDtype(opCase.inputs[input]);
    return dtype === 'f32' ? store(array) : { ...store(array), dtype };
  };
  const check: StoredCheck = {
    attrs,
    training,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([input, value]) => [
        input,
        Array.isArray(value) ? value.map((item) => withType(input, item)) : withType(input, value),
      ]),
    ),
    outputs: mapValues(outputs, store),
  };
  if (opCase.gradient !== false) {
    const gradOutputs = makeGradOutputs(outputs, seed);
    const gradients = referenceGradients(reference, opCase, inputs, gradOutputs, {
      maxElements: Number.POSITIVE_INFINITY,
    });
    check.gradOutputs = mapValues(gradOutputs, store);
    check.gradInputs = {};
    const whole = (sampled: SampledGradient, { shape }: NdArray) => ({
      shape,
      data: sampled.values.map(rounded),
    });
    for (const [input, gradient] of Object.entries(gradients)) {
      const arrays = [inputs[input]].flat();
      if (Array.isArray(gradient)) {
        gradient.forEach((sampled, i) => {
          check.gradInputs![`${input}.${i}`] = whole(sampled, arrays[i]);
        });
      } else check.gradInputs[input] = whole(gradient, arrays[0]);
    }
  }
  // JSON has no NaN and infinities; such a case is not for a driver check.
  return hasSpecialValues(check) ? undefined : check;
}

const rounded = (value: number) => (Number.isFinite(value) ? Number(value.toPrecision(7)) : value);

function mapValues<T, R>(record: Record<string, T>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function hasSpecialValues({ inputs, outputs, gradInputs = {} }: StoredCheck): boolean {
  const tensors = [...Object.values(inputs).flat(), ...Object.values(outputs), ...Object.values(gradInputs)];
  return tensors.some(({ data }) => data.some((value) => !Number.isFinite(value)));
}
