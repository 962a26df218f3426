/**
 * Modules: parameters, buffers and child modules as plain properties, and a `forward` on symbolic tensors. Names in
 * the state dict are the property paths in PyTorch's snake case: `selfAttn.inProjWeight` is `self_attn.in_proj_weight`.
 */
import { formatShape, GradloomError, nearest } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { type Initializer, Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import { Random } from '../random';

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

  /** What kind of module this is, for people. */
  get typeName(): string {
    return this.constructor.name;
  }

  /** Child modules by property name; lists contribute `name.0`, `name.1`, ... */
  *namedChildren(): Generator<[string, Module]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Module) yield [snakeCase(name), value];
      else if (Array.isArray(value)) {
        for (const [i, item] of value.entries())
          if (item instanceof Module) yield [`${snakeCase(name)}.${i}`, item];
      }
    }
  }

  /** Parameters and buffers with their state_dict keys, in the order in which they were assigned. */
  *namedVariables(prefix = ''): Generator<[string, Variable]> {
    for (const [name, value] of Object.entries(this)) {
      if (value instanceof Variable) yield [prefix + snakeCase(name), value];
    }
    for (const [name, child] of this.namedChildren()) yield* child.namedVariables(`${prefix}${name}.`);
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

  /** The trainable variables. */
  parameters(): Variable[] {
    return this.variables().filter((variable) => variable.trainable);
  }

  /**
   * Fills every variable that has no values yet with PyTorch's default initialization. Each draws from a stream of
   * its own, keyed by its name: adding a layer does not change the others.
   */
  initialize(seed = 0): this {
    for (const variable of this.variables()) {
      if (variable.data) continue;
      const data = new Float32Array(variable.size);
      variable.initialize(data, variable.shape, new Random(seed, variable.name));
      variable.data = data;
    }
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
   * Takes values by name.
   * @param strict whether missing and unexpected names are errors (default), as in PyTorch.
   * @throws GradloomError `argument` naming the key and both shapes; nothing is changed then.
   */
  loadStateDict(state: StateDict, { strict = true } = {}): this {
    const named = new Map(this.namedVariables());
    const fail = (key: string, got: string, expected: string, fix?: string) =>
      new GradloomError({ code: 'argument', op: 'loadStateDict', argument: key, got, expected, fix });
    for (const [name, { shape, data }] of Object.entries(state)) {
      const variable = named.get(name);
      if (!variable) {
        if (!strict || isIgnored(name)) continue;
        const near = nearest(name, [...named.keys()]);
        throw fail(name, 'not in the model', 'a name of the model', near && `Did you mean ${near}?`);
      }
      if (shape.join() !== variable.shape.join() || data.length !== variable.size) {
        throw fail(name, `${formatShape(shape)} with ${data.length} values`, formatShape(variable.shape));
      }
    }
    const missing = [...named.keys()].find((name) => !(name in state));
    if (strict && missing)
      throw fail(
        missing,
        'missing',
        'a value for every parameter and buffer',
        'Pass { strict: false } to keep initial values',
      );
    for (const [name, { data }] of Object.entries(state)) {
      const variable = named.get(name);
      if (variable) variable.data = Float32Array.from(data);
    }
    return this;
  }
}

/** `inProjWeight` is `in_proj_weight` in a state dict. */
export const snakeCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Entries of PyTorch state dicts that have no meaning here: the batch counter of batch norms. */
const isIgnored = (name: string) => name.endsWith('num_batches_tracked');
