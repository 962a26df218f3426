/**
 * Writes the cases of the reference references, with concrete inputs and output gradients, to a JSON file from which
 * `generate.py` computes PyTorch's answers: `npx tsx e2e/goldens/export-cases.ts <file> [op ...]`.
 */
import { writeFileSync } from 'node:fs';
import { caseKey, encodeArray, encodeAttrs, hasGolden } from '../../src/reference/fixtures';
import { references } from '../../src/reference/index';
import type { NdArray, OpCase, Reference } from '../../src/reference/types';
import { caseSeed, differentiableInputs, inputDtype, makeGradOutputs, makeInputs } from '../../src/synthetic';

const [file, ...only] = process.argv.slice(2);
if (!file) {
  console.error('usage: npx tsx e2e/goldens/export-cases.ts <file> [op ...]');
  process.exit(2);
}
const unknown = only.filter((op) => !references[op]);
if (unknown.length > 0) {
  console.error(`no reference for ${unknown.join(', ')}`);
  process.exit(2);
}

const ops = Object.entries(references)
  .filter(([op]) => only.length === 0 || only.includes(op))
  .map(([op, reference]) => ({
    op,
    cases: reference.cases.flatMap((c, i) => (hasGolden(c) ? [exportCase(op, reference, c, i)] : [])),
  }));
writeFileSync(file, JSON.stringify({ ops }));

/** The case as JSON. */
function exportCase(op: string, reference: Reference, opCase: OpCase, index: number): object {
  const seed = caseSeed(op, index);
  const { inputs } = makeInputs(opCase, seed);
  const training = opCase.training ?? false;
  const outputs = reference.forward(inputs, opCase.attrs ?? {}, { training });

  const encode = (value: NdArray | NdArray[]) =>
    Array.isArray(value) ? value.map(encodeArray) : encodeArray(value);
  return {
    key: caseKey(op, index, opCase, inputs),
    attrs: JSON.parse(encodeAttrs(opCase.attrs ?? {})),
    training,
    gradient: opCase.gradient !== false,
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        { dtype: inputDtype(opCase.inputs[name]), value: encode(value) },
      ]),
    ),
    differentiable: differentiableInputs(opCase),
    gradOutputs: Object.fromEntries(
      Object.entries(makeGradOutputs(outputs, seed)).map(([name, value]) => [name, encodeArray(value)]),
    ),
  };
}
