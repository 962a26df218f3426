/**
 * What a playground is: model, data and training as plain JSON. The same object is a preset, the property `state` of the
 * element, and what a link holds; everything that comes from outside is read by `readState`.
 */
import { GradloomError } from '../errors';
import { optimizerOptions } from '../optim';
import * as z from '../schema';
import { checkSpecSize } from '../spec/limits';

const whole = (low: number, high: number) => z.int().min(low).max(high);
const share = z.number().min(0.05).max(0.9);
const text = z
  .string()
  .refine((value) => value.length <= MOST_TEXT, `expected at most ${200_000} characters`);
const MOST_TEXT = 200_000;
const seed = whole(0, 2 ** 32 - 1);

/** Two-dimensional sets that are made, drawn or computed. */
export const PLANE_SHAPES = ['circles', 'xor', 'gauss', 'spiral', 'moons', 'points', 'function'] as const;
export type PlaneShape = (typeof PLANE_SHAPES)[number];

/** How a data set is made, by `kind`. */
const RECIPES = {
  digits: z.strictObject({
    kind: z.literal('digits'),
    train: whole(10, 10_000).default(2000),
    test: whole(10, 2000).default(300),
    seed: seed.default(0),
    /** `reconstruct`: the target is the input, for autoencoders. */
    task: z.enum(['classify', 'reconstruct']).default('classify'),
  }),
  plane: z.strictObject({
    kind: z.literal('plane'),
    shape: z.enum(PLANE_SHAPES).default('circles'),
    samples: whole(10, 5000).default(400),
    /** Standard deviation of what is added to the points, in units of a tenth of the plane. */
    noise: z.number().min(0).max(5).default(1),
    /** Fraction of the samples that is kept for testing. */
    split: share.default(0.3),
    seed: seed.default(0),
    /** `[x, y, class]`, both coordinates from -1 to 1, for `points`. */
    points: z.array(z.tuple([z.number(), z.number(), whole(0, 9)])).default([]),
    /** Of x and y, for `function`. */
    expression: z.string().default('sin(3*x) * cos(3*y)'),
  }),
  series: z.strictObject({
    kind: z.literal('series'),
    shape: z.enum(['sine', 'logistic', 'mackeyGlass']).default('sine'),
    length: whole(50, 5000).default(400),
    window: whole(2, 128).default(16),
    split: share.default(0.25),
  }),
  names: z.strictObject({ kind: z.literal('names'), split: share.default(0.2), seed: seed.default(0) }),
  text: z.strictObject({
    kind: z.literal('text'),
    /** Trained on; absent: sentences that are made. */
    text: text.optional(),
    blockSize: whole(2, 256).default(32),
    split: share.default(0.1),
  }),
  csv: z.strictObject({
    kind: z.literal('csv'),
    text,
    name: z.string().default('table.csv'),
    label: z.string().optional(),
    split: share.default(0.2),
    seed: seed.default(0),
  }),
  images: z.strictObject({
    kind: z.literal('images'),
    /** Pixels of a side. */
    size: whole(8, 64).default(28),
    channels: z.literal([1, 3]).default(1),
    /** Names, and base64 of the bytes of all images of a class, each `[channels, size, size]`. */
    classes: z.array(z.strictObject({ name: z.string(), bytes: z.string() })).min(2),
    split: share.default(0.2),
    seed: seed.default(0),
  }),
};
type Recipes = typeof RECIPES;
export type DataKind = keyof Recipes;
export type DataRecipe = { [K in DataKind]: z.output<Recipes[K]> & { kind: K } }[DataKind];
export const DATA_KINDS = Object.keys(RECIPES) as DataKind[];

const trainingSchema = z.strictObject({
  loss: z.enum(['crossEntropy', 'mseLoss', 'l1Loss', 'smoothL1Loss']).default('crossEntropy'),
  optimizer: z.string().default('adam'),
  lr: z.number().min(0).max(10).default(0.003),
  momentum: z.number().min(0).max(1).default(0.9),
  weightDecay: z.number().min(0).max(1).default(0),
  /** Largest norm of the gradients; 0: not clipped. */
  clip: z.number().min(0).max(1000).default(0),
  schedule: z.enum(['constant', 'cosine', 'step', 'warmup']).default('constant'),
  /** Epochs of the schedule, and after which training is done. */
  epochs: whole(1, 100_000).default(20),
  batchSize: whole(1, 4096).default(32),
  seed: seed.default(0),
});
export type TrainingSettings = z.output<typeof trainingSchema>;

/** Optimizers that a playground offers: those with no more than a rate, a momentum and a decay to set. */
export const OPTIMIZERS = [
  'sgd',
  'adam',
  'adamW',
  'rmsprop',
  'adagrad',
  'adadelta',
  'nadam',
  'radam',
  'lion',
] as const;

/** What a teacher's link says and takes away. */
const lessonSchema = z.strictObject({
  /** Stands beside the controls. */
  text: z
    .string()
    .refine((value) => value.length <= 4000, 'expected at most 4000 characters')
    .optional(),
  /** Panels and controls that are not shown. */
  hide: z.array(z.string()).default([]),
  /** Panels and controls that are shown but cannot be changed. */
  lock: z.array(z.string()).default([]),
});
export type Lesson = z.output<typeof lessonSchema>;

export interface PlaygroundState {
  version: 1;
  /** The preset that this began as. */
  preset?: string;
  /** A spec of `gradloom/spec`. */
  model: unknown;
  data: DataRecipe;
  training: TrainingSettings;
  lesson?: Lesson;
}

const fail = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'spec', op: 'playground', argument, got, expected });

function read<T>(argument: string, schema: z.Schema<T, any>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { path, message } = result.issue;
  throw fail([argument, ...path].join('.'), message, 'what the playground saves');
}

/** @throws GradloomError `spec` naming the field. */
export function readData(value: unknown): DataRecipe {
  const kind = (value as { kind?: unknown } | null)?.kind;
  if (typeof kind !== 'string' || !Object.hasOwn(RECIPES, kind))
    throw fail('data.kind', JSON.stringify(kind) ?? 'nothing', DATA_KINDS.join(', '));
  return read('data', RECIPES[kind as DataKind] as unknown as z.Schema<DataRecipe>, value);
}

/** @throws GradloomError `spec` naming the field. */
export function readTraining(value: unknown): TrainingSettings {
  const training = read('training', trainingSchema, value);
  if (!Object.hasOwn(optimizerOptions, training.optimizer))
    throw fail('training.optimizer', JSON.stringify(training.optimizer), OPTIMIZERS.join(', '));
  return training;
}

/** A state from anywhere, with defaults filled in. @throws GradloomError `spec` naming the field. */
export function readState(value: unknown): PlaygroundState {
  const { version, preset, model, data, training, lesson, ...rest } = (value ?? {}) as Record<
    string,
    unknown
  >;
  if (version !== 1) throw fail('version', JSON.stringify(version) ?? 'nothing', '1');
  const [unknown] = Object.keys(rest);
  if (unknown) throw fail(unknown.slice(0, 40), 'a field that does not exist', 'model, data, training');
  if (preset !== undefined && typeof preset !== 'string') throw fail('preset', typeof preset, 'a name');
  checkSpecSize(model);
  return {
    ...{ version, preset, model, data: readData(data), training: readTraining(training ?? {}) },
    ...(lesson !== undefined && { lesson: read('lesson', lessonSchema, lesson) }),
  };
}
