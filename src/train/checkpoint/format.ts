/**
 * Checkpoint files: safetensors whose tensors are the weights by PyTorch's names, and in sections behind `@` all else that
 * has values: `@optimizer/loss/conv1.weight/exp_avg`, `@gradients/conv1.weight`, `@others/0`, `@ema/conv1.weight`. Counters,
 * positions, options and history are JSON in the metadata `gradloom`.
 */
import { GradloomError } from '../../errors';
import { readSafetensors, writeSafetensors } from '../../io/safetensors';
import type { HostTensor, StateDict } from '../../io/state-dict';
import { parseStrictly } from '../../io/strict-json';
import * as z from '../../schema';
import { VERSION } from '../../version';
import type { SectionState, TrainerState } from './state';

/** Number of the format; files of later ones are refused. */
const FORMAT = 1;

/** Numbers that JSON has no word for. */
const SPECIAL = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

const count = z.int().min(0);
const number = z
  .union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .transform((value) => (typeof value === 'string' ? SPECIAL[value as keyof typeof SPECIAL] : value));
const data = z.strictObject({ name: z.string(), length: count, hash: count });
const stepMetrics = z.strictObject({
  loss: number,
  correct: number,
  total: number,
  gradNorm: number,
  learningRate: number.optional(),
  samples: count.optional(),
});
const epoch = z.strictObject({
  epoch: count,
  loss: number,
  accuracy: number.optional(),
  validationLoss: number.optional(),
  validationAccuracy: number.optional(),
  validationMetrics: z
    .record(z.string(), z.union([number, z.array(number), z.array(z.array(number))]))
    .optional(),
  seconds: number,
});

const header = z.strictObject({
  format: count,
  library: z.string(),
  seed: count,
  runs: count,
  updates: count,
  optimizers: z.record(
    z.string(),
    z.strictObject({
      type: z.string(),
      cohorts: z.array(
        z.strictObject({
          parameters: z.array(z.string()),
          updates: count,
          memory: z.array(z.record(z.string(), number)),
          arena: count,
          averaged: count.optional(),
        }),
      ),
    }),
  ),
  trainer: z
    .strictObject({
      seed: count,
      epochsStarted: count,
      rateFactor: z.number().gt(0).max(1).optional(),
      fit: z
        .strictObject({
          epoch: count,
          step: count,
          order: count.optional(),
          before: count.optional(),
          base: z.strictObject({ step: count, sample: count }).optional(),
          averages: z.record(z.string(), number),
          undelivered: z.array(stepMetrics),
          epochs: z.array(epoch),
          settings: z.strictObject({
            batchSize: count,
            stepsPerEpoch: count.optional(),
            shuffle: z.boolean(),
            wraps: z.boolean(),
          }),
          data,
        })
        .optional(),
      steps: z.strictObject({ start: count, data }).optional(),
      options: z.record(z.string(), z.any()),
    })
    .optional(),
  sections: z.record(z.string(), z.any()),
});

export type CheckpointHeader = z.output<typeof header>;

/** The bytes of a checkpoint file. */
export function encodeCheckpoint(state: TrainerState): Uint8Array<ArrayBuffer> {
  const { step, sections, model, ...trainer } = state;
  const tensors: [string, HostTensor][] = Object.entries(step.variables);
  const add = (section: string, found: StateDict) => {
    for (const [name, tensor] of Object.entries(found)) tensors.push([`@${section}/${name}`, tensor]);
  };
  add('gradients', step.gradients);
  add('others', step.others);
  for (const [name, { state: values }] of Object.entries(step.optimizers)) add(`optimizer/${name}`, values);
  for (const [name, { tensors: values }] of Object.entries(sections))
    if (values) add(`section/${name}`, values);
  const described = {
    format: FORMAT,
    library: VERSION,
    seed: step.seed,
    runs: step.runs,
    updates: step.updates,
    optimizers: mapValues(step.optimizers, ({ type, cohorts }) => ({ type, cohorts })),
    trainer: { ...trainer },
    sections: mapValues(sections, ({ values = null }) => values),
  };
  const metadata: Record<string, string> = { format: 'pt', gradloom: stringify(described) };
  if (model !== undefined) metadata.model = JSON.stringify(model);
  return writeSafetensors(Object.fromEntries(tensors), metadata);
}

/**
 * Reads a checkpoint file of any origin.
 * @param name shown in errors
 * @throws GradloomError `data` for what is no sound checkpoint
 */
export function decodeCheckpoint(bytes: Uint8Array, name = 'checkpoint'): TrainerState {
  const refuse = (got: string, expected: string) =>
    new GradloomError({ code: 'data', op: 'checkpoint', argument: name, got, expected });
  const { tensors, metadata } = readSafetensors(bytes, name, ['F32']);
  if (metadata.gradloom === undefined) {
    throw refuse('a file of weights alone', 'a checkpoint, as Trainer.checkpoint makes it');
  }
  const json = parseStrictly(metadata.gradloom, (got) =>
    refuse(`a file whose metadata "gradloom" ${got}`, 'JSON'),
  );
  const format = (json as { format?: unknown } | null)?.format;
  if (typeof format === 'number' && format > FORMAT) {
    throw refuse(`of format ${format}`, `a format up to ${FORMAT}, which this version of Gradloom knows`);
  }
  const parsed = header.safeParse(json);
  if (!parsed.success) {
    const { path, message } = parsed.issue;
    throw refuse(
      `a file whose metadata "gradloom" is damaged (${[...path].join('.')}: ${message})`,
      'a checkpoint',
    );
  }
  const { trainer, optimizers, sections, seed, runs, updates } = parsed.data as CheckpointHeader;
  const parts = sectionsOf(tensors, refuse);
  const take = (section: string): StateDict => {
    const found = parts.get(section) ?? {};
    parts.delete(section);
    return found;
  };
  const step = {
    seed,
    runs,
    updates,
    variables: take(''),
    gradients: take('gradients'),
    others: take('others'),
    optimizers: mapValues(optimizers, (progress, key) => ({ ...progress, state: take(`optimizer/${key}`) })),
  };
  const kept = mapValues(sections as Record<string, unknown>, (values, key): SectionState => {
    const own = take(`section/${key}`);
    return {
      ...(values === null ? {} : { values }),
      ...(Object.keys(own).length > 0 ? { tensors: own } : {}),
    };
  });
  const [unknown] = parts.keys();
  if (unknown !== undefined) throw refuse(`a file with tensors in @${unknown}`, 'those of its header alone');
  const { options = {}, ...rest } = trainer ?? { seed, epochsStarted: 0 };
  const model =
    metadata.model === undefined
      ? {}
      : {
          model: parseStrictly(metadata.model, () =>
            refuse('a file whose metadata "model" is no JSON', 'JSON'),
          ),
        };
  return { step, sections: kept, options, ...rest, ...model } as TrainerState;
}

/** The tensors by section; the weights are in none. */
function sectionsOf(
  tensors: StateDict,
  refuse: (got: string, expected: string) => Error,
): Map<string, StateDict> {
  const entries = new Map<string, [string, HostTensor][]>();
  for (const [key, tensor] of Object.entries(tensors)) {
    const depth = /^@(optimizer|section)\//.test(key) ? 2 : key.startsWith('@') ? 1 : 0;
    const parts = key.split('/');
    if (depth > 0 && parts.length <= depth)
      throw refuse(`a file with a tensor ${JSON.stringify(key)}`, 'a name behind its section');
    const section = depth === 0 ? '' : parts.slice(0, depth).join('/').slice(1);
    const name = depth === 0 ? key : parts.slice(depth).join('/');
    entries.set(section, [...(entries.get(section) ?? []), [name, tensor]]);
  }
  return new Map([...entries].map(([section, list]) => [section, Object.fromEntries(list)]));
}

function mapValues<T, R>(
  record: Record<string, T>,
  convert: (value: T, key: string) => R,
): Record<string, R> {
  // fromEntries makes own properties of names such as `__proto__` too.
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, convert(value, key)]));
}

const stringify = (value: unknown) =>
  JSON.stringify(value, (_, item) =>
    typeof item === 'number' && !Number.isFinite(item) ? String(item) : item,
  );
