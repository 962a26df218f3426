/** gridSample and affineGrid: images read at positions that are computed, as spatial transformers do. */
import gridBackwardGrid from '../../../shaders/pool/grid_sample.backward_grid.wgsl';
import gridBackwardInput from '../../../shaders/pool/grid_sample.backward_input.wgsl';
import gridForward from '../../../shaders/pool/grid_sample.forward.wgsl';
import gridTaps from '../../../shaders/pool/grid_sample.taps.wgsl';
import { formatShape, GradloomError } from '../../errors';
import { type Shape, sizeOf, type Tensor } from '../../graph/ir/graph';
import { defineComposite, defineInternal, defineOp, type Lowering } from '../../graph/ir/op';
import * as z from '../../schema';
import { elementThreads, loopRanges, shapeError, threadsOf } from '../common';
import { add, mul } from '../elementwise';
import { runSortedStarts } from '../indexing/sort';
import { select } from '../layout/slice';
import { runFill } from '../layout/strided';
import { viewAs } from '../reduce/sum';
import { type Triple, volume, volumeSize } from '../spatial';

const attrs = z.strictObject({
  mode: z.enum(['bilinear', 'nearest', 'bicubic']).default('bilinear'),
  paddingMode: z.enum(['zeros', 'border', 'reflection']).default('zeros'),
  alignCorners: z.boolean().nullable().default(null),
});
type Attrs = z.output<typeof attrs>;

const VARIANTS = { bilinear: 'linear', nearest: 'nearest', bicubic: 'cubic' } as const;
const TAPS = { bilinear: 2, nearest: 1, bicubic: 4 };
const PADDINGS = { zeros: 0, border: 1, reflection: 2 };

/** Sizes of x [N, C, ...] and grid [N, ..., dims]. */
interface Sampling {
  batch: number;
  channels: number;
  size: Triple;
  dims: number;
  /** Positions per sample. */
  out: number;
}

const samplingOf = (x: Shape, grid: Shape): Sampling => ({
  batch: x[0],
  channels: x[1],
  size: volume(x.slice(2)),
  dims: grid.at(-1)!,
  out: sizeOf(grid.slice(1, -1)),
});

/** Uniform fields of all kernels. */
const paramsOf = ({ size, dims, out }: Sampling, { paddingMode, alignCorners }: Attrs) => ({
  ...{ size, dims, out, padding: PADDINGS[paddingMode], aligned: alignCorners === true },
});

const inputBackward = defineInternal({
  name: 'gridSampleBackwardInput',
  inputs: ['grid', 'dy'],
  outputs: ['dx'],
  fusion: { accumulates: ['dx'] },
  shape: (_, { shape }: Attrs & { shape: Shape }) => ({ dx: shape }),
  lower({ grid, dy, dx }, attributes, k) {
    const sampling = samplingOf(dx.shape, grid.shape);
    const { batch, channels, size, dims, out } = sampling;
    const { mode } = attributes;
    const taps = TAPS[mode] ** dims;
    const positions = batch * out;
    const rows = batch * volumeSize(size);
    const keys = k.scratch([positions * taps], 'i32');
    const weights = k.scratch([positions * taps]);
    const params = { ...paramsOf(sampling, attributes), n: positions, taps, rows };
    k.dispatch(gridTaps[VARIANTS[mode]], { grid }, { keys, weights }, params, { threads: positions });
    const { order, starts } = runSortedStarts(k, keys, rows);
    const eachElement = elementThreads(dx.size, k.device);
    const perThread = Math.ceil(dx.size / Math.max(1, threadsOf(gridBackwardInput, eachElement)));
    // All readings may be of one input.
    loopRanges(positions * taps, perThread + 2).forEach(({ first, end }, i) => {
      const sizes = { n: dx.size, channels, volume: volumeSize(size), out, taps };
      const accumulate = i > 0 ? 1 : k.accumulate('dx');
      const range = { begin: first, end, accumulate };
      const reads = { dy, weights, order, starts };
      k.dispatch(gridBackwardInput, reads, { dx }, { ...sizes, ...range }, eachElement);
    });
  },
});

/** Loop rounds of a thread per channel, at most. */
const ROUNDS_PER_CHANNEL = { bilinear: 24, bicubic: 108 };

const gridBackward = defineInternal({
  name: 'gridSampleBackwardGrid',
  inputs: ['x', 'grid', 'dy'],
  outputs: ['dgrid'],
  shape: ({ grid }, _: Attrs) => ({ dgrid: grid.shape }),
  lower({ x, grid, dy, dgrid }, attributes, k: Lowering) {
    const { mode } = attributes;
    if (mode === 'nearest') {
      runFill(k, dgrid, 0);
      return;
    }
    const sampling = samplingOf(x.shape, grid.shape);
    const { batch, channels, out } = sampling;
    const shared = { ...paramsOf(sampling, attributes), n: batch * out, channels };
    loopRanges(channels, ROUNDS_PER_CHANNEL[mode]).forEach(({ first, end }, i) => {
      const params = { ...shared, first, last: end, accumulate: i > 0 };
      const kernel = gridBackwardGrid[mode === 'bilinear' ? 'linear' : 'cubic'];
      k.dispatch(kernel, { x, grid, dy }, { dgrid }, params, { threads: batch * out });
    });
  },
});

/** @throws GradloomError for shapes that do not belong together. */
function outputShape(x: Tensor, grid: Tensor, { mode }: Attrs): number[] {
  if (x.rank !== 4 && x.rank !== 5) throw shapeError('gridSample', 'x', x, '[N, C, H, W] or [N, C, D, H, W]');
  if (sizeOf(x.shape.slice(2)) === 0) throw shapeError('gridSample', 'x', x, 'spatial sizes from 1');
  const dims = x.rank - 2;
  if (grid.rank !== x.rank || grid.shape[0] !== x.shape[0] || grid.shape.at(-1) !== dims) {
    const sizes = dims === 2 ? 'H, W' : 'D, H, W';
    throw shapeError('gridSample', 'grid', grid, `[${x.shape[0]}, ${sizes} of the result, ${dims}]`);
  }
  if (mode === 'bicubic' && dims === 3) {
    throw new GradloomError({
      ...{ code: 'argument', op: 'gridSample', argument: 'mode', got: "'bicubic'" },
      expected: `'bilinear' or 'nearest' for x ${formatShape(x.shape)}`,
    });
  }
  return [x.shape[0], x.shape[1], ...grid.shape.slice(1, -1)];
}

/** Images at the positions of a grid. */
export const gridSample = defineOp({
  name: 'gridSample',
  doc:
    'y[n, c, h, w] = x[n, c] at the position (x, y) = grid[n, h, w], with three coordinates in volumes [N, C, D, H, W]: the ' +
    'nearest value, linear between the values around (bilinear) or cubic (bicubic, A = -0.75). Coordinates go from -1 to 1 ' +
    'over the image: its outer edges, with alignCorners the middles of its outer pixels. Outside there are zeros, the ' +
    'border or its reflection.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.grid_sample.html',
  inputs: ['x', 'grid'],
  outputs: ['y'],
  attrs,
  shape: ({ x, grid }, attributes) => ({ y: outputShape(x, grid, attributes) }),
  lower({ x, grid, y }, attributes, k) {
    const sampling = samplingOf(x.shape, grid.shape);
    const params = { ...paramsOf(sampling, attributes), n: y.size, channels: sampling.channels };
    k.dispatch(gridForward[VARIANTS[attributes.mode]], { x, grid }, { y }, params, { threads: y.size });
  },
  backward: ({ x, grid, dy }, attributes, needs) => ({
    x: needs.x ? inputBackward({ grid, dy }, { ...attributes, shape: x.shape }).dx : undefined,
    grid: needs.grid ? gridBackward({ x, grid, dy }, attributes).dgrid : undefined,
  }),
});

/** Coordinates of the middles of `size` pixels, as a tensor with `size` in dimension `dim` of `rank`. */
function coordinates({ graph }: Tensor, size: number, dim: number, rank: number, aligned: boolean): Tensor {
  const values = Float32Array.from({ length: size }, (_, i) => {
    if (!aligned) return (2 * i + 1) / size - 1;
    return size === 1 ? 0 : (2 * i) / (size - 1) - 1;
  });
  const shape = Array.from({ length: rank }, (_, d) => (d === dim ? size : 1));
  return graph.constant(values, shape);
}

/** Positions under an affine map. */
export const affineGrid = defineComposite({
  name: 'affineGrid',
  doc: 'The grid for gridSample of the affine maps theta [N, 2, 3] or [N, 3, 4]: grid[n, h, w] = theta[n] (x, y, 1) for the coordinates x, y of the pixels of a result of `size` [N, C, H, W] or [N, C, D, H, W].',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.affine_grid.html',
  inputs: ['theta'],
  outputs: ['y'],
  attrs: z.strictObject({
    size: z.array(z.int().min(1)).min(4),
    alignCorners: z.boolean().nullable().default(null),
  }),
  compose({ theta }, { size, alignCorners }) {
    const spatial = size.slice(2);
    const dims = spatial.length;
    if (dims > 3) {
      throw new GradloomError({
        ...{ code: 'argument', op: 'affineGrid', argument: 'size', got: `[${size}]` },
        expected: '[N, C, H, W] or [N, C, D, H, W]',
      });
    }
    if (theta.shape.join() !== [size[0], dims, dims + 1].join()) {
      throw shapeError(
        'affineGrid',
        'theta',
        theta,
        `${formatShape([size[0], dims, dims + 1])} for size [${size}]`,
      );
    }
    // Columns of theta as [N, 1, ..., dims], the last the shift; coordinates in the order x, y, z.
    const column = (i: number) =>
      viewAs(select(theta, { dim: 2, index: i }), [size[0], ...spatial.map(() => 1), dims]);
    let y = column(dims);
    for (let i = 0; i < dims; i++) {
      const at = dims - 1 - i;
      const along = coordinates(theta, spatial[at], at + 1, dims + 2, alignCorners === true);
      y = add(y, mul(column(i), along));
    }
    return y;
  },
});
