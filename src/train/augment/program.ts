/** Stages of an augmentation as the kernels read them: see shaders/lib/augment.wgsl. */
import type { AugmentStages, GeometricStage, PointwiseStage } from '../../data/augment/stages';
import { augment as layout } from '../../kernels/constants.generated';

/** Pixels that a place may lie outside of an image before it is filled. */
const MARGINS = { first: 1, later: 0.5, keras: 1e-3 } as const;

const FILL_MODES = {
  nearest: layout.NEAREST,
  constant: layout.CONSTANT,
  reflect: layout.REFLECT,
  wrap: layout.WRAP,
} as const;

export interface Program {
  values: Float32Array;
  /** The kinds of stages, as bits: kernels are compiled without the others. */
  kinds: number;
  /** Where the data's normalization begins. */
  tail: number;
}

/** The program of stages, followed by values per channel and by the data's own normalization. */
export function encodeProgram(
  { geometric, pointwise, output }: AugmentStages,
  normalization: { multiply: ArrayLike<number>; add: ArrayLike<number> },
): Program {
  const records: number[][] = [];
  const perChannel: number[] = [];
  const count = geometric.length + pointwise.length;
  const keep = (values: readonly number[]): number => {
    const offset = count * layout.PROGRAM + perChannel.length;
    perChannel.push(...values);
    return offset;
  };
  for (const [i, stage] of geometric.entries()) records.push(geometry(stage, i, keep));
  for (const stage of pointwise) records.push(pointwiseRecord(stage, output, keep));
  const expand = (values: ArrayLike<number>) =>
    Array.from({ length: output.channels }, (_, c) => values[values.length === 1 ? 0 : c]);
  const tail = keep([...expand(normalization.multiply), ...expand(normalization.add)]);
  const values = new Float32Array(count * layout.PROGRAM + perChannel.length);
  for (const [i, record] of records.entries()) values.set(record, i * layout.PROGRAM);
  values.set(perChannel, count * layout.PROGRAM);
  const kinds = records.reduce((bits, [op]) => bits | (1 << op), 0);
  const isRandom = pointwise.some((stage) => stage.kind === 'erase' && stage.value === 'random');
  return { values, tail, kinds: isRandom ? kinds | (1 << layout.NOISE) : kinds };
}

function geometry(
  stage: GeometricStage,
  index: number,
  keep: (values: readonly number[]) => number,
): number[] {
  const { inHeight, inWidth, outHeight, outWidth } = stage;
  const margin = stage.kind === 'ranges' ? 'keras' : index === 0 ? 'first' : 'later';
  const head = [FILL_MODES[stage.fillMode], keep(stage.fill), MARGINS[margin]];
  const [op, args] = geometricArguments(stage);
  return [op, ...head, inHeight, inWidth, outHeight, outWidth, ...args];
}

/** Kernels take angles as parts of a whole turn. */
const turns = (radians: number): number => radians / (2 * Math.PI);

function geometricArguments(stage: GeometricStage): [number, number[]] {
  switch (stage.kind) {
    case 'horizontalFlip':
      return [layout.HORIZONTAL_FLIP, [stage.p]];
    case 'verticalFlip':
      return [layout.VERTICAL_FLIP, [stage.p]];
    case 'crop':
      return [layout.CROP, [stage.top, stage.left, stage.rows, stage.columns]];
    case 'resizedCrop': {
      const { scale, logRatio, centerHeight, centerWidth } = stage;
      return [layout.RESIZED_CROP, [...scale, ...logRatio, centerHeight, centerWidth]];
    }
    case 'affine': {
      const { p, angle, translate, scale, shearX, shearY } = stage;
      const angles = [angle, shearX, shearY].map((range) => range.map(turns));
      return [layout.AFFINE_MAP, [p, ...angles[0], ...translate, ...scale, ...angles[1], ...angles[2]]];
    }
    case 'ranges': {
      const { rotation, shiftRows, shiftColumns, wholeRows, wholeColumns, shear, zoom } = stage;
      const whole = [Number(wholeRows), Number(wholeColumns)];
      return [layout.RANGES, [turns(rotation), shiftRows, shiftColumns, ...whole, turns(shear), ...zoom]];
    }
  }
}

function pointwiseRecord(
  stage: PointwiseStage,
  { height, width }: AugmentStages['output'],
  keep: (values: readonly number[]) => number,
): number[] {
  const record = (op: number, args: readonly number[], offset = 0) => [
    op,
    0,
    offset,
    0,
    height,
    width,
    height,
    width,
    ...args,
  ];
  switch (stage.kind) {
    case 'color': {
      const ranges = [stage.brightness, stage.contrast, stage.saturation, stage.hue];
      const adjusted = ranges.reduce((bits, range, i) => bits + (range ? 1 << i : 0), 0);
      return record(layout.COLOR, [stage.p, ...ranges.flatMap((range) => range ?? [0, 0]), adjusted]);
    }
    case 'noise':
      return record(layout.NOISE, [stage.p, stage.mean, stage.sigma, Number(stage.clip)]);
    case 'erase': {
      const { p, scale, logRatio, value } = stage;
      const isRandom = value === 'random';
      const offset = isRandom ? 0 : keep(value);
      return record(layout.ERASE, [p, ...scale, ...logRatio, Number(isRandom)], offset);
    }
    case 'normalize':
      return record(layout.NORMALIZE, [], keep([...stage.mean, ...stage.std]));
  }
}
