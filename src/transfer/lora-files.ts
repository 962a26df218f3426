/**
 * PEFT's adapter files: `adapter_config.json` and `adapter_model.safetensors`, whose names are `base_model.model.` and the path in
 * the model.
 * Source: PEFT, "Checkpoint format" of its developer guides.
 */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import type { StateDict } from '../io/state-dict';
import { MultiheadAttention } from '../nn/attention';
import type { Module } from '../nn/module';
import { adaptLayers, type Lora, type LoraOptions } from './lora';
import type { Adaptation } from './lora-layers';

/** The two files of an adapter by name. */
export interface PeftFiles {
  'adapter_config.json': string;
  'adapter_model.safetensors': Uint8Array<ArrayBuffer>;
}

/** What `loadPeft` takes: bytes of any kind, and the configuration as text, bytes or parsed. */
export interface PeftSource {
  'adapter_config.json': string | Uint8Array | ArrayBuffer | Record<string, unknown>;
  'adapter_model.safetensors': Uint8Array | ArrayBuffer;
}

const PREFIX = 'base_model.model.';
const MATRIX = /^(.+)\.(lora_A\.weight|lora_B\.weight|lora_embedding_A|lora_embedding_B)$/;

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'data', op: 'loadPeft', argument, got, expected, fix });

/** Settings of PEFT that change what is computed, with the values that mean "not in use". */
const UNSUPPORTED = [
  'use_dora',
  'alora_invocation_tokens',
  'lora_bias',
  'use_qalora',
  'trainable_token_indices',
  'target_parameters',
];

/** Within an adapted attention PEFT has the output projection below `base_layer`. */
const toPeft = (model: Module, name: string): string => {
  const [owner] = [...model.namedModules()].filter(
    ([path, module]) => module instanceof MultiheadAttention && name.startsWith(`${path}.out_proj.`),
  );
  return PREFIX + (owner ? `${owner[0]}.base_layer${name.slice(owner[0].length)}` : name);
};

const fromPeft = (name: string): string => name.slice(PREFIX.length).replace('.base_layer.', '.');

/** The adapter as PEFT writes it, from host values. `PeftModel.from_pretrained(model, folder)` takes the folder with both files. */
export function toPeftFiles(lora: Lora): PeftFiles {
  const { rank, alpha, dropout, bias, modulesToSave, useRslora } = lora.options;
  const paths = [...lora.layers.keys()].filter(
    (path) => !path.endsWith('.out_proj') || !inAttention(lora, path),
  );
  const config = {
    ...{ peft_type: 'LORA', task_type: null, base_model_name_or_path: null, inference_mode: true },
    ...{ r: rank, lora_alpha: alpha, lora_dropout: dropout, use_rslora: useRslora, use_dora: false },
    ...{ bias: bias === 'loraOnly' ? 'lora_only' : bias, fan_in_fan_out: false, init_lora_weights: true },
    target_modules: targetModules(lora.model, paths),
    modules_to_save: modulesToSave.length > 0 ? [...modulesToSave] : null,
    ...{ rank_pattern: {}, alpha_pattern: {}, layers_to_transform: null, layers_pattern: null },
  };
  const state = Object.entries(lora.stateDict()).map(
    ([name, tensor]) => [toPeft(lora.model, name), tensor] as const,
  );
  return {
    'adapter_config.json': `${JSON.stringify(config, null, 2)}\n`,
    'adapter_model.safetensors': writeSafetensors(Object.fromEntries(state), { format: 'pt' }),
  };
}

const inAttention = (lora: Lora, path: string): boolean =>
  new Map(lora.model.namedModules()).get(path.replace(/\.?out_proj$/, '')) instanceof MultiheadAttention;

/** Paths, which PEFT compares with the ends of names; one regular expression where an end would mean other modules, too. */
function targetModules(model: Module, paths: readonly string[]): string[] | string {
  const all = [...model.namedModules()].map(([path]) => path);
  const isAmbiguous = paths.some((path) => all.some((other) => other.endsWith(`.${path}`)));
  const escaped = paths.map((path) => path.replaceAll('.', '\\.'));
  return isAmbiguous ? `(${escaped.join('|')})` : [...paths];
}

/**
 * Adapts a model by the files of a PEFT adapter, as `PeftModel.from_pretrained`. Which layers, and with which ranks, is read
 * from the tensors.
 * @param options.trainable whether the matrices can be trained on (default).
 * @throws GradloomError `data`: files that are none, another kind of adapter, a setting that is not known here; `argument`: layers
 * that the model lacks, or of other shapes. The model is then as before.
 */
export function loadPeft(model: Module, files: PeftSource, options: { trainable?: boolean } = {}): Lora {
  checkOptions('loadPeft', options, ['trainable']);
  const bytes = files?.['adapter_model.safetensors'];
  if (bytes === undefined)
    throw fail('files', showValue(files), "{ 'adapter_config.json', 'adapter_model.safetensors' }");
  const config = configOf(files['adapter_config.json']);
  const { tensors } = readSafetensors(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes));
  const state: StateDict = {};
  for (const [name, tensor] of Object.entries(tensors)) {
    if (!name.startsWith(PREFIX)) throw fail(name, 'a name without the prefix', `${PREFIX}<path>`);
    state[fromPeft(name)] = tensor;
  }
  const paths = new Map(model.namedModules());
  const adaptations = new Map<string, Adaptation>();
  const whole: string[] = [];
  for (const [name, { shape }] of Object.entries(state)) {
    const [, path, matrix] = MATRIX.exec(name) ?? [];
    if (path === undefined) whole.push(name);
    else if (!paths.has(path))
      throw fail(name, 'a layer that the model lacks', 'a path of a module in the model');
    else if (/A(\.weight)?$/.test(matrix))
      adaptations.set(path, { ...config.of(path, shape[0]), rank: shape[0] });
  }
  if (adaptations.size === 0)
    throw fail('adapter_model.safetensors', 'no matrices', 'lora_A and lora_B of layers');
  const requires = new Map(model.parameters().map((variable) => [variable, variable.requiresGrad]));
  const lora = adaptLayers(model, { ...config.options, modulesToSave: whole, bias: 'none' }, adaptations);
  try {
    lora.loadStateDict(state);
  } catch (error) {
    lora.detach();
    for (const [variable, value] of requires) variable.requiresGrad = value;
    throw error;
  }
  if (options.trainable === false)
    for (const [, variable] of lora.namedParameters()) variable.requiresGrad = false;
  return lora;
}

/** The settings of a configuration, checked. */
function configOf(source: PeftSource['adapter_config.json']) {
  const place = 'adapter_config.json';
  let config: Record<string, unknown>;
  try {
    const isBytes = source instanceof Uint8Array || source instanceof ArrayBuffer;
    const text = isBytes ? new TextDecoder('utf-8', { fatal: true }).decode(source) : source;
    config = typeof text === 'string' ? JSON.parse(text) : text;
  } catch (cause) {
    throw fail(place, `no JSON: ${(cause as Error).message}`, 'the configuration that PEFT writes');
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw fail(place, showValue(config), 'an object');
  if (config.peft_type !== 'LORA') throw fail(`${place} peft_type`, showValue(config.peft_type), "'LORA'");
  for (const name of UNSUPPORTED) {
    const value = config[name];
    const isUnused =
      value === undefined ||
      value === null ||
      value === false ||
      (Array.isArray(value) && value.length === 0);
    if (!isUnused) throw fail(`${place} ${name}`, showValue(value), 'an adapter without it');
  }
  const numberOf = (name: string, standard: number): number => {
    const value = config[name] ?? standard;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    throw fail(`${place} ${name}`, showValue(value), 'a number');
  };
  const rank = numberOf('r', 8);
  const alpha = numberOf('lora_alpha', 8);
  const dropout = numberOf('lora_dropout', 0);
  const useRslora = config.use_rslora === true;
  const alphas = Object.entries((config.alpha_pattern ?? {}) as Record<string, number>);
  if (!(dropout >= 0 && dropout < 1))
    throw fail(`${place} lora_dropout`, showValue(dropout), 'from 0 to less than 1');
  const options: Required<LoraOptions> = {
    ...{ rank, alpha, dropout, useRslora, targets: 'allLinear', bias: 'none', modulesToSave: [] },
  };
  return {
    options,
    /** How a layer of this rank is adapted. */
    of: (path: string, its: number) => {
      const own = alphas.find(([end]) => path === end || path.endsWith(`.${end}`))?.[1] ?? alpha;
      return { scaling: own / (useRslora ? Math.sqrt(its) : its), dropout };
    },
  };
}
