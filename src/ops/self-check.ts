/**
 * Kernel self-check: before a plan uses an op for the first time, the op runs on tiny inputs that reach its kernels and
 * is compared with values of the float64 reference that are stored with the library. A kernel variant that is wrong on this adapter is
 * disabled and the next one takes over; an op that stays wrong is refused. Phones exist whose drivers
 * return zero gradients for kernels whose forward pass is right.
 */

import { checkOptions } from '../checks';
import { GradloomError } from '../errors';
import type { Device, DeviceSetup } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import type { DType } from '../graph/ir/variable';
import { type HostInputs, type HostTensor, runGraph } from '../graph/runtime/run-graph';
import { ops } from './registry';

/** A stored array: shape, values, and the type where it is not f32. */
export interface StoredTensor {
  shape: number[];
  data: number[];
  dtype?: DType;
}

/** One tiny case of an op with the reference's answers. */
export interface StoredCheck {
  attrs: Record<string, unknown>;
  training: boolean;
  inputs: Record<string, StoredTensor | StoredTensor[]>;
  outputs: Record<string, StoredTensor>;
  /** Absent for ops without gradient. Keys of list inputs are `name.0`, `name.1`, ... */
  gradOutputs?: Record<string, StoredTensor>;
  gradInputs?: Record<string, StoredTensor>;
}

/** Looser than the tests: a broken driver is wrong by far more. */
const TOLERANCE = 1e-2;

export interface SelfCheckOptions {
  /** Called for every variant that is disabled, with text for the user. Default: a warning on the console. */
  onDisable?(message: string): void;
}

/** For `requestDevice({ selfCheck: selfCheck() })`: checks each kernel that a model needs before its first use. */
export const selfCheck =
  (options: SelfCheckOptions = {}): DeviceSetup =>
  (device) => {
    checkOptions('selfCheck', options, ['onDisable']);
    const { onDisable = console.warn } = options;
    const checked = new Set<string>();
    const judged = new Set<string>();
    let running = false;
    device.selfCheck = async (names) => {
      // The checks compile plans themselves.
      if (running) return;
      running = true;
      try {
        const { default: stored } = await import('./self-check.generated.json');
        for (const name of names) {
          const checks = (stored as unknown as Record<string, StoredCheck[]>)[name];
          if (checked.has(name) || !checks || !ops.has(name)) continue;
          for (const check of checks) await checkOp(device, name, check, judged, onDisable);
          checked.add(name);
        }
      } finally {
        running = false;
      }
    };
  };

/**
 * Runs one op, with every variant of the kernel families that no earlier op has shown to be right (`judged`), or of all
 * its families if it is wrong, and excludes the variants that are to blame: those that are wrong where another one of the
 * family is right. While all seem wrong, the fault is elsewhere in the op.
 */
async function checkOp(
  device: Device,
  name: string,
  check: StoredCheck,
  judged: Set<string>,
  tell: (message: string) => void,
): Promise<void> {
  const families = new Map<string, readonly string[]>();
  const stop = device.variants.observe((family, candidates) => families.set(family, candidates));
  let problem: string | undefined;
  try {
    problem = await findProblem(device, name, check);
  } finally {
    stop();
  }
  for (let progress = true; progress; ) {
    progress = false;
    for (const [family, candidates] of families) {
      if (!problem && judged.has(family)) continue;
      const left = candidates.filter((variant) => !device.variants.isDisabled(family, variant));
      const wrong = new Map<string, string>();
      for (const variant of left) {
        const found = await device.variants.withVariant(family, variant, () =>
          findProblem(device, name, check),
        );
        if (found) wrong.set(variant, found);
      }
      if (wrong.size === left.length) continue;
      progress = families.delete(family);
      judged.add(family);
      for (const [variant, found] of wrong) {
        device.variants.disable(family, variant);
        tell(
          `${name}: the kernel variant ${family}/${variant} is wrong on this adapter (${found}) and is not used`,
        );
      }
    }
  }
  if (problem && (await findProblem(device, name, check))) {
    throw new GradloomError({
      code: 'unsupported',
      op: name,
      got: `wrong results on this adapter (${problem})`,
      fix: 'Update the graphics driver or use another browser',
    });
  }
}

/** What is wrong with the op's results on this device, if something is; a kernel that does not compile is wrong too. */
async function findProblem(device: Device, name: string, check: StoredCheck): Promise<string | undefined> {
  try {
    return await compareWithStored(device, name, check);
  } catch (error) {
    if (!(error instanceof GradloomError) || error.code !== 'internal') throw error;
    return error.message;
  }
}

async function compareWithStored(
  device: Device,
  name: string,
  check: StoredCheck,
): Promise<string | undefined> {
  const feeds: HostInputs = {};
  const add = (key: string, { shape, data, dtype = 'f32' }: StoredTensor) => {
    feeds[key] = { shape, dtype, data: dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data) };
    return key;
  };
  const keys = Object.entries(check.inputs).map(
    ([input, value]) =>
      [
        input,
        Array.isArray(value) ? value.map((item, i) => add(`${input}.${i}`, item)) : add(input, value),
      ] as const,
  );
  const pick = (tensors: Record<string, Tensor>) =>
    Object.fromEntries(
      keys.map(([input, key]) => [input, Array.isArray(key) ? key.map((k) => tensors[k]) : tensors[key]]),
    );
  const host = ({ shape, data }: StoredTensor): HostTensor => ({ shape, data: Float32Array.from(data) });
  const gradOutputs = check.gradOutputs
    ? Object.fromEntries(Object.entries(check.gradOutputs).map(([output, tensor]) => [output, host(tensor)]))
    : undefined;
  const result = await runGraph(
    device,
    feeds,
    (tensors, graph) => ops.get(name)!.call(pick(tensors), check.attrs, graph),
    {
      training: check.training,
      gradOutputs,
      wrt: Object.keys(check.gradInputs ?? {}),
    },
  );
  for (const [output, want] of Object.entries(check.outputs)) {
    if (differs(result.outputs[output], want)) return `output ${output}`;
  }
  for (const [input, want] of Object.entries(check.gradInputs ?? {})) {
    if (differs(result.gradInputs[input], want)) return `gradient of ${input}`;
  }
  return undefined;
}

function differs(got: HostTensor | undefined, want: StoredTensor): boolean {
  const scale = Math.max(1e-3, ...want.data.map(Math.abs));
  return want.data.some((value, i) => !(Math.abs((got?.data[i] ?? 0) - value) <= TOLERANCE * scale));
}
