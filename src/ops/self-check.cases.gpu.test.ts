/**
 * The stored cases of the self-check: they pass on kernels as they are, and a mutation test tells how many faults they show.
 * Kernels are broken at seeded places as faulty shader compilers break them; `GRADLOOM_MUTANTS=1000` tries more of them.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { Variants } from '../gpu/variants';
import type { Dispatch } from '../graph/compiler/load-kernels';
import type { KernelDescription } from '../kernels/kernel';
import { Random } from '../random';
import { references } from '../reference';
import { allKernels } from '../reference/all-kernels';
import { runCase } from '../reference/conformance';
import { launchesOfStored, stored } from '../reference/stored-checks';
import { ops } from './registry';
import { selfCheck } from './self-check';

const MUTANTS = Number(globalThis.process?.env.GRADLOOM_MUTANTS ?? 100);

/** What a faulty compiler makes of a line; undefined where the fault does not apply. */
const FAULTS: Record<string, (line: string) => string | undefined> = {
  'dropped barrier': (line) => (/^\s*workgroupBarrier\(\);/.test(line) ? '' : undefined),
  'zeroed result': (line) => replaced(line, STORE, '$1[$2] = 0 * ($3);'),
  'wrong index': (line) => replaced(line, STORE, '$1[max($2, 1u) - 1u] = $3;'),
  'lost tail': (line) => replaced(line, /^(\s*if \(\w+) >= (params\.\w+)\) \{/, '$1 + 1u >= $2) {'),
  'swapped operands': (line) => replaced(line, /(= |return |\()(\w+) - (\w+)([;,)])/, '$1$3 - $2$4'),
};

/** A scalar result written to an element of a binding, by an index without calls. */
const STORE = /^(\s*\w+)\[([\w. +*]+)\] = ([^;]+);/;

function replaced(line: string, pattern: RegExp, by: string): string | undefined {
  const wrong = line.replace(pattern, by);
  return wrong === line ? undefined : wrong;
}

interface Mutant {
  fault: string;
  kernel: KernelDescription;
  line: number;
  code: string;
}

/** All mutants of a kernel whose stores go to float bindings. */
function mutantsOf(kernel: KernelDescription): Mutant[] {
  const lines = kernel.code.split('\n');
  const written = kernel.storage.filter(({ access, type }) => access !== 'read' && type === 'f32');
  return Object.entries(FAULTS).flatMap(([fault, apply]) =>
    lines.flatMap((line, i) => {
      const target = STORE.exec(line)?.[1].trim();
      if (target && !written.some(({ name }) => name === target)) return [];
      const wrong = apply(line);
      if (wrong === undefined) return [];
      return [{ fault, kernel, line: i + 1, code: lines.with(i, wrong).join('\n') }];
    }),
  );
}

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** What the stored cases launch of each kernel, by op. */
const launches = new Map<string, Map<string, Dispatch[]>>();
for (const op of Object.keys(stored)) {
  for (const launch of launchesOfStored(op)) {
    const kernel = `${launch.kernel.file} ${launch.kernel.variant}`;
    const byOp = launches.get(kernel) ?? new Map<string, Dispatch[]>();
    launches.set(kernel, byOp.set(op, [...(byOp.get(op) ?? []), launch]));
  }
}

/** Runs `work` on the device with the kernel's code replaced and all variants enabled. */
async function miscompiled<R>({ kernel, code }: Mutant, id: string, work: () => Promise<R>): Promise<R> {
  const { pipelines } = device;
  const get = pipelines.get.bind(pipelines);
  pipelines.get = (wanted, ...rest) =>
    wanted.file === kernel.file && wanted.variant === kernel.variant
      ? get({ ...wanted, code, variant: `${wanted.variant} ${id}` }, ...rest)
      : get(wanted, ...rest);
  Object.assign(device, { variants: new Variants() });
  try {
    return await work();
  } finally {
    pipelines.get = get;
  }
}

const launchesOf = ({ kernel }: Mutant) => launches.get(`${kernel.file} ${kernel.variant}`)!;

/** Whether the self-check tells that the kernel is wrong. */
async function isTold(mutant: Mutant): Promise<boolean> {
  let told = 0;
  const byOp = launchesOf(mutant);
  const calls = [...byOp.keys()].map((op) => ({ op, call: ops.get(op)!.call }));
  await selfCheck({ store: false, onDisable: () => told++ })(device);
  await device.selfCheck!(calls, [...byOp.values()].flat()).catch(() => told++);
  return told > 0;
}

/** Whether a test case of three of its ops fails, with any variant: a mutant that none sees computes the same. */
async function isSeen(mutant: Mutant): Promise<boolean> {
  device.selfCheck = undefined;
  for (const op of [...launchesOf(mutant).keys()].slice(0, 3)) {
    const reference = references[op];
    for (const index of reference.cases.keys()) {
      const families = new Map<string, readonly string[]>();
      const forget = device.variants.observe((family, candidates) => families.set(family, candidates));
      const run = async () => (await runCase(device, ops.get(op)!, reference, index)).passed;
      const passed = await run();
      forget();
      if (!passed) return true;
      for (const [family, variants] of families) {
        for (const variant of variants) {
          if (!(await device.variants.withVariant(family, variant, run))) return true;
        }
      }
    }
  }
  return false;
}

it('exist for every op with a reference, and pass', async () => {
  expect([...ops.keys()].filter((name) => references[name] && !(name in stored))).toEqual([]);
  const told: string[] = [];
  await selfCheck({ onDisable: (message) => told.push(message), store: false })(device);
  for (const op of Object.keys(stored)) {
    const check = device.selfCheck!([{ op, call: ops.get(op)!.call }], launchesOfStored(op));
    await check.catch((error: Error) => told.push(error.message));
  }
  expect(told).toEqual([]);
}, 300_000);

it(`show ${MUTANTS} faults that change results`, async () => {
  const random = new Random(1, 'miscompilations');
  const reached = allKernels.filter(({ file, variant, code }) => {
    if (code.includes('enable subgroups') && !device.features.subgroups) return false;
    return launches.has(`${file} ${variant}`);
  });
  const mutants = reached.flatMap(mutantsOf);
  const byFault = Object.keys(FAULTS).map((fault) => mutants.filter((mutant) => mutant.fault === fault));
  const missed: string[] = [];
  for (let told = 0, i = 0; told + missed.length < MUTANTS; i++) {
    const kind = byFault[i % byFault.length];
    const mutant = kind[random.integer(kind.length)];
    await miscompiled(mutant, `mutant ${i}`, async () => {
      const { fault, kernel, line } = mutant;
      if (await isTold(mutant)) told++;
      else if (await isSeen(mutant))
        missed.push(
          `${fault}: ${kernel.file} ${kernel.variant}: ${kernel.code.split('\n')[line - 1].trim()}`,
        );
    });
  }
  // Two small cases per mode of a kernel cannot reach every line: a mode that only certain values or sizes lead to.
  expect(missed.length, missed.join('\n')).toBeLessThanOrEqual(0.05 * MUTANTS);
}, 600_000);
