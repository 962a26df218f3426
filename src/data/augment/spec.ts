/**
 * Augmentations as data: transforms of torchvision by their names in camelCase, or the ranges of Keras' ImageDataGenerator.
 * Sources: https://docs.pytorch.org/vision/stable/transforms.html, https://keras.io/api/data_loading/image/.
 */
import { parseOptions } from '../../checks';
import { GradloomError, showValue, unknownName } from '../../errors';
import * as z from '../../schema';

/** What lies outside of an image, as Keras defines it: `aaaa|abcd|dddd`, a constant, `dcba|abcd|dcba`, `abcd|abcd|abcd`. */
export const FILL_MODES = ['nearest', 'constant', 'reflect', 'wrap'] as const;
export type FillMode = (typeof FILL_MODES)[number];

const p = (usual: number) => z.number().min(0).max(1).default(usual);
const oneOrList = z.union([z.number(), z.array(z.number()).min(1)]);
const pair = z.tuple([z.number(), z.number()]);
const size = z.union([z.int().min(1), z.tuple([z.int().min(1), z.int().min(1)])]);
/** A number d for [-d, d], or both ends. */
const around = z.union([z.number().min(0), pair]);
const fill = oneOrList.default(0);
const fillMode = (usual: FillMode) => z.enum(FILL_MODES).default(usual);
const interpolation = (usual: 'nearest' | 'bilinear') => z.enum(['nearest', 'bilinear']).default(usual);
const area = z.tuple([z.number().gt(0), z.number().gt(0)]);
const factor = z.union([z.number().min(0), z.tuple([z.number().min(0), z.number().min(0)])]).default(0);

/** Options of each transform, with the defaults of torchvision. */
export const AUGMENT_SCHEMAS = {
  randomHorizontalFlip: z.strictObject({ p: p(0.5) }),
  randomVerticalFlip: z.strictObject({ p: p(0.5) }),
  randomCrop: z.strictObject({
    size: size.optional(),
    padding: z.union([z.int().min(0), z.array(z.int().min(0)).min(2)]).default(0),
    fill,
    fillMode: fillMode('constant'),
  }),
  randomResizedCrop: z.strictObject({
    size: size.optional(),
    scale: area.default([0.08, 1]),
    ratio: area.default([3 / 4, 4 / 3]),
    interpolation: interpolation('bilinear'),
  }),
  randomRotation: z.strictObject({
    degrees: around,
    p: p(1),
    interpolation: interpolation('nearest'),
    fill,
    fillMode: fillMode('constant'),
  }),
  randomAffine: z.strictObject({
    degrees: around.default(0),
    translate: z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]).optional(),
    scale: area.optional(),
    shear: z.union([z.number().min(0), z.array(z.number()).min(2)]).optional(),
    p: p(1),
    interpolation: interpolation('nearest'),
    fill,
    fillMode: fillMode('constant'),
  }),
  ranges: z.strictObject({
    rotationRange: z.number().min(0).default(0),
    widthShiftRange: z.number().min(0).default(0),
    heightShiftRange: z.number().min(0).default(0),
    shearRange: z.number().min(0).default(0),
    zoomRange: z.union([z.number().min(0).lt(1), area]).default(0),
    brightnessRange: z.tuple([z.number().min(0), z.number().min(0)]).optional(),
    horizontalFlip: z.boolean().default(false),
    verticalFlip: z.boolean().default(false),
    fillMode: fillMode('nearest'),
    cval: z.number().default(0),
  }),
  colorJitter: z.strictObject({
    brightness: factor,
    contrast: factor,
    saturation: factor,
    hue: z.union([z.number().min(0).max(0.5), pair]).default(0),
    p: p(1),
  }),
  gaussianNoise: z.strictObject({
    mean: z.number().default(0),
    sigma: z.number().min(0).default(0.1),
    clip: z.boolean().default(true),
    p: p(1),
  }),
  randomErasing: z.strictObject({
    p: p(0.5),
    scale: area.default([0.02, 0.33]),
    ratio: area.default([0.3, 3.3]),
    value: z.union([oneOrList, z.literal('random')]).default(0),
  }),
  normalize: z.strictObject({ mean: oneOrList, std: oneOrList }),
  mixup: z.strictObject({ alpha: z.number().gt(0).default(1), p: p(1) }),
  cutmix: z.strictObject({ alpha: z.number().gt(0).default(1), p: p(1) }),
} as const;

export type AugmentType = keyof typeof AUGMENT_SCHEMAS;

/** One transform with its options: `{ type: 'randomCrop', padding: 4 }`. */
export type AugmentStep = {
  [T in AugmentType]: { type: T } & z.input<(typeof AUGMENT_SCHEMAS)[T]>;
}[AugmentType];

/** The ranges of Keras' ImageDataGenerator, as one transform and two flips. */
export type AugmentRanges = z.input<(typeof AUGMENT_SCHEMAS)['ranges']>;

/** Transforms in the order in which they act, one alone, or ranges as Keras has them. */
export type AugmentSpec = readonly AugmentStep[] | AugmentStep | AugmentRanges;

/** A transform whose options are filled in. */
export type ParsedStep = {
  [T in AugmentType]: { type: T } & z.output<(typeof AUGMENT_SCHEMAS)[T]>;
}[AugmentType];

/**
 * The transforms of a spec with all their options.
 * @throws GradloomError `argument` naming the transform and the option that is unknown or wrong.
 */
export function parseAugment(spec: AugmentSpec): ParsedStep[] {
  if (typeof spec !== 'object' || spec === null) {
    throw new GradloomError({
      code: 'argument',
      op: 'augment',
      argument: 'augment',
      got: showValue(spec),
      expected: 'a list of transforms, or ranges as in Keras',
      fix: "For example [{ type: 'randomHorizontalFlip' }]",
    });
  }
  const list: unknown[] = Array.isArray(spec) ? spec : ['type' in spec ? spec : { type: 'ranges', ...spec }];
  return list.map((step, i) => parseStep(step, i));
}

function parseStep(given: unknown, index: number): ParsedStep {
  const step = typeof given === 'string' ? { type: given } : given;
  if (typeof step !== 'object' || step === null || Array.isArray(step)) {
    const expected = "a transform, such as { type: 'randomCrop', padding: 4 }";
    const [argument, got] = [`augment[${index}]`, showValue(step)];
    throw new GradloomError({ code: 'argument', op: 'augment', argument, got, expected });
  }
  const { type, ...options } = step as { type?: string };
  if (typeof type !== 'string' || !Object.hasOwn(AUGMENT_SCHEMAS, type)) {
    throw unknownName('augment', `augment[${index}].type`, type, Object.keys(AUGMENT_SCHEMAS));
  }
  const schema = AUGMENT_SCHEMAS[type as AugmentType];
  return { type, ...parseOptions(type, schema, options) } as ParsedStep;
}
