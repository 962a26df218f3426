/** Turns the modules of a model into constructors and classes of torch.nn. */
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { ModuleDict, ModuleList, Sequential } from '../nn/container';
import type { Module } from '../nn/module';
import { RecurrentLayer } from '../nn/recurrent';
import type { ConstantTable } from './constants';
import { type Constructor, construct, type GeneratedClass, isConstructor, Modules } from './constructor';
import type { Flow } from './flow';
import { type ModuleCall, numberOf, type PythonFunction, type Scope, writeFunction } from './function';
import { leafOf, recurrentCall, recurrentConstructor } from './leaves';
import { membersOf } from './members';
import { mergedShape, type PairedApplication, type PairedItem } from './paired-trace';
import { atom, type Expression, identifier, isIdentifier, literal } from './python';
import { tensorsIn } from './trace';

/** What a model did in one mode. */
export interface ModeTrace {
  training: boolean;
  items: readonly PairedItem[];
  flow: Flow;
}

/** A module as Python has it. */
interface Definition {
  constructor_: Constructor;
  /** Whether its operations are written where it is applied. */
  isInline: boolean;
  /** Whether it takes one tensor and gives one. */
  isSimple: boolean;
  /** Whether children are `module[0]`. */
  isSequence: boolean;
  call(application: PairedApplication, flow: Flow): ModuleCall;
}

interface Applied {
  paired: PairedApplication;
  mode: ModeTrace;
}

export class ModuleWriter {
  private readonly definitions = new Map<Module, Definition>();
  private readonly applications = new Map<Module, Applied[]>();

  constructor(
    private readonly modes: readonly ModeTrace[],
    private readonly constants: ConstantTable,
    private readonly helper: (name: string) => string,
  ) {
    const visit = (items: readonly PairedItem[], mode: ModeTrace) => {
      for (const item of items) {
        if (item.kind === 'application') {
          const { module } = item.first;
          this.applications.set(module, [...(this.applications.get(module) ?? []), { paired: item, mode }]);
        }
        visit(item.items, mode);
      }
    };
    for (const mode of modes) visit(mode.items, mode);
  }

  /** The constructor of a module, and those of all below it. */
  define(module: Module): Constructor {
    return this.definition(module).constructor_;
  }

  private definition(module: Module): Definition {
    let found = this.definitions.get(module);
    if (!found) {
      for (const [, child] of module.namedChildren()) this.definition(child);
      found = this.make(module);
      this.definitions.set(module, found);
    }
    return found;
  }

  private make(module: Module): Definition {
    const applied = this.applications.get(module) ?? [];
    const flows = applied.map(
      ({ paired, mode: { flow } }) => [flow.inputs(paired), flow.outputs(paired)] as const,
    );
    const isSimple =
      applied.length > 0 && flows.every(([inputs, outputs]) => inputs.length === 1 && outputs.length === 1);
    const plain = { isInline: false, isSimple, isSequence: false, call: plainCall };
    const [first] = applied;
    const leaf = first && leafOf(first.paired);
    if (leaf) {
      const { call } = leaf;
      const own = (application: PairedApplication): ModuleCall => {
        const { text, outputs, targets } = call!(application.first);
        const inputs: Tensor[] = [];
        text((tensor) => {
          if (!inputs.includes(tensor)) inputs.push(tensor);
          return '';
        });
        return { text, outputs, targets, inputs };
      };
      const isPlain = !call && isSimple;
      return { ...plain, isSimple: isPlain, constructor_: leaf.constructor_, call: call ? own : plainCall };
    }
    if (module instanceof ModuleList || module instanceof ModuleDict)
      return { ...plain, isSequence: true, constructor_: this.list(module) };
    if (
      applied.length > 0 &&
      isSimple &&
      module instanceof Sequential &&
      applied.every((one) => this.isChain(module, one))
    ) {
      return { ...plain, isSequence: true, constructor_: this.sequential(module) };
    }
    if (module instanceof RecurrentLayer) return this.recurrentLayer(module, applied, plain);
    return this.generated(module, applied, plain);
  }

  /** A list or dict of modules. */
  private list(module: ModuleList | ModuleDict): Constructor {
    const entries = [...module.namedChildren()].map(([name, child]) => [name, this.define(child)] as const);
    const isList = module instanceof ModuleList;
    return construct(`nn.${isList ? 'ModuleList' : 'ModuleDict'}`, {
      modules: new Modules(isList ? 'list' : 'dict', entries),
    });
  }

  private sequential(module: Sequential): Constructor {
    const entries = [...module.namedChildren()].map(([name, child]) => [name, this.define(child)] as const);
    const isNumbered = entries.every(([name], i) => name === String(i));
    return construct('nn.Sequential', {
      modules: new Modules(isNumbered ? 'arguments' : 'ordered', entries),
    });
  }

  /** Whether an application hands a tensor from child to child, once each. */
  private isChain(module: Sequential, { paired, mode: { flow } }: Applied): boolean {
    const children = [...module.namedChildren()].map(([, child]) => child);
    if (paired.items.length !== children.length) return false;
    let [current] = flow.inputs(paired);
    return paired.items.every((item, i) => {
      if (item.kind !== 'application' || item.first.module !== children[i]) return false;
      const child = this.definition(children[i]);
      const [inputs, outputs] = [flow.inputs(item), flow.outputs(item)];
      const fits = child.isSimple && !child.isInline && inputs[0] === current;
      [current] = outputs;
      return fits;
    });
  }

  /** nn.LSTM and the like whose outputs are those of all steps, or of the last one. */
  private recurrentLayer(
    module: RecurrentLayer,
    applied: readonly Applied[],
    plain: Omit<Definition, 'constructor_'>,
  ): Definition {
    const isRecurrent = (item: PairedItem) => item.kind === 'call' && /^(lstm|gru|rnn)$/.test(item.first.op);
    const call = applied[0]?.paired.items.find(isRecurrent);
    // torch.nn's take lengths as packed sequences alone.
    const isWhole = call?.kind === 'call' && !call.first.inputs.lengths;
    const made = isWhole && recurrentConstructor(call.first);
    if (!made) return this.generated(module, applied, plain);
    const scope = (mode: ModeTrace): Scope => ({
      ...this.scope(module, mode),
      call: (item) => {
        if (!isRecurrent(item)) return undefined;
        const own = recurrentCall(item.first);
        return { ...own, text: (x) => `super().forward${own.text(x)}`, inputs: [item.first.inputs.x] };
      },
    });
    const body = this.body(applied, scope);
    if (!body) return this.generated(module, applied, plain);
    const isLast = applied[0].paired.items.length > 1;
    const type: GeneratedClass = {
      name: `${String(made.type).slice(3)}${isLast ? 'LastStep' : 'Sequence'}`,
      base: String(made.type),
      members: [],
      lines: [],
      forward: body,
      height: 1,
    };
    return { ...plain, constructor_: { ...made, type } };
  }

  private generated(
    module: Module,
    applied: readonly Applied[],
    plain: Omit<Definition, 'constructor_'>,
  ): Definition {
    const lines: string[] = [];
    const body = this.body(applied, (mode) => this.scope(module, mode, lines));
    const members = membersOf(module, (child) => this.define(child));
    const heights = members.map(({ value }) => heightOf(value));
    const type: GeneratedClass = {
      name: identifier(module.typeName.replace(/^[a-z]/, (letter) => letter.toUpperCase())),
      base: 'nn.Module',
      members,
      lines: body ? [...new Set(lines)] : [],
      forward: body ?? [],
      height: 1 + Math.max(0, ...heights),
    };
    return { ...plain, isInline: applied.length > 0 && !body, constructor_: { type, args: [] } };
  }

  /** The lines of `forward`; undefined where applications differ. */
  private body(applied: readonly Applied[], scopeOf: (mode: ModeTrace) => Scope): string[] | undefined {
    const byMode = this.modes.map((mode) => {
      const own = applied.filter((one) => one.mode === mode);
      const functions = own.map(({ paired }) => this.functionOf(paired, scopeOf(mode)));
      return functions.map(textOf).every((text, _, all) => text === all[0]) ? functions[0] : null;
    });
    if (byMode.includes(null)) return undefined;
    const found = byMode.filter((one) => one !== undefined) as PythonFunction[];
    if (found.length === 0) return undefined;
    const [first, second] = found;
    const head = `def forward(${['self', ...first.parameters].join(', ')}):`;
    const indented = (lines: readonly string[]) => lines.map((line) => `    ${line}`);
    if (!second || textOf(first) === textOf(second)) return [head, ...indented(first.lines)];
    if (first.parameters.join() !== second.parameters.join()) return undefined;
    // The training mode comes first.
    return [head, '    if self.training:', ...indented(indented(first.lines)), ...indented(second.lines)];
  }

  private functionOf(paired: PairedApplication, scope: Scope): PythonFunction {
    const inputs = scope.flow.inputs(paired);
    const named = [...tensorsIn(paired.first.args)];
    const own = parameterNames(paired.first.module);
    let extra = 0;
    const given = inputs.map((tensor) => {
      const found = named.find(([, other]) => other === tensor);
      const position = paired.first.args.indexOf(tensor);
      const name = found?.[0]
        ? snakeName(found[0])
        : position >= 0
          ? (own[position] ?? (position === 0 ? 'x' : `x${position + 1}`))
          : `extra${++extra}`;
      return [name, tensor] as const;
    });
    return writeFunction(paired.items, given, scope.flow.outputs(paired), scope);
  }

  /** The scope of a module's own function. */
  scope(module: Module | undefined, mode: ModeTrace, lines: string[] = []): Scope {
    const variables = new Map<Variable, string>();
    if (module) {
      for (const [path, variable] of module.namedVariables())
        if (!variables.has(variable)) variables.set(variable, path);
    }
    const paths = new Map<Module, string>();
    if (module) for (const [path, child] of module.namedModules()) paths.set(child, path);
    return {
      training: mode.training,
      flow: mode.flow,
      helper: this.helper,
      variable: (variable) => {
        const path = variables.get(variable);
        return path === undefined || !module ? undefined : this.access(module, path);
      },
      module: (application) => {
        const path = paths.get(application.first.module);
        const definition = this.definition(application.first.module);
        if (path === undefined || definition.isInline || !module) return undefined;
        const self = this.access(module, path);
        const call = definition.call(application, mode.flow);
        return { ...call, text: (x) => self + call.text(x) };
      },
      constant: (tensor, other) => this.constant(tensor, other, lines, module === undefined),
    };
  }

  /** The text of a module or variable from `self` on. */
  private access(root: Module, path: string): string {
    let text = 'self';
    let module: Module | undefined = root;
    let rest = path;
    while (rest !== '') {
      const owner: Module | undefined = module;
      const children: [string, Module][] = owner ? [...owner.namedChildren()] : [];
      const child = children.find(([name]) => rest === name || rest.startsWith(`${name}.`));
      const name: string = child ? child[0] : rest;
      const isSequence = owner !== undefined && owner !== root && this.definition(owner).isSequence;
      name.split('.').forEach((segment, i) => {
        if (/^\d+$/.test(segment))
          text = i > 0 || isSequence ? `${text}[${segment}]` : `getattr(${text}, "${segment}")`;
        else if (i > 0) text = `${text}[${JSON.stringify(segment)}]`;
        else
          text = isIdentifier(segment)
            ? `${text}.${segment}`
            : `getattr(${text}, ${JSON.stringify(segment)})`;
      });
      rest = rest.slice(name.length + 1);
      module = child?.[1];
    }
    return text;
  }

  private constant(tensor: Tensor, other: Tensor, lines: string[], isLoss: boolean): Expression {
    const { leaf } = tensor.storage;
    if (leaf?.kind !== 'constant') throw new Error('internal: no constant');
    if (tensor.rank === 0 || (isLoss && tensor.size === 1)) return numberOf(leaf.data[0], tensor.dtype);
    const shape = mergedShape(tensor, other);
    const { name, line } = this.constants.add(
      tensor,
      shape.map((size) => typeof size === 'number'),
    );
    if (!lines.includes(line)) lines.push(line);
    const isFixed = shape.every((size) => typeof size === 'number');
    return atom(
      isFixed ? `self.${name}` : `self.${name}.expand(${shape.map((size) => literal(size)).join(', ')})`,
    );
  }
}

const textOf = ({ parameters, lines }: PythonFunction): string => [parameters.join(), ...lines].join('\n');

/** `module(x, y)`. */
function plainCall(application: PairedApplication, flow: Flow): ModuleCall {
  const [inputs, outputs] = [flow.inputs(application), flow.outputs(application)];
  return {
    text: (x) => `(${inputs.map(x).join(', ')})`,
    inputs,
    outputs,
    targets: (names) => names.join(', '),
  };
}

function heightOf(value: unknown): number {
  if (value instanceof Modules) return Math.max(0, ...value.entries.map(([, item]) => heightOf(item)));
  if (!isConstructor(value)) return 0;
  const own = typeof value.type === 'object' ? value.type.height : 0;
  return Math.max(own, ...value.args.map((arg) => heightOf(arg.value)));
}

const snakeName = (name: string) =>
  identifier(name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

/** Names of a function's parameters, as far as its text has telling ones. */
function parameterNames(module: Module): string[] {
  const prototype = Object.getPrototypeOf(module) as { forward?: unknown };
  const text = String(prototype.forward ?? '');
  const list = /^[\w\s]*\(([^{}()]*)/.exec(text)?.[1] ?? '';
  const names = list.split(',').map((part) => part.trim().replace(/\s*[=:].*$/s, ''));
  const isTelling =
    names.every((name) => isIdentifier(name)) && names.some((name) => name.length > 2 || name === 'x');
  return isTelling ? names.map(snakeName) : [];
}
