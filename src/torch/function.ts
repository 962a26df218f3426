/** Writes the body of a Python function that does what a trace did. */
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { ops } from '../ops/registry';
import { type Flow, inputsOf, isView, needed } from './flow';
import { type PythonCall, rules, type Several } from './ops';
import {
  merged,
  mergedShape,
  type PairedApplication,
  type PairedCall,
  type PairedItem,
} from './paired-trace';
import {
  atom,
  type Expression,
  float32Text,
  identifier,
  Level,
  literal,
  operand,
  Sized,
  snake,
} from './python';
import { tensorsIn } from './trace';

/** How a module is called in the function of another. */
export interface ModuleCall {
  /** The call, given how tensors are called. */
  text(x: (tensor: Tensor) => string): string;
  inputs: readonly Tensor[];
  outputs: readonly Tensor[];
  targets(names: string[]): string;
}

/** What a function can refer to. */
export interface Scope {
  training: boolean;
  flow: Flow;
  /** `self.conv1.weight`; undefined for what belongs to others. */
  variable(variable: Variable): string | undefined;
  /** How an application is called; undefined where its items are written in its place. */
  module(application: PairedApplication): ModuleCall | undefined;
  /** A call that is written in a way of its own. */
  call?(item: PairedCall): ModuleCall | undefined;
  /** The attribute that holds constant values. */
  constant(tensor: Tensor, other: Tensor): Expression;
  helper(name: string): string;
}

/** A function: its arguments beside `self`, and its lines. */
export interface PythonFunction {
  parameters: string[];
  lines: string[];
}

/** One line to be, with its tensors as they are called at that point. */
interface Step {
  item: PairedCall | PairedApplication;
  call?: ModuleCall;
  inputs: Tensor[];
  outputs: Tensor[];
  /** Stand-ins of tensors that an earlier step gave once more. */
  at: ReadonlyMap<Tensor, Tensor>;
}

/** Readers that repeat an operand in their text. */
const REPEATS = new Set(['quantile', 'repeatInterleave']);
const LONGEST_INLINE = 72;

export function writeFunction(
  items: readonly PairedItem[],
  given: readonly (readonly [string, Tensor])[],
  results: readonly Tensor[],
  scope: Scope,
): PythonFunction {
  return new FunctionWriter(scope).write(items, given, results);
}

class FunctionWriter {
  private readonly lines: string[] = [];
  private readonly expressions = new Map<Tensor, Expression>();
  /** Tensors that have a variable of Python, with its name. */
  private readonly names = new Map<Tensor, string>();
  private readonly lastUse = new Map<Tensor, number>();
  private readonly uses = new Map<Tensor, number>();
  private pairs = new Map<Tensor, Tensor>();

  constructor(private readonly scope: Scope) {}

  write(
    items: readonly PairedItem[],
    given: readonly (readonly [string, Tensor])[],
    results: readonly Tensor[],
  ): PythonFunction {
    const alias = new Map<Tensor, Tensor>();
    const steps = this.flat(needed(items, results)).map((item) => this.step(item, alias));
    const last = results.map((tensor) => alias.get(tensor) ?? tensor);
    steps.forEach(({ inputs }, i) => {
      for (const tensor of inputs) this.use(tensor, i);
    });
    for (const tensor of last) this.use(tensor, steps.length);
    const parameters: string[] = [];
    for (const [name, tensor] of given) {
      const free = this.unique(identifier(name), 0, parameters);
      parameters.push(free);
      this.names.set(tensor, free);
      this.expressions.set(tensor, atom(free));
    }
    for (const [i, step] of steps.entries()) this.writeStep(step, i, steps[i + 1], last);
    if (last.length > 0) this.line(`return ${last.map((tensor) => this.expression(tensor).text).join(', ')}`);
    else if (this.lines.length === 0) this.line('return None');
    if (this.lines.some((line) => /\bn\b/.test(line))) this.lines.unshift(this.batchLine(given));
    return { parameters, lines: this.lines };
  }

  /** Items with those of composites and of modules that are not called in their place. */
  private flat(items: readonly PairedItem[], outer?: string): (PairedCall | PairedApplication)[] {
    return items.flatMap((item) => {
      if (item.kind === 'application') return this.scope.module(item) ? [item] : this.flat(item.items);
      const { op } = item.first;
      if (op in rules || this.scope.call?.(item)) return [item];
      // A view.
      if (item.items.length === 0 && isView(item)) return [item];
      if (item.items.length === 0) throw noCounterpart(outer ?? op);
      return this.flat(item.items, outer ?? op);
    });
  }

  private step(item: PairedCall | PairedApplication, alias: Map<Tensor, Tensor>): Step {
    const call = item.kind === 'application' ? this.scope.module(item) : this.scope.call?.(item);
    const inputs = call ? call.inputs : [...inputsOf(item as PairedCall)];
    const outputs = call ? call.outputs : Object.values((item as PairedCall).first.outputs);
    const at = new Map<Tensor, Tensor>();
    for (const tensor of inputs) at.set(tensor, alias.get(tensor) ?? tensor);
    if (item.kind === 'call') this.pairInputs(item.first.inputs, item.second.inputs);
    else this.pairInputs(item.first.args, item.second.args);
    const made = outputs.map((tensor) => {
      if (!inputs.includes(tensor)) return tensor;
      // What does nothing gives the tensor that it was given; in Python it has a name of its own.
      const other = Object.create(tensor) as Tensor;
      alias.set(tensor, other);
      return other;
    });
    return { item, call, inputs: inputs.map((tensor) => at.get(tensor)!), outputs: made, at };
  }

  /** Notes the tensors of the second trace beside those of the first. */
  private pairInputs(first: object, second: object): void {
    const others = [...tensorsIn(second)];
    for (const [i, [, tensor]] of [...tensorsIn(first)].entries()) {
      if (others[i]) this.pairs.set(tensor, others[i][1]);
    }
  }

  private use(tensor: Tensor, at: number): void {
    this.lastUse.set(tensor, at);
    this.uses.set(tensor, (this.uses.get(tensor) ?? 0) + 1);
  }

  private writeStep(step: Step, i: number, next: Step | undefined, results: readonly Tensor[]): void {
    const name = (tensor: Tensor) => this.expression(step.at.get(tensor) ?? tensor).text;
    if (step.call) {
      const { outputs, text, targets } = { outputs: step.outputs, ...pickCall(step.call) };
      this.assign(text(name), outputs, targets, step, i, next, results);
      return;
    }
    const item = step.item as PairedCall;
    const call = this.pythonCall(item, step);
    const rule = rules[item.first.op] ?? rules.reshape;
    const result = rule(call);
    if (typeof result === 'object' && 'statement' in result) {
      this.line(result.statement);
      return;
    }
    if (typeof result === 'object' && 'outputs' in result) {
      this.several(result, item, step, i);
      return;
    }
    const expression = typeof result === 'string' ? atom(result) : result;
    const [first] = step.outputs;
    this.assign(expression.text, [first], ([target]) => target, step, i, next, results, expression.level);
  }

  /** Outputs of a call that gives a tuple. */
  private several({ text, outputs }: Several, item: PairedCall, step: Step, i: number): void {
    const keys = Object.keys(item.first.outputs);
    const made = outputs.map((name) => step.outputs[keys.indexOf(name)]);
    const names = made.map((tensor, k) =>
      tensor && this.uses.has(tensor) ? this.nameFor(tensor, snake(outputs[k]), step, i) : '_',
    );
    this.line(`${names.join(', ')}${names.length === 1 ? ',' : ''} = ${text}`);
  }

  private assign(
    text: string,
    outputs: readonly Tensor[],
    targets: (names: string[]) => string,
    step: Step,
    i: number,
    next: Step | undefined,
    results: readonly Tensor[],
    level = Level.Atom,
  ): void {
    const [only] = outputs;
    const used = outputs.filter((tensor) => this.uses.has(tensor));
    if (outputs.length === 1 && used.length === 1) {
      const readsNext = next ? next.inputs.includes(only) && !repeats(next) : results.includes(only);
      if (this.uses.get(only) === 1 && readsNext && text.length <= LONGEST_INLINE && !text.includes('\n')) {
        this.expressions.set(only, { text, level });
        return;
      }
    }
    if (outputs.length === 0 || used.length === 0) {
      this.line(text);
      return;
    }
    const names = outputs.map((tensor, k) =>
      this.uses.has(tensor)
        ? this.nameFor(tensor, outputs.length > 1 ? outputName(step, k) : '', step, i)
        : '_',
    );
    this.line(`${targets(names)} = ${text}`);
  }

  /** A variable for a tensor: that of an input that nobody reads any more, or a new one. */
  private nameFor(tensor: Tensor, wanted: string, step: Step, i: number): string {
    const dying = step.inputs.find(
      (input) => this.lastUse.get(input) === i && this.names.has(input) && this.isOwn(input),
    );
    const reused = wanted === '' && dying ? this.names.get(dying)! : undefined;
    const name = reused && !this.isLive(reused, i, dying) ? reused : this.unique(wanted || 'h', i);
    this.names.set(tensor, name);
    this.expressions.set(tensor, atom(name));
    return name;
  }

  private isOwn(tensor: Tensor): boolean {
    return this.expressions.get(tensor)?.text === this.names.get(tensor);
  }

  /** Whether a name stands for something that is read after step `i`. */
  private isLive(name: string, i: number, except?: Tensor): boolean {
    return [...this.names].some(
      ([tensor, own]) => own === name && tensor !== except && (this.lastUse.get(tensor) ?? -1) > i,
    );
  }

  private unique(name: string, i: number, more: readonly string[] = []): string {
    const taken = (text: string) => text === 'n' || more.includes(text) || this.isLive(text, i - 1);
    for (let k = 1; ; k++) {
      const text = k === 1 ? name : `${name}${k}`;
      if (!taken(text)) return text;
    }
  }

  private expression(tensor: Tensor): Expression {
    const known = this.expressions.get(tensor);
    if (known) return known;
    const { leaf } = tensor.storage;
    if (leaf?.kind === 'variable') {
      const text = this.scope.variable(leaf.variable);
      if (text) return atom(text);
      throw outside(leaf.variable.name || 'a parameter');
    }
    if (leaf?.kind === 'constant') {
      return this.scope.constant(tensor, this.pairs.get(tensor) ?? tensor);
    }
    throw new GradloomError({
      ...{ code: 'internal', op: 'exportTorch', argument: 'model' },
      got: `a tensor [${tensor.shape}] that no step made`,
    });
  }

  private line(statement: string): void {
    this.lines.push(statement);
  }

  /** `n`, the batch size, out of an argument. */
  private batchLine(given: readonly (readonly [string, Tensor])[]): string {
    for (const [, tensor] of given) {
      const other = this.pairs.get(tensor);
      if (!other) continue;
      for (const [d, size] of mergedShape(tensor, other).entries()) {
        if (!(size instanceof Sized)) continue;
        const factor = /^(?:(\d+) \* )?n$/.exec(size.text);
        if (!factor) continue;
        const from = `${this.parameterName(tensor, given)}.shape[${d}]`;
        return `n = ${factor[1] ? `${from} // ${factor[1]}` : from}`;
      }
    }
    throw outside('the batch size');
  }

  private parameterName(tensor: Tensor, given: readonly (readonly [string, Tensor])[]): string {
    return identifier(given.find(([, other]) => other === tensor)![0]);
  }

  private pythonCall(item: PairedCall, step: Step): PythonCall {
    const { first, second } = item;
    const attrs = (isPlain(first.attrs) ? merged(first.attrs, second.attrs) : {}) as Record<string, unknown>;
    const info = ops.get(first.op);
    const find = (tensor: Tensor) => this.expression(step.at.get(tensor) ?? tensor);
    const asFloat = (tensor: Tensor, mask?: string): Expression => {
      const found = find(tensor);
      if (tensor.dtype !== 'bool' || mask || MASKS.has(first.op)) return found;
      return isNumber(found.text) ? found : atom(`${operand(found, Level.Atom)}.float()`);
    };
    const x = (name: string, least = Level.Comparison, mask?: 'mask') =>
      operand(asFloat(first.inputs[name] as Tensor, mask), least);
    return {
      info,
      training: this.scope.training,
      has: (name) => first.inputs[name] !== undefined,
      x,
      tensor(name, like) {
        const text = x(name);
        return isNumber(text) && like ? `torch.full_like(${x(like)}, ${text})` : text;
      },
      list: (name) => (first.inputs[name] as Tensor[]).map((tensor) => asFloat(tensor, 'mask').text),
      tensorOf: (name) => [first.inputs[name] as Tensor].flat()[0],
      shape: (name) => mergedShape(first.inputs[name] as Tensor, second.inputs[name] as Tensor),
      outputShape: (name) => mergedShape(first.outputs[name], second.outputs[name]),
      outputType: (name) => first.outputs[name]?.dtype,
      attr: <T>(name: string) => attrs[name] as T,
      keywords: (names = Object.keys(info?.attrs.shape ?? {})) =>
        names.flatMap((name) => {
          const value = attrs[name];
          const standard = info?.attrs.shape[name]?.safeParse(undefined);
          if (value === undefined || (standard?.success && same(standard.data, value))) return [];
          return [`${snake(name)}=${literal(value)}`];
        }),
      helper: (name) => this.scope.helper(name),
    };
  }
}

const pickCall = ({ text, targets }: ModuleCall) => ({ text, targets });
const isPlain = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
const isNumber = (text: string) => /^-?(\d|math\.)/.test(text);
const repeats = ({ item }: Step) => item.kind === 'call' && REPEATS.has(item.first.op);

/** Ops that take masks as they are. */
const MASKS = new Set(
  (
    'reshape flatten unflatten permute transpose t squeeze unsqueeze movedim expand repeat tile narrow select slice split ' +
    'chunk unbind flip roll gather indexSelect cast all any logicalAnd logicalOr logicalXor logicalNot detach identity assign'
  ).split(' '),
);

const outputName = ({ item }: Step, k: number): string => {
  const found = item.kind === 'application' ? Object.keys(Object(item.first.output))[k] : undefined;
  return found && /^[a-z]\w*$/i.test(found) ? snake(found) : 'y';
};

const noCounterpart = (op: string) =>
  new GradloomError({
    code: 'unsupported',
    op: 'exportTorch',
    argument: 'model',
    got: `the op ${op}, which PyTorch has not`,
    expected: 'ops of the library',
    fix: 'Write it with the ops of the library (a composite), which are exported one by one',
  });

export const outside = (what: string) =>
  new GradloomError({
    code: 'unsupported',
    op: 'exportTorch',
    argument: 'model',
    got: `${what}, which a module uses without having it`,
    expected: 'parameters that are properties of the model',
  });

/** A constant number. */
export const numberOf = (value: number, dtype: Tensor['dtype']): Expression => {
  if (dtype === 'bool') return atom(value ? 'True' : 'False');
  const text = dtype === 'i32' ? String(value) : float32Text(value);
  return { text, level: value < 0 ? Level.Product : Level.Atom };
};
