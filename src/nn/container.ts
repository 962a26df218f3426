/** Modules that hold modules. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import { add, cat } from '../ops';
import { Module } from './module';

/** @throws GradloomError `argument` naming what is no module: a class, a function, a tensor. */
function checkModules(op: string, modules: unknown): void {
  const fail = (argument: string, got: string, fix?: string) =>
    new GradloomError({ code: 'argument', op, argument, got, expected: 'a module', fix });
  if (typeof modules !== 'object' || modules === null) throw fail('modules', showValue(modules));
  for (const [name, value] of Object.entries(modules)) {
    if (value instanceof Module) continue;
    const isClass = typeof value === 'function' && value.prototype instanceof Module;
    throw fail(
      name,
      isClass ? `the class ${value.name}` : showValue(value),
      isClass ? `Use new ${value.name}(...)` : undefined,
    );
  }
}

/** Applies modules one after the other; children are named `0`, `1`, ..., or by the keys of an object. */
export class Sequential extends Module {
  private readonly layers: readonly [string, Module][];

  constructor(...layers: Module[] | [Record<string, Module>]) {
    super();
    const [first] = layers;
    const isRecord = layers.length === 1 && typeof first === 'object' && !(first instanceof Module);
    this.layers = Object.entries(isRecord ? (first ?? {}) : (layers as Module[]));
    if (isRecord && first === null) checkModules('Sequential', { 0: first });
    checkModules('Sequential', Object.fromEntries(this.layers));
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* this.layers;
  }

  override get classesLast() {
    return this.layers.at(-1)?.[1].classesLast;
  }

  override forward(x: Tensor): Tensor {
    return this.layers.reduce((value, [, layer]) => layer.forward(value), x);
  }
}

/** A list of modules that its owner applies; children are named `0`, `1`, ... */
export class ModuleList extends Module {
  constructor(readonly items: readonly Module[]) {
    super();
    checkModules('ModuleList', items);
  }

  override *namedChildren(): Generator<[string, Module]> {
    for (const [i, item] of this.items.entries()) yield [String(i), item];
  }

  override forward(): never {
    throw new GradloomError({
      code: 'argument',
      op: 'ModuleList.forward',
      got: 'a call',
      expected: 'a module that applies its items',
      fix: 'Use Sequential for modules one after the other, or call forward of its items',
    });
  }
}

/** Modules by name that their owner applies; children are named by the keys. */
export class ModuleDict<M extends Record<string, Module> = Record<string, Module>> extends Module {
  constructor(readonly items: M) {
    super();
    checkModules('ModuleDict', items);
  }

  override *namedChildren(): Generator<[string, Module]> {
    yield* Object.entries(this.items);
  }

  override forward(): never {
    throw new GradloomError({
      code: 'argument',
      op: 'ModuleDict.forward',
      got: 'a call',
      expected: 'a module that applies its items',
      fix: 'Call forward of one of its items',
    });
  }
}

/** y = body(x) + shortcut(x); without a shortcut x itself. Children are named `body` and `shortcut`. */
export class Residual extends Module {
  constructor(
    readonly body: Module,
    readonly shortcut?: Module,
  ) {
    super();
    checkModules('Residual', { body, ...(shortcut !== undefined && { shortcut }) });
  }

  override forward(x: Tensor): Tensor {
    return add(this.body.forward(x), this.shortcut ? this.shortcut.forward(x) : x);
  }
}

/** The branches' outputs joined along `dim`; children are named `branches.0`, `branches.1`, ... */
export class Concat extends Module {
  constructor(
    readonly branches: readonly Module[],
    private readonly options: { dim?: number } = {},
  ) {
    super();
    checkModules('Concat', branches);
    checkOptions('Concat', options, ['dim']);
  }

  override forward(x: Tensor): Tensor {
    return cat(
      this.branches.map((branch) => branch.forward(x)),
      { dim: this.options.dim ?? 1 },
    );
  }
}
