/**
 * Modules: parameters, buffers and child modules as plain properties, also in arrays, records and maps, and a `forward`
 * on symbolic tensors. Names in the state dict are the property paths in PyTorch's snake case: `selfAttn.inProjWeight`
 * is `self_attn.in_proj_weight`, the first of an array `layers` is `layers.0`.
 */
import { checkOptions } from '../checks';
import { GradloomError, nearest } from '../errors';
import { matchesName } from '../glob';
import type { Tensor } from '../graph/ir/graph';
import { type Initializer, Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import { assignState } from './load-state';
import { joinPath, stateName } from './names';

/** A trainable tensor of a module. */
export const parameter = (shape: readonly number[], initialize: Initializer): Variable =>
  new Variable(shape, initialize);

/** State that is not trained, such as running statistics. */
export const buffer = (shape: readonly number[], initialize: Initializer): Variable =>
  new Variable(shape, initialize, false);

export abstract class Module {
  /**
   * Whether the class scores of an output with more than two dims come last, `[N, T, classes]`. Where it is not known
   * the trainer goes by the shapes, and by `[N, classes, T]` when they fit both ways.
   */
  get classesLast(): boolean | undefined {
    return undefined;
  }

  /** Records the computation for symbolic inputs. Called once per input shape, not once per batch. */
  abstract forward(x: Tensor, ...others: any[]): any;

  /** Class name for messages and summaries. */
  get typeName(): string {
    return this.constructor.name;
  }

  /** Child modules by name; those in an array are `name.0`, `name.1`, ..., those in a record or map `name.key`. */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, value] of entriesOf(this)) if (value instanceof Module) yield [name, value];
  }

  /** Parameters and buffers of the module itself, without those of its children. */
  protected *ownVariables(): Generator<[string, Variable]> {
    for (const [name, value] of entriesOf(this)) if (value instanceof Variable) yield [name, value];
  }

  /** The module itself and all modules in it with their paths; one that is used twice has its first path. */
  *namedModules(prefix = ''): Generator<[string, Module]> {
    const found = new Set<Module>();
    for (const [path, module] of walk(this, prefix)) {
      if (found.has(module)) continue;
      found.add(module);
      yield [path, module];
    }
  }

  /**
   * Parameters and buffers with their state_dict keys, those of each module in the order in which they were assigned.
   * A variable that is used twice (tied weights) comes with each of its keys, as in PyTorch's state dicts.
   */
  *namedVariables(prefix = ''): Generator<[string, Variable]> {
    for (const [path, module] of walk(this, prefix)) {
      for (const [name, variable] of module.ownVariables()) yield [joinPath(path, name), variable];
    }
  }

  /** All variables once each, named; a variable used twice (tied weights) keeps its first name. */
  variables(): Variable[] {
    const found = new Set<Variable>();
    for (const [name, variable] of this.namedVariables()) {
      if (found.has(variable)) continue;
      variable.name = name;
      found.add(variable);
    }
    return [...found];
  }

  /** The parameters with their names, once each. */
  namedParameters(): [string, Variable][] {
    return this.parameters().map((variable) => [variable.name, variable]);
  }

  /** The trainable variables, frozen ones too. */
  parameters(): Variable[] {
    return this.variables().filter((variable) => variable.trainable);
  }

  /**
   * Freezes parameters: they stay parameters, but get no gradient and are not updated.
   * @param patterns names of parameters or modules, in which `*` stands for any characters; all parameters without.
   * @throws GradloomError `argument`: a pattern that no name matches.
   */
  freeze(...patterns: string[]): this {
    return this.markRequiresGrad(false, patterns, 'freeze');
  }

  /** Undoes `freeze`, for all parameters or for those that the patterns name. */
  unfreeze(...patterns: string[]): this {
    return this.markRequiresGrad(true, patterns, 'unfreeze');
  }

  /** Whether the parameters get gradients: PyTorch's `requires_grad_`. */
  requiresGrad_(requiresGrad = true): this {
    return this.markRequiresGrad(requiresGrad, [], 'requiresGrad_');
  }

  private markRequiresGrad(requiresGrad: boolean, patterns: readonly string[], op: string): this {
    // Under all names: a tied parameter is found by its second name, too.
    const named = [...this.namedVariables()].filter(([, { trainable }]) => trainable);
    const chosen = patterns.map((pattern) => {
      const matches = named.filter(([name]) => matchesName(pattern, name));
      if (matches.length > 0) return matches;
      const names = [...named.map(([name]) => name), ...[...this.namedModules()].map(([path]) => path)];
      const near = nearest(pattern, names.filter(Boolean));
      throw new GradloomError({
        code: 'argument',
        op,
        argument: pattern,
        got: 'not in the model',
        expected: 'the name of a parameter or module, or a pattern with * that some name matches',
        fix: near && `Did you mean ${near}?`,
      });
    });
    for (const [, variable] of patterns.length > 0 ? chosen.flat() : named) {
      variable.requiresGrad = requiresGrad;
    }
    return this;
  }

  /**
   * Fills every variable that has no values yet with PyTorch's default initialization. Each draws from a stream of
   * its own, keyed by its name: adding a layer does not change the others.
   */
  initialize(seed = 0): this {
    for (const variable of this.variables()) variable.ensureData(seed);
    return this;
  }

  /** Host values by name. After training on a device they are current once `Trainer.fit` has returned. */
  stateDict(): StateDict {
    this.initialize();
    const entries = [...this.namedVariables()].map(
      ([name, { shape, data }]) => [name, { shape: [...shape], data: data! }] as const,
    );
    return Object.fromEntries(entries);
  }

  /**
   * Takes values by name. Tied weights may come under one of their names or under each.
   * @param strict whether missing and unexpected names are errors (default), as in PyTorch.
   * @throws GradloomError `argument` naming the key and both shapes; `data` for what are no numbers; nothing is changed
   * then.
   */
  loadStateDict(state: StateDict, options: { strict?: boolean } = {}): this {
    checkOptions('loadStateDict', options, ['strict']);
    assignState(new Map(this.namedVariables()), state, options.strict ?? true);
    return this;
  }
}

/** All modules below `module` with their paths, itself first; one that is used twice comes twice. */
function* walk(module: Module, path: string, above: readonly Module[] = []): Generator<[string, Module]> {
  if (above.includes(module)) {
    throw new GradloomError({
      code: 'argument',
      op: module.typeName,
      argument: path,
      got: 'a module that contains itself',
      expected: 'modules that form a tree',
      fix: 'Keep a reference to a module above in a function or a private #field',
    });
  }
  yield [path, module];
  for (const [name, child] of module.namedChildren()) {
    yield* walk(child, joinPath(path, name), [...above, module]);
  }
}

/** Modules and variables in the properties of a module, also those in arrays, records and maps, with their names. */
function* entriesOf(module: Module): Generator<[string, Module | Variable]> {
  for (const [property, value] of Object.entries(module)) yield* collect(stateName(property), value, []);
}

function* collect(
  name: string,
  value: unknown,
  above: readonly unknown[],
): Generator<[string, Module | Variable]> {
  if (value instanceof Module || value instanceof Variable) yield [name, value];
  if (typeof value !== 'object' || value === null || above.includes(value)) return;
  const isRecord = Object.getPrototypeOf(value) === Object.prototype;
  if (!Array.isArray(value) && !(value instanceof Map) && !isRecord) return;
  const entries = value instanceof Map ? value.entries() : Object.entries(value);
  for (const [key, item] of entries) {
    if (typeof item === 'object') yield* collect(`${name}.${key}`, item, [...above, value]);
  }
}
