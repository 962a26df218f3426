/**
 * Low-rank adaptation: trained matrices A `[rank, in]` and B `[out, rank]` beside a frozen weight, y = W x + scaling B A x.
 * Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021; names and initialization as in PEFT.
 */
import { checkCount, checkOptions } from '../checks';
import { GradloomError, nearest, showValue } from '../errors';
import { matchesName } from '../glob';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import { MultiheadAttention } from '../nn/attention';
import { Linear } from '../nn/linear';
import { assignState } from '../nn/load-state';
import type { Module } from '../nn/module';
import { joinPath } from '../nn/names';
import { type Adaptation, type AdaptedLayer, adapt, canAdapt } from './lora-layers';

export interface LoraOptions {
  /** Rows of A. Default 8. */
  rank?: number;
  /** Scaling is alpha / rank, or alpha / sqrt(rank) with `useRslora`. Default: twice the rank. */
  alpha?: number;
  /** Of the inputs of A, in training; none in the projections of MultiheadAttention, whose weights are adapted. Default 0. */
  dropout?: number;
  /**
   * Which layers: paths of modules, ends of paths (`c_attn`), or patterns with `*`; `'allLinear'` (default): every Linear and
   * MultiheadAttention but the last Linear. Linear, Embedding, MultiheadAttention and ungrouped convolutions can be adapted.
   */
  targets?: 'allLinear' | readonly string[];
  /** Biases that are trained, too: none (default), all, or those of adapted layers. */
  bias?: 'none' | 'all' | 'loraOnly';
  /** Modules that are trained whole, such as a new head, by name or pattern; they are saved with the rest. */
  modulesToSave?: readonly string[];
  useRslora?: boolean;
}

const OPTIONS: (keyof LoraOptions)[] = [
  'rank',
  'alpha',
  'dropout',
  'targets',
  'bias',
  'modulesToSave',
  'useRslora',
];

export const loraError = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'applyLora', argument, got, expected, fix });

/** The matrices that adapt a model. */
export class Lora {
  private merged: (() => void) | undefined;

  constructor(
    readonly model: Module,
    readonly options: Readonly<Required<LoraOptions>>,
    readonly layers: ReadonlyMap<string, AdaptedLayer>,
    /** Names of variables that are trained beside the matrices. */
    private readonly saved: readonly string[],
  ) {}

  /** Trained variables by name: the matrices, biases and modules that are trained with them. */
  namedParameters(): [string, Variable][] {
    const named = new Map(this.model.namedVariables());
    return [...this.matrices(), ...this.saved.map((name): [string, Variable] => [name, named.get(name)!])];
  }

  /** Host values of what is trained, by the names in the model; after training as `Module.stateDict`. */
  stateDict(): StateDict {
    this.model.initialize();
    return Object.fromEntries(
      this.namedParameters().map(([name, { shape, data }]) => [name, { shape: [...shape], data: data! }]),
    );
  }

  /** Takes values by name. @throws GradloomError `argument` for missing, unknown and unfitting entries; nothing is changed then. */
  loadStateDict(state: StateDict): this {
    if (this.merged)
      throw loraError('state', 'a model whose matrices are merged', 'a call of unmerge before');
    assignState(new Map(this.namedParameters()), state, true);
    return this;
  }

  get isMerged(): boolean {
    return this.merged !== undefined;
  }

  /**
   * Adds the matrices to the weights and takes them out of the model, which then is a plain one: its state dict has no
   * matrices, its steps no further dispatches. Steps that were compiled before give the same outputs as after. Works on host values,
   * which are current after `fit` and `stateDict`.
   */
  merge(): this {
    if (this.merged) return this;
    this.model.initialize();
    const undo = [...this.layers.values()].map((layer) => layer.merge());
    this.merged = () => {
      for (const one of undo) one();
    };
    return this;
  }

  /** Undoes `merge`, to the same bits. */
  unmerge(): this {
    this.merged?.();
    this.merged = undefined;
    return this;
  }

  /** Takes the matrices off the model, without adding them to its weights. */
  detach(): void {
    for (const layer of this.layers.values()) layer.detach();
  }

  private *matrices(): Generator<[string, Variable]> {
    for (const [path, { matrices }] of this.layers)
      for (const [name, variable] of Object.entries(matrices)) yield [joinPath(path, name), variable];
  }
}

/**
 * Adapts layers of a model by low-rank matrices and freezes everything else. The outputs are the same until something is
 * trained: B starts at 0 (A of embeddings).
 * @throws GradloomError `argument`: unknown options, a target that no layer matches or that cannot be adapted, a model that is
 * adapted already; nothing is changed then.
 */
export function applyLora(model: Module, options: LoraOptions = {}): Lora {
  checkOptions('applyLora', options, OPTIONS);
  const {
    rank = 8,
    dropout = 0,
    targets = 'allLinear',
    bias = 'none',
    modulesToSave = [],
    useRslora = false,
  } = options;
  checkCount('applyLora', 'rank', rank);
  const { alpha = 2 * rank } = options;
  if (!(typeof alpha === 'number' && Number.isFinite(alpha)))
    throw loraError('alpha', showValue(alpha), 'a finite number');
  if (!(typeof dropout === 'number' && dropout >= 0 && dropout < 1))
    throw loraError('dropout', showValue(dropout), 'a number from 0 to less than 1');
  if (!['none', 'all', 'loraOnly'].includes(bias))
    throw loraError('bias', showValue(bias), "'none', 'all' or 'loraOnly'");
  const scaling = alpha / (useRslora ? Math.sqrt(rank) : rank);
  const full = { rank, alpha, dropout, targets, bias, modulesToSave, useRslora };
  const layers = targetsOf(model, targets, modulesToSave).map(
    (path) => [path, { rank, scaling, dropout }] as const,
  );
  return adaptLayers(model, full, new Map(layers));
}

/** Adapts these layers. */
export function adaptLayers(
  model: Module,
  options: Required<LoraOptions>,
  adaptations: ReadonlyMap<string, Adaptation>,
): Lora {
  const modules = new Map(model.namedModules());
  const before = [...model.namedVariables()];
  const { bias, modulesToSave } = options;
  for (const [name] of before)
    if (/(^|\.)lora_/.test(name))
      throw loraError('model', `${name} in the model`, 'a model without LoRA', 'Call merge first');
  const saved = before.flatMap(([name, variable]) => {
    if (!variable.trainable && !modulesToSave.some((pattern) => matchesName(pattern, name))) return [];
    const isBias = /(^|[._])bias(_|$)/.test(name.split('.').at(-1)!);
    const owner = name.split('.').slice(0, -1).join('.');
    const asBias = isBias && (bias === 'all' || (bias === 'loraOnly' && adaptations.has(owner)));
    return asBias || modulesToSave.some((pattern) => matchesName(pattern, name)) ? [name] : [];
  });
  for (const pattern of modulesToSave) {
    if (before.some(([name]) => matchesName(pattern, name))) continue;
    const near = nearest(pattern, [...modules.keys()].filter(Boolean));
    throw loraError(
      'modulesToSave',
      showValue(pattern),
      'a module of the model',
      near && `Did you mean ${near}?`,
    );
  }
  for (const [path, { rank }] of adaptations) {
    const module = modules.get(path)!;
    const tied = before.filter(([, variable]) => variable === (module as { weight?: unknown }).weight);
    if (tied.length > 1) {
      const fix = 'Adapt other layers, or give this one a weight of its own';
      throw loraError(
        'targets',
        `${path}, whose weight is ${tied.map(([name]) => name).join(' and ')}`,
        'a weight of one layer',
        fix,
      );
    }
    const refusal = canAdapt(module, rank);
    if (refusal)
      throw loraError(
        'targets',
        `${path}, ${refusal}`,
        'Linear, Embedding, MultiheadAttention, an ungrouped convolution',
      );
  }
  // By variable: a tied one stands under several names.
  const trained = new Set(before.flatMap(([name, variable]) => (saved.includes(name) ? [variable] : [])));
  for (const [, variable] of before) variable.requiresGrad = variable.trainable && trained.has(variable);
  const layers = new Map(
    [...adaptations].map(([path, how]) => [path, adapt(modules.get(path)!, how)] as const),
  );
  return new Lora(model, options, layers, saved);
}

/** Paths of the layers that are meant. An attention's output projection goes with it. */
function targetsOf(model: Module, targets: LoraOptions['targets'] & {}, whole: readonly string[]): string[] {
  const modules = [...model.namedModules()].filter(([path]) => path !== '');
  const adaptable = modules.filter(([, module]) => canAdapt(module, 1) === undefined);
  const inAttention = (path: string) =>
    modules.some(
      ([name, module]) => module instanceof MultiheadAttention && path === joinPath(name, 'out_proj'),
    );
  const withProjections = (paths: readonly string[]) => {
    const projections = paths
      .map((path) => joinPath(path, 'out_proj'))
      .filter((path) => inAttention(path) && !paths.includes(path));
    return [...paths, ...projections];
  };
  if (targets === 'allLinear') {
    const linear = adaptable.filter(
      ([path, module]) => isLinear(module) && !whole.some((one) => matchesName(one, path)),
    );
    const head = linear
      .filter(([path, module]) => !(module instanceof MultiheadAttention) && !inAttention(path))
      .at(-1);
    const found = linear.map(([path]) => path).filter((path) => path !== head?.[0]);
    if (found.length === 0)
      throw loraError(
        'targets',
        "'allLinear' of a model with no Linear but its last",
        'layers to adapt',
        'Name them',
      );
    return withProjections(found);
  }
  if (!Array.isArray(targets) || targets.length === 0 || targets.some((one) => typeof one !== 'string'))
    throw loraError('targets', showValue(targets), "'allLinear' or a list of names of modules");
  const found = new Set<string>();
  for (const target of targets) {
    const matched = modules.filter(([path]) => isTarget(target, path));
    const fitting = matched.filter(([path]) => adaptable.some(([name]) => name === path));
    if (fitting.length === 0) {
      const [first] = matched;
      const near = nearest(
        target,
        modules.map(([path]) => path),
      );
      const got = first ? `${target}, ${canAdapt(first[1], 1)}` : `${showValue(target)}, not in the model`;
      throw loraError(
        'targets',
        got,
        'a layer that can be adapted',
        first ? undefined : near && `Did you mean ${near}?`,
      );
    }
    for (const [path] of fitting) found.add(path);
  }
  return withProjections([...found]);
}

/** A path, its end, or a pattern. */
const isTarget = (target: string, path: string): boolean =>
  target.includes('*') ? matchesName(target, path) : path === target || path.endsWith(`.${target}`);

const isLinear = (module: Module): boolean =>
  module instanceof Linear || module instanceof MultiheadAttention;
