/** Random cases of resampling at computed positions. */
import fc from 'fast-check';
import { positions } from '../gridSample';
import type { OpCase } from '../types';
import { type Arbitraries, casesOf, count, limited, oneOf, size } from './common';

const gridSample = casesOf(
  {
    batch: count(3),
    channels: size(9),
    sizes: fc.tuple(size(20), size(20), size(9)),
    out: fc.tuple(count(9), count(9), count(3)),
    mode: oneOf('bilinear', 'nearest', 'bicubic'),
    paddingMode: oneOf('zeros', 'border', 'reflection'),
    alignCorners: fc.boolean(),
    isVolume: oneOf(false, false, true),
  },
  ({ batch, channels, sizes, out, mode, isVolume, ...attrs }): OpCase => {
    const dims = isVolume && mode !== 'bicubic' ? 3 : 2;
    const x = limited([batch, channels, ...sizes.slice(0, dims)], 600);
    const grid = [x[0], ...out.slice(0, dims), dims];
    return { attrs: { ...attrs, mode }, inputs: { x, grid: positions(grid) } };
  },
);

const affineGrid = casesOf(
  { batch: count(3), sizes: fc.array(size(12), { minLength: 2, maxLength: 3 }), alignCorners: fc.boolean() },
  ({ batch, sizes, alignCorners }): OpCase => ({
    attrs: { size: [batch, 1, ...limited(sizes, 200)], alignCorners },
    inputs: { theta: [batch, sizes.length, sizes.length + 1] },
  }),
);

/** Random cases of this family. */
export const resample: Arbitraries = { gridSample, affineGrid };
