/**
 * Makes src/ops/self-checks/*.generated.json: for every op tiny cases that reach its kernels, with the values of its
 * float64 reference; the ops are shared out among the files.
 */

import { withLibrary } from '../src/cli/source-library';
import type { Dispatch } from '../src/graph/compiler/load-kernels';
import type { OpInfo } from '../src/graph/ir/op';
import { kernelMode } from '../src/ops/kernel-mode';
import { checkSeed, PARTS, partOf, type StoredCheck, storeValues } from '../src/ops/stored-check';
import { references } from '../src/reference';
import { referenceGradients } from '../src/reference/check';
import type { OpCase, Reference } from '../src/reference/types';
import { makeGradOutputs, makeInputs } from '../src/synthetic';

/** Elements over all inputs of a case: enough to fill more than one subgroup, few enough to be quick. */
const ENOUGH = 65;
const LONG = 65;
const MOST = 100_000;
/** Gradients of more elements take long, and only forward kernels share out their work by size. */
const MOST_WITH_GRADIENT = 200;
/** Seeds that are tried until the last value of every result says something. */
const SEEDS = 3;

type DispatchesOf = (op: OpInfo, opCase: OpCase) => Dispatch[];

/** The text of each file. @param root the repository's root. */
export function generateSelfCheck(root: string): Promise<string[]> {
  return withLibrary(root, async (load) => {
    const { ops } = (await load('/src/ops/registry.ts')) as { ops: Map<string, OpInfo> };
    const { dispatchesOf } = (await load('/src/reference/kernels.ts')) as { dispatchesOf: DispatchesOf };
    const entries = Object.entries(references)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([name, reference]) => [name, storeChecks(ops.get(name), name, reference, dispatchesOf)] as const)
      .filter(([, checks]) => checks.length > 0);
    return Array.from({ length: PARTS }, (_, part) => {
      const lines = entries.flatMap(([name, checks]) =>
        partOf(name) === part ? [`${JSON.stringify(name)}: ${JSON.stringify(checks)}`] : [],
      );
      return `{\n${lines.join(',\n')}\n}\n`;
    });
  });
}

/** The text of the module that loads the files. */
export function listSelfChecks(): string {
  const parts = Array.from({ length: PARTS }, (_, part) => `  () => import('./${part}.generated.json'),`);
  return `// Made by \`npm run generate\`: loads the stored cases of the self-check.\nexport const parts = [\n${parts.join('\n')}\n];\n`;
}

/** The case that says most, then those that reach modes of kernels which none before them does. */
function storeChecks(
  op: OpInfo | undefined,
  name: string,
  reference: Reference,
  dispatchesOf: DispatchesOf,
): StoredCheck[] {
  const fits = reference.cases
    .map((opCase, index) => {
      const arrays = Object.values(makeInputs(opCase, 0).inputs).flat();
      const size = arrays.reduce((sum, { data }) => sum + data.length, 0);
      const longest = Math.max(0, ...arrays.flatMap(({ shape }) => shape));
      const isWhole = arrays[0]?.data.length % 4 === 0;
      return { opCase, index, size, longest, isWhole };
    })
    .filter(({ size }) => size > 0 && size <= MOST);
  // With gradient first; among these the smallest that are large enough, have a tail beyond vectors and are long, then the largest of the others.
  const rank = ({ opCase, size, longest, isWhole }: (typeof fits)[number]) =>
    8 * Number(opCase.gradient === false || size > MOST_WITH_GRADIENT) +
    4 * Number(size < ENOUGH) +
    2 * Number(isWhole) +
    Number(longest < LONG);
  fits.sort((a, b) => rank(a) - rank(b) || (a.size < ENOUGH ? b.size - a.size : a.size - b.size));
  const checks: StoredCheck[] = [];
  const reached = new Set<string>();
  for (const { opCase: whole, index, size } of fits) {
    const opCase = size > MOST_WITH_GRADIENT ? { ...whole, gradient: false } : whole;
    const modes = op ? dispatchesOf(op, opCase).map(kernelMode) : [];
    if (checks.length > 0 && modes.every((mode) => reached.has(mode))) continue;
    const check = bestCheck(reference, opCase, name, index);
    if (!check) continue;
    checks.push(check);
    for (const mode of modes) reached.add(mode);
  }
  return checks;
}

/** The case with the first seed that gives no result whose last value is 0, if there is one. */
function bestCheck(
  reference: Reference,
  opCase: OpCase,
  name: string,
  index: number,
): StoredCheck | undefined {
  let fallback: StoredCheck | undefined;
  for (let draw = 0; draw < SEEDS; draw++) {
    const made = makeCheck(reference, opCase, name, index, draw);
    if (!made) return fallback;
    if (made.endsInValues) return made.check;
    fallback ??= made.check;
  }
  return fallback;
}

function makeCheck(
  reference: Reference,
  opCase: OpCase,
  name: string,
  index: number,
  draw: number,
): { check: StoredCheck; endsInValues: boolean } | undefined {
  const seed = checkSeed(name, { index, draw });
  const { inputs } = makeInputs(opCase, seed);
  const { attrs = {}, training = false } = opCase;
  const outputs = reference.forward(inputs, attrs, { training });
  const check: StoredCheck = {
    index,
    ...(draw > 0 && { draw }),
    ...(opCase.attrs && { attrs }),
    ...(training && { training }),
    inputs: opCase.inputs,
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([output, { data }]) => [output, storeValues(data)]),
    ),
  };
  const results = Object.values(outputs).map(({ data }) => Array.from(data));
  if (opCase.gradient !== false) {
    const gradOutputs = makeGradOutputs(outputs, seed);
    const gradients = referenceGradients(reference, opCase, inputs, gradOutputs, {
      maxElements: Number.POSITIVE_INFINITY,
    });
    const named = Object.entries(gradients).flatMap(([input, gradient]) =>
      Array.isArray(gradient)
        ? gradient.map((sampled, i) => [`${input}.${i}`, sampled] as const)
        : [[input, gradient] as const],
    );
    results.push(...named.map(([, { values }]) => values));
    check.gradInputs = Object.fromEntries(named.map(([input, { values }]) => [input, storeValues(values)]));
  }
  // What is stored has no NaN and infinities; such a case is not for a driver check.
  const given = Object.values(inputs)
    .flat()
    .map(({ data }) => Array.from(data));
  if (![...given, ...results].flat().every(Number.isFinite)) return undefined;
  const endsInValues = results.every((values) => {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return values.length === 0 || Math.abs(values.at(-1)!) > 0.1 * largest;
  });
  return { check, endsInValues };
}
