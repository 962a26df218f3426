/** pixelShuffle and pixelUnshuffle: channels to pixels and back. */
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { permute, reshape } from '../layout';

export const pixelShuffle = defineComposite({
  name: 'pixelShuffle',
  exact: true,
  module: { name: 'PixelShuffle', positional: ['upscaleFactor'] },
  doc: 'x [N, C * r * r, H, W] as [N, C, H * r, W * r]: y[n, c, h * r + i, w * r + j] = x[n, (c * r + i) * r + j, h, w].',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_shuffle.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ upscaleFactor: z.int().min(1) }),
  compose({ x }, { upscaleFactor: r }) {
    if (x.rank < 3 || x.shape[x.rank - 3] % (r * r) !== 0) {
      throw shapeError('pixelShuffle', 'x', x, `[..., C * ${r * r}, H, W]`);
    }
    const lead = x.shape.slice(0, -3);
    const [c, h, w] = x.shape.slice(-3);
    const split = reshape(x, { shape: [...lead, c / (r * r), r, r, h, w] });
    const d = lead.length;
    const dims = [...lead.keys(), ...[0, 3, 1, 4, 2].map((i) => d + i)];
    return reshape(permute(split, { dims }), { shape: [...lead, c / (r * r), h * r, w * r] });
  },
});

export const pixelUnshuffle = defineComposite({
  name: 'pixelUnshuffle',
  exact: true,
  module: { name: 'PixelUnshuffle', positional: ['downscaleFactor'] },
  doc: 'x [N, C, H * r, W * r] as [N, C * r * r, H, W]: the inverse of pixelShuffle.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.functional.pixel_unshuffle.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ downscaleFactor: z.int().min(1) }),
  compose({ x }, { downscaleFactor: r }) {
    if (x.rank < 3 || x.shape[x.rank - 2] % r !== 0 || x.shape[x.rank - 1] % r !== 0) {
      throw shapeError('pixelUnshuffle', 'x', x, `[..., C, H * ${r}, W * ${r}]`);
    }
    const lead = x.shape.slice(0, -3);
    const [c, h, w] = x.shape.slice(-3);
    const split = reshape(x, { shape: [...lead, c, h / r, r, w / r, r] });
    const d = lead.length;
    const dims = [...lead.keys(), ...[0, 2, 4, 1, 3].map((i) => d + i)];
    return reshape(permute(split, { dims }), { shape: [...lead, c * r * r, h / r, w / r] });
  },
});
