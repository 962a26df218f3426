/**
 * The cases of the self-check, which run the ops of a plan on tiny inputs. Loaded when a plan has kernels that were not
 * seen to be right.
 */
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { loadKernels } from '../graph/compiler/load-kernels';
import { schedule } from '../graph/compiler/schedule';
import type { OpCall } from '../graph/ir/graph';
import {
  type HostInputs,
  type HostTensor,
  type Recording,
  recordGraph,
  runRecording,
} from '../graph/runtime/run-graph';
import { hashString } from '../random';
import { inputDtype, makeGradOutputs, makeInputs, type NdArray } from '../synthetic';
import { type Launch, modeId } from './kernel-mode';
import { loadChecks } from './self-checks';
import { checkSeed, matches, type StoredCheck, type StoredValues } from './stored-check';

/** Names a kernel with its code: what was found of one version of it says nothing about another. */
const kernelId = ({ kernel }: Launch) => `${kernel.file} ${kernel.variant} ${hashString(kernel.code)}`;
/** Its file and variant, whatever of it is float16. */
const nameOf = ({ kernel }: Pick<Launch, 'kernel'>) => `${kernel.file} ${kernel.variant}`.split(' half ')[0];

/** Kernels that no op runs. */
const AROUND = /^(optimizer|data|metrics)\//;

/** One case may miss a fault, many take long. */
const ENOUGH_RUNS = 2;

export class CaseRunner {
  private isToldOfLoading = false;

  constructor(
    private readonly device: Device,
    private readonly tell: (message: string) => void,
  ) {}

  /**
   * Whether all kernels are right, but for those that are disabled now, whose plan is lowered again.
   * @throws GradloomError `unsupported` when an op is wrong with all of its variants.
   */
  async check(calls: readonly OpCall[], needed: readonly Launch[]): Promise<boolean> {
    const { device } = this;
    const around = needed.filter(({ kernel }) => AROUND.test(kernel.file));
    if (around.length > 0) {
      const first = new Map(around.map((launch) => [modeId(launch), launch]));
      const { checkStateKernels } = await import('./state-check');
      await checkStateKernels(device, [...first.values()]);
    }
    const distinct = [...new Map(calls.map((call) => [call.op, call])).values()];
    const stored = await this.storedChecks(distinct.map(({ op }) => op));
    if (!stored) return false;
    const cases = distinct.flatMap((call) =>
      (stored[call.op] ?? []).map((check) => new Case(device, call, check)),
    );
    const disabled = device.variants.excluded.length;
    // Kernels in the very modes that are needed, then those of which no case has that mode, in any.
    const kernels = new Set<string>();
    await this.run(cases, modeId, needed, (launch) => kernels.add(kernelId(launch)));
    const others = needed.filter((launch) => !kernels.has(kernelId(launch)));
    await this.run(cases, kernelId, others, () => {});
    // Disabled variants are among these; what takes their place is checked when the plan is lowered again.
    return device.variants.excluded.length === disabled;
  }

  /** The stored cases by op; none where they cannot be loaded, which must not stop a page that trains. */
  private async storedChecks(ops: readonly string[]): Promise<Record<string, StoredCheck[]> | undefined> {
    try {
      return await loadChecks(ops);
    } catch {
      if (!this.isToldOfLoading)
        this.tell('The cases of the self-check cannot be loaded: kernels are not checked');
      this.isToldOfLoading = true;
      return undefined;
    }
  }

  /** Runs the cases, with each selection of variants, that launch something of what is `wanted`. */
  private async run(
    cases: readonly Case[],
    idOf: (launch: Launch) => string,
    wanted: readonly Launch[],
    onRight: (launch: Launch) => void,
  ): Promise<void> {
    const needed = new Set(wanted.map(idOf));
    const names = new Set(wanted.map(nameOf));
    const runs = new Map<string, number>();
    for (const check of cases) {
      if (needed.size === 0) return;
      const { families } = check.lowered();
      const ways = [...families].flatMap(([family, variants]) => variants.map((name): Way => [family, name]));
      for (const way of [undefined, ...ways]) {
        const { dispatches } = check.lowered(way);
        // What the plan does not use is not loaded.
        if (!dispatches.some((launch) => names.has(nameOf(launch)))) continue;
        const reached = await loadKernels(dispatches, this.device);
        if (!reached.some((launch) => needed.has(idOf(launch)))) continue;
        const problem = await check.problem(way);
        if (problem) {
          await this.disableWrong(check, families, problem);
          break;
        }
        for (const id of new Set(reached.map(idOf))) {
          runs.set(id, (runs.get(id) ?? 0) + 1);
          if (runs.get(id) === ENOUGH_RUNS) needed.delete(id);
        }
        reached.forEach(onRight);
      }
    }
  }

  /**
   * Disables the variants that are wrong where another one of their family is right. While all seem wrong, the fault is
   * elsewhere in the op.
   */
  private async disableWrong(
    check: Case,
    families: Map<string, readonly string[]>,
    problem: string,
  ): Promise<void> {
    const { variants } = this.device;
    const left = new Map(families);
    for (let progress = true; progress; ) {
      progress = false;
      for (const [family, candidates] of left) {
        const wrong = new Map<string, string>();
        const allowed = candidates.filter((variant) => !variants.isDisabled(family, variant));
        for (const variant of allowed) {
          const found = await check.problem([family, variant]);
          if (found) wrong.set(variant, found);
        }
        if (wrong.size === allowed.length) continue;
        left.delete(family);
        progress = true;
        for (const [variant, found] of wrong) {
          variants.disable(family, variant);
          this.tell(
            `${check.op}: the kernel variant ${family}/${variant} is wrong on this adapter (${found}) and is not used`,
          );
        }
      }
    }
    if (!(await check.problem())) return;
    throw new GradloomError({
      code: 'unsupported',
      op: check.op,
      got: `wrong results on this adapter (${problem})`,
      fix: 'Update the graphics driver or use another browser',
    });
  }
}

/** A family of kernel variants, and the one to take. */
type Way = readonly [family: string, variant: string];

/** A stored case of an op on a device. */
class Case {
  readonly op: string;
  private readonly feeds: HostInputs = {};

  constructor(
    private readonly device: Device,
    private readonly call: OpCall,
    private readonly stored: StoredCheck,
  ) {
    this.op = call.op;
    const { inputs } = makeInputs(stored, this.seed);
    for (const [name, value] of Object.entries(inputs)) {
      const dtype = inputDtype(stored.inputs[name]);
      const feed = (key: string, { shape, data }: NdArray) => {
        this.feeds[key] = {
          shape,
          dtype,
          data: dtype === 'i32' ? Int32Array.from(data) : Float32Array.from(data),
        };
      };
      if (Array.isArray(value)) value.forEach((item, i) => void feed(`${name}.${i}`, item));
      else feed(name, value);
    }
  }

  private get seed(): number {
    return checkSeed(this.op, this.stored);
  }

  /** What the case launches, and the families among whose variants its lowering selects. No GPU is needed. */
  lowered(way?: Way) {
    const { device } = this;
    const { graph, wanted } = this.record();
    const families = new Map<string, readonly string[]>();
    const stop = device.variants.observe((family, candidates) => families.set(family, candidates));
    try {
      const { dispatches } = this.lowering(way, () => schedule(device, graph, Object.values(wanted)));
      return { dispatches, families };
    } finally {
      stop();
    }
  }

  /** What is wrong with the op's results on this device, if something is; a kernel that does not compile is wrong too. */
  async problem(way?: Way): Promise<string | undefined> {
    try {
      // In an object, because the selection holds while the plan is lowered: others compile while this one runs.
      const { running } = this.lowering(way, () => ({
        running: runRecording(this.device, this.record(), { isCheck: true }),
      }));
      const result = await running;
      return (
        difference('output', result.outputs, this.stored.outputs) ??
        difference('gradient of', result.gradInputs, this.stored.gradInputs ?? {})
      );
    } catch (error) {
      if (!(error instanceof GradloomError) || error.code !== 'internal') throw error;
      return error.message;
    }
  }

  /** Runs `work`, which lowers at once, with a selection of variants and without the tuner: nothing here is worth measuring. */
  private lowering<R extends object>(way: Way | undefined, work: () => R): R {
    const { device } = this;
    const { tune } = device;
    device.tune = undefined;
    try {
      return way ? device.variants.withVariant(way[0], way[1], work) : work();
    } finally {
      device.tune = tune;
    }
  }

  private record(): Recording {
    const { stored, call, feeds } = this;
    const host = ({ shape, data }: NdArray): HostTensor => ({ shape, data: Float32Array.from(data) });
    return recordGraph(
      feeds,
      (tensors, graph) => {
        const inputs = Object.entries(stored.inputs).map(([name]) => {
          const items = Object.keys(tensors).filter((key) => key.startsWith(`${name}.`));
          return [name, tensors[name] ?? items.map((key) => tensors[key])];
        });
        return call.call(Object.fromEntries(inputs), stored.attrs ?? {}, graph);
      },
      {
        training: stored.training,
        wrt: Object.keys(stored.gradInputs ?? {}),
        gradOutputs: (outputs) =>
          stored.gradInputs
            ? Object.fromEntries(
                Object.entries(makeGradOutputs(outputs, this.seed)).map(([name, dy]) => [name, host(dy)]),
              )
            : {},
      },
    );
  }
}

function difference(
  what: string,
  got: Record<string, HostTensor>,
  stored: Record<string, StoredValues>,
): string | undefined {
  for (const [name, values] of Object.entries(stored)) {
    // A gradient that is absent is zero.
    if (!matches(values, got[name]?.data)) return `${what} ${name}`;
  }
  return undefined;
}
