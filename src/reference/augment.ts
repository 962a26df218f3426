/**
 * Augmentation in float64, image by image and stage by stage: the words of Philox as the kernels draw them, the maps from
 * pixels after a stage to pixels before it, and the pixels.
 */
import type { AugmentStages, GeometricStage, PointwiseStage } from '../data/augment/stages';
import { philox4x32 } from '../random';

/** Samples, with values from 0 to 1 as a rule, channels first. */
export interface ReferenceSamples {
  /** `count * channels * height * width` values. */
  x: ArrayLike<number>;
  /** Rows of targets. */
  y: readonly (readonly number[])[];
  seed: number;
  epoch: number;
  /** The samples of the batch by their numbers. */
  indices: readonly number[];
  /** Number of classes where targets are class indices that mixing makes probabilities of. */
  classes?: number;
}

type Image = number[][][];

const STREAM_KEY = 0x41554730;
const MIX_STREAM = 255;
const SECOND = 256;
const PIXEL_DRAWS = 64;

/** The words of one image. */
class Draws {
  constructor(
    private readonly seed: number,
    private readonly epoch: number,
    private readonly sample: number,
    private readonly second: boolean,
  ) {}
  words(stage: number, index: number): [number, number, number, number] {
    const high = Math.floor(this.seed / 2 ** 32);
    const key = [this.seed >>> 0, (high ^ STREAM_KEY) >>> 0] as const;
    return philox4x32(key, [this.sample, this.epoch, stage + (this.second ? SECOND : 0), index]);
  }
}

const unit = (word: number) => Math.floor(word / 256) / 2 ** 24;
const between = (low: number, high: number, word: number) => low + (high - low) * unit(word);
const below = (n: number, word: number) => Math.floor((word / 2 ** 32) * n);
const clip = (value: number) => Math.min(Math.max(value, 0), 1);

/** Half goes to the even neighbour, as in Python and WGSL. */
function round(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.floor(x + 0.5);
  return low % 2 === 0 ? low : low + 1;
}

/** A batch behind the stages: inputs, and targets. */
export function augmentReference(
  stages: AugmentStages,
  samples: ReferenceSamples,
): { x: number[]; y: number[] } {
  const { height, width, channels } = stages.input;
  const size = channels * height * width;
  const count = samples.x.length / size;
  const read = (sample: number): Image =>
    Array.from({ length: channels }, (_, c) =>
      Array.from({ length: height }, (_, row) =>
        Array.from(
          { length: width },
          (_, column) => samples.x[sample * size + (c * height + row) * width + column],
        ),
      ),
    );
  const x: number[] = [];
  const y: number[] = [];
  const { seed, epoch } = samples;
  const targetOf = (sample: number) => {
    const { classes } = samples;
    const target = samples.y[sample];
    if (classes === undefined) return target;
    return Array.from({ length: classes }, (_, c) => Number(target[0] === c));
  };
  for (const sample of samples.indices) {
    const own = augmentImage(stages, read(sample), new Draws(seed, epoch, sample, false));
    if (stages.mix.length === 0) {
      x.push(...own.flat(2));
      y.push(...samples.y[sample]);
      continue;
    }
    const other = below(count, new Draws(seed, epoch, sample, false).words(MIX_STREAM, 0)[0]);
    const second = augmentImage(stages, read(other), new Draws(seed, epoch, sample, true));
    const { kept, inBox } = mixOf(stages, new Draws(seed, epoch, sample, false));
    own.forEach((plane, c) => {
      plane.forEach((line, row) => {
        line.forEach((value, column) => {
          const share = inBox ? Number(!inBox(row, column)) : kept;
          x.push(share * value + (1 - share) * second[c][row][column]);
        });
      });
    });
    const rest = targetOf(other);
    for (const [i, value] of targetOf(sample).entries()) y.push(kept * value + (1 - kept) * rest[i]);
  }
  return { x, y };
}

/** The share of a sample itself, and for cutmix the box of the other one. */
function mixOf({ mix, output }: AugmentStages, draws: Draws) {
  const [, chance, ...beta] = draws.words(MIX_STREAM, 0);
  const [choice, centerRow, centerColumn, sign] = draws.words(MIX_STREAM, 1);
  const cutmix = mix.find(({ kind }) => kind === 'cutmix');
  const mixup = mix.find(({ kind }) => kind === 'mixup');
  const chosen = cutmix && (!mixup || choice >= 2 ** 31) ? cutmix : mixup!;
  const power = (1 - unit(beta[0])) ** (-1 / chosen.alpha) - 1;
  const product = power * Math.cos(2 * Math.PI * unit(beta[1])) ** 2;
  const half = product > 0 ? 0.5 / Math.sqrt(1 + 1 / product) : 0;
  const share = 0.5 + (sign >= 2 ** 31 ? -half : half);
  const applies = unit(chance) < chosen.p;
  if (!applies) return { kept: 1 };
  if (chosen.kind === 'mixup') return { kept: share };
  const { height, width } = output;
  const reach = 0.5 * Math.sqrt(1 - share);
  const range = (center: number, size: number) => {
    const extent = Math.floor(reach * size);
    return [Math.max(center - extent, 0), Math.min(center + extent, size)];
  };
  const [top, bottom] = range(below(height, centerRow), height);
  const [left, right] = range(below(width, centerColumn), width);
  return {
    kept: 1 - ((bottom - top) * (right - left)) / (height * width),
    inBox: (row: number, column: number) => row >= top && row < bottom && column >= left && column < right,
  };
}

/** From a place after a stage to the place before it, the box of pixels that are there, and its fill. */
interface StageMap {
  stage: GeometricStage;
  back(row: number, column: number): [row: number, column: number];
  box: { top: number; left: number; bottom: number; right: number };
}

function augmentImage(stages: AugmentStages, stored: Image, draws: Draws): Image {
  const { geometric, pointwise, output } = stages;
  const maps = geometric.map((stage, i) => mapOf(stage, (index) => draws.words(i + 1, index)));
  let image = stored;
  if (maps.length > 0) {
    const isBilinear = geometric.some(({ bilinear }) => bilinear);
    image = stored.map((plane, c) =>
      Array.from({ length: output.height }, (_, row) =>
        Array.from({ length: output.width }, (_, column) => lookUp(plane, c, maps, row, column, isBilinear)),
      ),
    );
  }
  pointwise.forEach((stage, i) => {
    image = applyPointwise(stage, image, (index) => draws.words(geometric.length + i + 1, index));
  });
  return image;
}

/** One pixel through all maps, the last one first. */
function lookUp(
  plane: readonly (readonly number[])[],
  channel: number,
  maps: readonly StageMap[],
  row: number,
  column: number,
  isBilinear: boolean,
): number {
  let [y, x] = [row, column];
  for (let i = maps.length - 1; i >= 0; i--) {
    const { stage, back, box } = maps[i];
    const { fillMode, fill, kind } = stage;
    [y, x] = back(y, x);
    const margin = kind === 'ranges' ? 1e-3 : i === 0 ? 1 : 0.5;
    const isOutside =
      y < box.top - margin || y > box.bottom + margin || x < box.left - margin || x > box.right + margin;
    if (fillMode === 'constant' && isOutside) return fill[channel];
    if (i > 0 || fillMode === 'nearest') {
      y = bringInside(y, box.top, box.bottom, fillMode);
      x = bringInside(x, box.left, box.right, fillMode);
    }
    if (i > 0) continue;
    const tap = (r: number, c: number) => {
      const isTapOutside = r < box.top || r > box.bottom || c < box.left || c > box.right;
      if (fillMode === 'constant' && isTapOutside) return fill[channel];
      return plane[bringInside(r, box.top, box.bottom, fillMode)][
        bringInside(c, box.left, box.right, fillMode)
      ];
    };
    if (!isBilinear) return tap(Math.floor(y + 0.5), Math.floor(x + 0.5));
    const [y0, x0] = [Math.floor(y), Math.floor(x)];
    const [dy, dx] = [y - y0, x - x0];
    const upper = (1 - dx) * tap(y0, x0) + dx * tap(y0, x0 + 1);
    const lower = (1 - dx) * tap(y0 + 1, x0) + dx * tap(y0 + 1, x0 + 1);
    return (1 - dy) * upper + dy * lower;
  }
  throw new Error('no maps');
}

/** `aaaa|abcd|dddd`, `dcba|abcd|dcba` or `abcd|abcd|abcd`. */
function bringInside(at: number, low: number, high: number, mode: string): number {
  if (mode === 'nearest' || mode === 'constant') return Math.min(Math.max(at, low), high);
  const n = high - low + 1;
  const period = mode === 'wrap' ? n : 2 * n;
  // The edge of the first pixel lies half a pixel before its middle.
  const edge = at - low + 0.5;
  const rest = edge - period * Math.floor(edge / period);
  return low - 0.5 + (rest > n || (mode === 'reflect' && rest === n) ? period - rest : rest);
}

type Words = (index: number) => [number, number, number, number];

function mapOf(stage: GeometricStage, words: Words): StageMap {
  const { inHeight: height, inWidth: width } = stage;
  const box = { top: 0, left: 0, bottom: height - 1, right: width - 1 };
  const made = (back: StageMap['back'], within = box): StageMap => ({ stage, back, box: within });
  switch (stage.kind) {
    case 'horizontalFlip':
    case 'verticalFlip': {
      if (!(unit(words(0)[0]) < stage.p)) return made((row, column) => [row, column]);
      if (stage.kind === 'horizontalFlip') return made((row, column) => [row, width - 1 - column]);
      return made((row, column) => [height - 1 - row, column]);
    }
    case 'crop': {
      const [w0, w1] = words(0);
      const top = below(stage.rows, w0) - stage.top;
      const left = below(stage.columns, w1) - stage.left;
      return made((row, column) => [row + top, column + left]);
    }
    case 'resizedCrop': {
      const window = windowOf(stage, height, width, words, false) ?? {
        top: Math.floor((height - stage.centerHeight) / 2),
        left: Math.floor((width - stage.centerWidth) / 2),
        height: stage.centerHeight,
        width: stage.centerWidth,
      };
      const { top, left } = window;
      const [stepY, stepX] = [window.height / stage.outHeight, window.width / stage.outWidth];
      return made((row, column) => [top + (row + 0.5) * stepY - 0.5, left + (column + 0.5) * stepX - 0.5], {
        top,
        left,
        bottom: top + window.height - 1,
        right: left + window.width - 1,
      });
    }
    case 'affine': {
      const [w0, w1, w2, w3] = words(0);
      const [v0, v1, v2] = words(1);
      if (!(unit(w0) < stage.p)) return made((row, column) => [row, column]);
      const angle = between(...stage.angle, w1);
      const [limitX, limitY] = stage.translate;
      const [moveX, moveY] = [round(between(-limitX, limitX, w2)), round(between(-limitY, limitY, w3))];
      const scale = between(...stage.scale, v0);
      const [shearX, shearY] = [between(...stage.shearX, v1), between(...stage.shearY, v2)];
      // What torchvision composes: translation, then rotation and shear about the center, then scale.
      const a = Math.cos(angle - shearY) / Math.cos(shearY);
      const b = (-Math.cos(angle - shearY) * Math.tan(shearX)) / Math.cos(shearY) - Math.sin(angle);
      const c = Math.sin(angle - shearY) / Math.cos(shearY);
      const d = (-Math.sin(angle - shearY) * Math.tan(shearX)) / Math.cos(shearY) + Math.cos(angle);
      const determinant = a * d - b * c;
      const [midY, midX] = [(height - 1) / 2, (width - 1) / 2];
      return made((row, column) => {
        const [x, y] = [column - midX - moveX, row - midY - moveY];
        return [
          midY + (-c * x + a * y) / (determinant * scale),
          midX + (d * x - b * y) / (determinant * scale),
        ];
      });
    }
    case 'ranges': {
      const [w0, w1, w2, w3] = words(0);
      const [v0, v1, v2, v3] = words(1);
      const shift = (range: number, whole: boolean, word: number, sign: number) =>
        whole ? below(range, word) * (sign >= 2 ** 31 ? -1 : 1) : between(-range, range, word);
      const angle = between(-stage.rotation, stage.rotation, w0);
      const rows = shift(stage.shiftRows, stage.wholeRows, w1, v2);
      const columns = shift(stage.shiftColumns, stage.wholeColumns, w2, v3);
      const shear = between(-stage.shear, stage.shear, w3);
      const [zoomRows, zoomColumns] = [between(...stage.zoom, v0), between(...stage.zoom, v1)];
      const [midY, midX] = [(height - 1) / 2, (width - 1) / 2];
      // Keras multiplies rotation, shift, shear and zoom: zoom acts first on the place that is looked up.
      return made((row, column) => {
        let [y, x] = [(row - midY) * zoomRows, (column - midX) * zoomColumns];
        [y, x] = [y - Math.sin(shear) * x, Math.cos(shear) * x];
        [y, x] = [y + rows, x + columns];
        return [
          midY + Math.cos(angle) * y - Math.sin(angle) * x,
          midX + Math.sin(angle) * y + Math.cos(angle) * x,
        ];
      });
    }
  }
}

/** A window with a share of the area: its ratio is width / height for crops, height / width for erased boxes. */
function windowOf(
  { scale, logRatio }: { scale: readonly [number, number]; logRatio: readonly [number, number] },
  height: number,
  width: number,
  words: Words,
  isErased: boolean,
) {
  for (let attempt = 0; attempt < 10; attempt++) {
    const [w0, w1, w2, w3] = words(2 + attempt);
    const area = height * width * between(...scale, w0);
    const ratio = Math.exp(between(...logRatio, w1));
    const long = round(Math.sqrt(area * ratio));
    const short = round(Math.sqrt(area / ratio));
    const [h, w] = isErased ? [long, short] : [short, long];
    const fits = isErased ? h < height && w < width : h > 0 && w > 0 && h <= height && w <= width;
    if (fits) return { top: below(height - h + 1, w2), left: below(width - w + 1, w3), height: h, width: w };
  }
  return undefined;
}

function applyPointwise(stage: PointwiseStage, image: Image, words: Words): Image {
  const eachPixel = (change: (value: number, c: number, row: number, column: number) => number): Image =>
    image.map((plane, c) =>
      plane.map((line, row) => line.map((value, column) => change(value, c, row, column))),
    );
  const width = image[0][0].length;
  const positions = image[0].length * width;
  const noise = (c: number, row: number, column: number): number => {
    const group = image.length === 3 ? 0 : c * positions;
    const [w0, w1, w2, w3] = words(PIXEL_DRAWS + group + row * width + column);
    const radius = (word: number) => Math.sqrt(-2 * Math.log(1 - unit(word)));
    if (image.length !== 3 || c === 0) return radius(w0) * Math.cos(2 * Math.PI * unit(w1));
    if (c === 1) return radius(w0) * Math.sin(2 * Math.PI * unit(w1));
    return radius(w2) * Math.cos(2 * Math.PI * unit(w3));
  };
  switch (stage.kind) {
    case 'normalize':
      return eachPixel((value, c) => (value - stage.mean[c]) / stage.std[c]);
    case 'noise': {
      if (!(unit(words(0)[0]) < stage.p)) return image;
      const { mean, sigma } = stage;
      return eachPixel((value, c, row, column) => {
        const sum = value + mean + sigma * noise(c, row, column);
        return stage.clip ? clip(sum) : sum;
      });
    }
    case 'erase': {
      if (!(unit(words(0)[0]) < stage.p)) return image;
      const box = windowOf(stage, image[0].length, width, words, true);
      if (!box) return image;
      return eachPixel((value, c, row, column) => {
        const isInside =
          row >= box.top && row < box.top + box.height && column >= box.left && column < box.left + box.width;
        if (!isInside) return value;
        return stage.value === 'random' ? noise(c, row, column) : stage.value[c];
      });
    }
    case 'color':
      return recolor(stage, image, words);
  }
}

type ColorStage = Extract<PointwiseStage, { kind: 'color' }>;

function recolor(stage: ColorStage, given: Image, words: Words): Image {
  const [w0, ...factors] = words(0);
  const [hueWord, orderWord] = words(1);
  if (!(unit(w0) < stage.p)) return given;
  let image = given;
  const isColor = image.length === 3;
  const gray = (row: number, column: number) =>
    isColor
      ? 0.2989 * image[0][row][column] + 0.587 * image[1][row][column] + 0.114 * image[2][row][column]
      : image[0][row][column];
  const blend = (factor: number, other: (row: number, column: number) => number) =>
    image.map((plane) =>
      plane.map((line, row) =>
        line.map((value, column) => clip(factor * value + (1 - factor) * other(row, column))),
      ),
    );
  const adjustments: ((() => Image) | undefined)[] = [
    stage.brightness && (() => blend(between(...stage.brightness!, factors[0]), () => 0)),
    stage.contrast &&
      (() => {
        const all = image[0].flatMap((line, row) => line.map((_, column) => gray(row, column)));
        const mean = all.reduce((sum, value) => sum + value, 0) / all.length;
        return blend(between(...stage.contrast!, factors[1]), () => mean);
      }),
    stage.saturation && (() => (isColor ? blend(between(...stage.saturation!, factors[2]), gray) : image)),
    stage.hue && (() => (isColor ? turnHue(image, between(...stage.hue!, hueWord)) : image)),
  ];
  const left = [...adjustments.keys()];
  let code = below(24, orderWord);
  while (left.length > 0) {
    const place = code % left.length;
    code = Math.floor(code / left.length);
    const [next] = left.splice(place, 1);
    image = adjustments[next]?.() ?? image;
  }
  return image;
}

/** Through HSV, as torchvision's adjust_hue. */
function turnHue(image: Image, turn: number): Image {
  const result: Image = image.map((plane) => plane.map((line) => [...line]));
  image[0].forEach((line, row) => {
    line.forEach((_, column) => {
      const [r, g, b] = image.map((plane) => plane[row][column]);
      const value = Math.max(r, g, b);
      const range = value - Math.min(r, g, b);
      const saturation = value === 0 ? 0 : range / value;
      let sector = 0;
      if (range > 0) {
        if (value === r) sector = (g - b) / range;
        else if (value === g) sector = 2 + (b - r) / range;
        else sector = 4 + (r - g) / range;
      }
      const hue = (((sector / 6 + turn) % 1) + 1) % 1;
      // The channel n of HSV as in Smith's alternative formula.
      const channel = (n: number) => {
        const k = (n + hue * 6) % 6;
        return value - value * saturation * Math.max(0, Math.min(k, 4 - k, 1));
      };
      [5, 3, 1].forEach((n, c) => {
        result[c][row][column] = channel(n);
      });
    });
  });
  return result;
}
