/** Data flow of a trace: which tensors items read and write, and who reads what outside of where it was made. */
import type { Tensor } from '../graph/ir/graph';
import { Tensor as GraphTensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { Module } from '../nn/module';
import type { PairedApplication, PairedCall, PairedItem } from './paired-trace';
import { tensorsIn } from './trace';

/** The tensors of a call's inputs. */
export function* inputsOf({ first }: PairedCall): Generator<Tensor> {
  for (const value of Object.values(first.inputs)) {
    if (Array.isArray(value)) yield* value as Tensor[];
    else if (value instanceof GraphTensor) yield value;
  }
}

/** Every call in items, with those that it was composed of, and the applications around it. */
function* callsIn(
  items: readonly PairedItem[],
  around: readonly PairedApplication[] = [],
): Generator<[PairedCall, readonly PairedApplication[]]> {
  for (const item of items) {
    if (item.kind === 'call') yield [item, around];
    yield* callsIn(item.items, item.kind === 'application' ? [...around, item] : around);
  }
}

/** Whether a tensor is computed or given, not a constant or a variable. */
const isComputed = ({ node, storage: { leaf } }: Tensor): boolean =>
  node !== undefined || leaf === undefined || leaf.kind === 'input';

export class Flow {
  /** The applications around each reader of a tensor. */
  private readonly readers = new Map<Tensor, (readonly PairedApplication[])[]>();
  /** What is made within an application, in order. */
  private readonly made = new Map<PairedApplication, Set<Tensor>>();
  private readonly read = new Map<PairedApplication, Set<Tensor>>();

  private readonly variables = new Map<Module, Set<Variable>>();

  /** @param results read by whoever called */
  constructor(items: readonly PairedItem[], results: readonly Tensor[]) {
    const note = (tensor: Tensor, around: readonly PairedApplication[]) => {
      const known = this.readers.get(tensor) ?? [];
      known.push(around);
      this.readers.set(tensor, known);
    };
    for (const [call, around] of callsIn(items)) {
      for (const tensor of inputsOf(call)) {
        note(tensor, around);
        for (const application of around) this.setOf(this.read, application).add(tensor);
      }
      for (const tensor of Object.values(call.first.outputs)) {
        for (const application of around) this.setOf(this.made, application).add(tensor);
      }
    }
    for (const tensor of results) note(tensor, []);
  }

  /** What an application reads of outside: its arguments first, then what it finds elsewhere. */
  inputs(application: PairedApplication): Tensor[] {
    const [made, read] = [this.setOf(this.made, application), this.setOf(this.read, application)];
    const outputs = this.returned(application);
    const isUsed = (tensor: Tensor) => read.has(tensor) || outputs.includes(tensor);
    const own = this.variablesOf(application.first.module);
    const fromOutside = (tensor: Tensor) => {
      const { leaf } = tensor.storage;
      if (isComputed(tensor)) return !made.has(tensor) || isPassed(application, tensor);
      return leaf?.kind === 'variable' && !own.has(leaf.variable);
    };
    const args = [...tensorsIn(application.first.args)].map(([, tensor]) => tensor);
    const found = args.filter((tensor) => isUsed(tensor));
    const captured = [...read].filter((tensor) => fromOutside(tensor));
    return [...new Set([...found, ...captured])];
  }

  /** What it gives: what it returned, then what others read of it besides. */
  outputs(application: PairedApplication): Tensor[] {
    const escaped = [...this.setOf(this.made, application)].filter((tensor) =>
      this.readers.get(tensor)?.some((around) => !around.includes(application)),
    );
    return [...new Set([...this.returned(application), ...escaped])].filter(
      (tensor) => isComputed(tensor) && !this.isOnlyPassed(application, tensor, escaped),
    );
  }

  private variablesOf(module: Module): Set<Variable> {
    const found =
      this.variables.get(module) ?? new Set([...module.namedVariables()].map(([, variable]) => variable));
    this.variables.set(module, found);
    return found;
  }

  private returned({ first }: PairedApplication): Tensor[] {
    return [...tensorsIn(first.output)].map(([, tensor]) => tensor);
  }

  /** An argument that others read too, and that is not what the module returned. */
  private isOnlyPassed(application: PairedApplication, tensor: Tensor, escaped: readonly Tensor[]): boolean {
    return (
      escaped.includes(tensor) &&
      isPassed(application, tensor) &&
      !this.returned(application).includes(tensor)
    );
  }

  private setOf(map: Map<PairedApplication, Set<Tensor>>, application: PairedApplication): Set<Tensor> {
    let found = map.get(application);
    if (!found) {
      found = new Set();
      map.set(application, found);
    }
    return found;
  }
}

/** Whether a tensor is an argument: ops that do nothing give what they were given. */
const isPassed = ({ first }: PairedApplication, tensor: Tensor): boolean =>
  [...tensorsIn(first.args)].some(([, given]) => given === tensor);

/** Items without those whose results nobody needs, such as metrics beside a loss. */
export function needed(items: readonly PairedItem[], results: readonly Tensor[]): PairedItem[] {
  const wanted = new Set(results);
  const kept: PairedItem[] = [];
  for (const item of [...items].reverse()) {
    const isNeeded =
      item.kind === 'application' ||
      item.first.op === 'assign' ||
      Object.values(item.first.outputs).some((tensor) => wanted.has(tensor));
    if (!isNeeded) continue;
    kept.unshift(item);
    for (const tensor of readBy(item)) wanted.add(tensor);
  }
  return kept;
}

/** All tensors that an item reads, with those within it. */
function* readBy(item: PairedItem): Generator<Tensor> {
  if (item.kind === 'call') yield* inputsOf(item);
  else for (const [, tensor] of tensorsIn([item.first.args, item.first.output])) yield tensor;
  for (const inner of item.items) yield* readBy(inner);
}

/** Whether a call gives the memory of an input in another shape. */
export function isView({ first }: PairedCall): boolean {
  const { x } = first.inputs;
  const [y, ...more] = Object.values(first.outputs);
  return x && y && more.length === 0 && x.size === y.size && x.storage === y.storage;
}
