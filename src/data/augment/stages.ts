/** Augmentations for images of one size: every range in pixels and radians, every order that cannot be done refused. */
import { GradloomError, showValue } from '../../errors';
import { type AugmentSpec, type FillMode, type ParsedStep, parseAugment } from './spec';

type Range = readonly [number, number];

/** What all geometric stages have: sizes before and after, and what lies outside. */
interface Geometry {
  inHeight: number;
  inWidth: number;
  outHeight: number;
  outWidth: number;
  fillMode: FillMode;
  /** One value per channel. */
  fill: readonly number[];
  bilinear: boolean;
}

/** Moves pixels: its random numbers make a map from places after it to places before it. */
export type GeometricStage = Geometry &
  (
    | { kind: 'horizontalFlip' | 'verticalFlip'; p: number }
    /** The window starts at a whole number of pixels drawn from `rows` and `columns` many, less `top` and `left`. */
    | { kind: 'crop'; top: number; left: number; rows: number; columns: number }
    | { kind: 'resizedCrop'; scale: Range; logRatio: Range; centerHeight: number; centerWidth: number }
    /** torchvision's affine map about the center: angles in radians, clockwise; whole pixels of translation. */
    | {
        kind: 'affine';
        p: number;
        angle: Range;
        translate: readonly [x: number, y: number];
        scale: Range;
        shearX: Range;
        shearY: Range;
      }
    /** Keras' affine map about the center. Shifts of `wholeRows` and `wholeColumns` are whole numbers below the range. */
    | {
        kind: 'ranges';
        rotation: number;
        shiftRows: number;
        shiftColumns: number;
        wholeRows: boolean;
        wholeColumns: boolean;
        shear: number;
        zoom: Range;
      }
  );

/** Changes each pixel where it is. */
export type PointwiseStage =
  | { kind: 'color'; p: number; brightness?: Range; contrast?: Range; saturation?: Range; hue?: Range }
  | { kind: 'noise'; p: number; mean: number; sigma: number; clip: boolean }
  | { kind: 'erase'; p: number; scale: Range; logRatio: Range; value: readonly number[] | 'random' }
  | { kind: 'normalize'; mean: readonly number[]; std: readonly number[] };

/** Mixes each sample with another one. */
export interface MixStage {
  kind: 'mixup' | 'cutmix';
  alpha: number;
  p: number;
}

/** Channels, height and width of a sample; samples that are no images have neither height nor width. */
export interface ImageSize {
  channels: number;
  height: number;
  width: number;
  isImage: boolean;
}

export interface AugmentStages {
  input: ImageSize;
  output: ImageSize;
  geometric: GeometricStage[];
  pointwise: PointwiseStage[];
  /** At most one of each kind; where both are here, each sample takes one of them evenly. */
  mix: MixStage[];
  /** The transform that takes values for fractions of full intensity and clips to 0..1. */
  clips?: string;
}

const refuse = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'augment', argument, got, expected, fix });

/** What a sample of this shape is: `[channels, height, width]`, `[height, width]`, or a row of values. */
export function imageSizeOf(shape: readonly number[]): ImageSize {
  if (shape.length === 3) return { channels: shape[0], height: shape[1], width: shape[2], isImage: true };
  if (shape.length === 2) return { channels: 1, height: shape[0], width: shape[1], isImage: true };
  const size = shape.reduce((product, n) => product * n, 1);
  return { channels: shape[0] ?? 1, height: 1, width: size / (shape[0] ?? 1), isImage: false };
}

/**
 * The stages of a spec for samples of a shape.
 * @throws GradloomError `argument` for what these samples, or this order of transforms, do not allow.
 */
export function augmentStages(spec: AugmentSpec, shape: readonly number[]): AugmentStages {
  const input = imageSizeOf(shape);
  const stages: AugmentStages = { input, output: input, geometric: [], pointwise: [], mix: [] };
  for (const step of parseAugment(spec)) addStep(stages, step);
  return stages;
}

function addStep(stages: AugmentStages, step: ParsedStep): void {
  const { type } = step;
  if (type === 'mixup' || type === 'cutmix') {
    if (type === 'cutmix') checkImage(type, stages.input);
    if (stages.mix.some(({ kind }) => kind === type)) throw refuse(type, 'twice', 'once');
    stages.mix.push({ kind: type, alpha: step.alpha, p: step.p });
    return;
  }
  if (stages.mix.length > 0) throw orderError(type, stages.mix[0].kind);
  if (type === 'colorJitter') addColor(stages, step);
  else if (type === 'gaussianNoise') {
    const { mean, sigma, clip, p } = step;
    if (clip) stages.clips ??= type;
    stages.pointwise.push({ kind: 'noise', mean, sigma, clip, p });
  } else if (type === 'randomErasing') {
    checkImage(type, stages.input);
    const { p, scale, ratio, value } = step;
    stages.pointwise.push({
      kind: 'erase',
      p,
      scale: ordered(type, 'scale', scale, 1),
      logRatio: logs(type, ratio),
      value: value === 'random' ? value : perChannel(type, 'value', value, stages.input),
    });
  } else if (type === 'normalize') {
    const [mean, std] = (['mean', 'std'] as const).map((name) =>
      perChannel(type, name, step[name], stages.input),
    );
    if (std.some((value) => value <= 0)) throw refuse(`${type}.std`, showValue(step.std), 'above 0');
    stages.pointwise.push({ kind: 'normalize', mean, std });
  } else addGeometry(stages, step);
}

type Ranges = Extract<ParsedStep, { type: 'ranges' }>;
type ColorJitter = Extract<ParsedStep, { type: 'colorJitter' }>;
type Geometric = Exclude<
  ParsedStep,
  { type: 'mixup' | 'cutmix' | 'colorJitter' | 'gaussianNoise' | 'randomErasing' | 'normalize' }
>;

function addColor(stages: AugmentStages, step: Omit<ColorJitter, 'type'>): void {
  const type = 'colorJitter';
  checkImage(type, stages.input);
  const { channels } = stages.input;
  if (channels !== 1 && channels !== 3) {
    throw refuse(
      type,
      `images of ${channels} channels`,
      'gray images or red, green and blue: 1 or 3 channels',
    );
  }
  const { brightness, contrast, saturation, hue, p } = step;
  const around = (name: string, value: number | Range, center: number): Range | undefined => {
    const given: Range =
      typeof value === 'number'
        ? [Math.max(center - value, center === 1 ? 0 : -value), center + value]
        : value;
    const range = ordered(type, name, given, name === 'hue' ? 0.5 : Number.POSITIVE_INFINITY);
    if (name === 'hue' && range[0] < -0.5) throw refuse(`${type}.hue`, showValue(value), '-0.5 to 0.5');
    return range[0] === center && range[1] === center ? undefined : range;
  };
  const color = {
    kind: 'color',
    p,
    brightness: around('brightness', brightness, 1),
    contrast: around('contrast', contrast, 1),
    saturation: around('saturation', saturation, 1),
    hue: around('hue', hue, 0),
  } as const;
  const isSecond = stages.pointwise.some((stage) => stage.kind === 'color' && stage.contrast);
  if (isSecond && color.contrast) throw refuse(`${type}.contrast`, 'in two transforms', 'it once');
  stages.clips ??= type;
  stages.pointwise.push(color);
}

function addGeometry(stages: AugmentStages, step: Geometric): void {
  const { type } = step;
  checkImage(type, stages.input);
  if (stages.pointwise.length > 0) throw orderError(type, stages.pointwise[0].kind);
  if (type === 'ranges') addRanges(stages, step);
  else addTransform(stages, step);
}

function addTransform(stages: AugmentStages, step: Exclude<Geometric, Ranges>): void {
  const { type } = step;
  const before = stages.output;
  const common = geometryOf(type, stages, step as GeometryOptions);
  const { geometric } = stages;
  if (type === 'randomHorizontalFlip') geometric.push({ ...common, kind: 'horizontalFlip', p: step.p });
  else if (type === 'randomVerticalFlip') geometric.push({ ...common, kind: 'verticalFlip', p: step.p });
  else if (type === 'randomCrop') {
    const [left, top, right, bottom] = paddingOf(step.padding);
    const [outHeight, outWidth] = sizeOf(step.size, before);
    const rows = before.height + top + bottom - outHeight + 1;
    const columns = before.width + left + right - outWidth + 1;
    if (rows < 1 || columns < 1) {
      const padded = `${before.height + top + bottom}x${before.width + left + right}`;
      const got = `${outHeight}x${outWidth} of images that are ${padded} with their padding`;
      throw refuse(`${type}.size`, got, 'no more than that', 'Raise padding, or choose a smaller size');
    }
    geometric.push({ ...common, outHeight, outWidth, kind: 'crop', top, left, rows, columns });
  } else if (type === 'randomResizedCrop') {
    const [outHeight, outWidth] = sizeOf(step.size, before);
    const [scale, logRatio] = [ordered(type, 'scale', step.scale, 1), logs(type, step.ratio)];
    // The window where none of ten fits: the largest in the middle whose ratio is allowed.
    const ratio = before.width / before.height;
    const [low, high] = logRatio.map(Math.exp);
    const centerHeight =
      ratio < low ? Math.min(before.height, Math.round(before.width / low)) : before.height;
    const centerWidth =
      ratio > high ? Math.min(before.width, Math.round(before.height * high)) : before.width;
    const window = { scale, logRatio, centerHeight, centerWidth };
    // Pixels beside the window are not seen: its edge is repeated, as resizing does.
    geometric.push({ ...common, ...window, fillMode: 'nearest', outHeight, outWidth, kind: 'resizedCrop' });
  } else if (type === 'randomRotation') {
    const [low, high] = aroundZero(type, 'degrees', step.degrees);
    // torchvision rotates counterclockwise here and clockwise in affine maps.
    const angle = [radians(-high), radians(-low)] as const;
    geometric.push({ ...common, ...STILL, kind: 'affine', p: step.p, angle });
  } else {
    const angle = aroundZero(type, 'degrees', step.degrees).map(radians) as unknown as Range;
    const [x, y] = step.translate ?? [0, 0];
    const { shear = 0 } = step;
    if (Array.isArray(shear) && shear.length !== 2 && shear.length !== 4) {
      throw refuse(`${type}.shear`, showValue(shear), 'a number, or 2 or 4 of them');
    }
    const list = typeof shear === 'number' ? [-shear, shear] : shear;
    const [x0, x1, y0 = 0, y1 = 0] = list.map(radians);
    geometric.push({
      ...common,
      kind: 'affine',
      p: step.p,
      angle,
      translate: [x * before.width, y * before.height],
      scale: ordered(type, 'scale', step.scale ?? [1, 1], Number.POSITIVE_INFINITY),
      shearX: ordered(type, 'shear', [x0, x1], Number.POSITIVE_INFINITY),
      shearY: ordered(type, 'shear', [y0, y1], Number.POSITIVE_INFINITY),
    });
  }
  const { outHeight, outWidth } = geometric.at(-1)!;
  stages.output = { ...before, height: outHeight, width: outWidth };
}

const STILL = { translate: [0, 0], scale: [1, 1], shearX: [0, 0], shearY: [0, 0] } as const;

/** Keras' order: the affine map, then flips, then brightness. */
function addRanges(stages: AugmentStages, step: Ranges): void {
  const { height, width } = stages.output;
  const { rotationRange, heightShiftRange: rows, widthShiftRange: columns, zoomRange } = step;
  const zoom: Range =
    typeof zoomRange === 'number'
      ? [1 - zoomRange, 1 + zoomRange]
      : ordered('ranges', 'zoomRange', zoomRange);
  const common = geometryOf('ranges', stages, { fillMode: step.fillMode, fill: step.cval });
  stages.geometric.push({
    ...common,
    bilinear: true,
    kind: 'ranges',
    rotation: radians(rotationRange),
    shiftRows: rows < 1 ? rows * height : rows,
    shiftColumns: columns < 1 ? columns * width : columns,
    wholeRows: rows >= 1 && Number.isInteger(rows),
    wholeColumns: columns >= 1 && Number.isInteger(columns),
    shear: radians(step.shearRange),
    zoom,
  });
  if (step.horizontalFlip) stages.geometric.push({ ...common, kind: 'horizontalFlip', p: 0.5 });
  if (step.verticalFlip) stages.geometric.push({ ...common, kind: 'verticalFlip', p: 0.5 });
  const { brightnessRange: brightness } = step;
  if (brightness) addColor(stages, { brightness, contrast: 0, saturation: 0, hue: 0, p: 1 });
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Options that several transforms have. */
interface GeometryOptions {
  fill?: number | number[];
  fillMode?: FillMode;
  interpolation?: string;
}

function geometryOf(type: string, { output, input }: AugmentStages, step: GeometryOptions): Geometry {
  return {
    inHeight: output.height,
    inWidth: output.width,
    outHeight: output.height,
    outWidth: output.width,
    fillMode: step.fillMode ?? 'constant',
    fill: perChannel(type, 'fill', step.fill ?? 0, input),
    bilinear: step.interpolation === 'bilinear',
  };
}

function checkImage(type: string, { isImage }: ImageSize): void {
  if (isImage) return;
  const fix = 'mixup, gaussianNoise and normalize take samples of any shape';
  throw refuse(type, 'samples that are no images', 'samples [channels, height, width]', fix);
}

const KIND_NAMES = { color: 'colorJitter', noise: 'gaussianNoise', erase: 'randomErasing' } as Record<
  string,
  string
>;

function orderError(type: string, after: string): GradloomError {
  const other = KIND_NAMES[after] ?? after;
  const expected =
    after === 'mixup' || after === 'cutmix'
      ? 'transforms of one sample before those that mix two'
      : 'transforms that move pixels before those that change their values';
  return refuse(type, `after ${other}`, expected, `Put ${type} before ${other}`);
}

function perChannel(type: string, name: string, value: number | number[], { channels }: ImageSize): number[] {
  if (typeof value === 'number') return new Array<number>(channels).fill(value);
  if (value.length === 1) return new Array<number>(channels).fill(value[0]);
  if (value.length === channels) return value;
  throw refuse(`${type}.${name}`, `${value.length} numbers`, `1 or ${channels}, one per channel`);
}

function ordered(type: string, name: string, [low, high]: Range, most = Number.POSITIVE_INFINITY): Range {
  if (low <= high && high <= most) return [low, high];
  const limit = Number.isFinite(most) ? `, at most ${most}` : '';
  throw refuse(`${type}.${name}`, `[${low}, ${high}]`, `the smaller number first${limit}`);
}

const logs = (type: string, ratio: Range): Range =>
  ordered(type, 'ratio', ratio).map(Math.log) as unknown as Range;

const aroundZero = (type: string, name: string, value: number | Range): Range =>
  typeof value === 'number' ? [-value, value] : ordered(type, name, value);

const sizeOf = (size: number | readonly [number, number] | undefined, { height, width }: ImageSize): Range =>
  size === undefined ? [height, width] : typeof size === 'number' ? [size, size] : size;

/** Left, top, right and bottom, as torchvision takes them: one for all, or [left and right, top and bottom], or all four. */
function paddingOf(padding: number | number[]): number[] {
  if (typeof padding === 'number') return [padding, padding, padding, padding];
  if (padding.length === 2) return [padding[0], padding[1], padding[0], padding[1]];
  if (padding.length === 4) return padding;
  throw refuse('randomCrop.padding', showValue(padding), 'a number, or 2 or 4 of them');
}
