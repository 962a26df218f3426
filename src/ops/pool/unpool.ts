/** maxUnpool1d-3d: values put back where maxPool found them. */
import { formatShape, GradloomError } from '../../errors';
import { sizeOf } from '../../graph/ir/graph';
import { defineComposite } from '../../graph/ir/op';
import * as z from '../../schema';
import { shapeError } from '../common';
import { cast } from '../elementwise/cast';
import { replaceAt } from '../indexing/scatter';
import { expanded } from '../layout/repeat';
import { viewAs } from '../reduce/sum';
import { notNegative, positive, splitImages, triple } from '../spatial';

function defineMaxUnpool(rank: 1 | 2 | 3) {
  const op = `maxUnpool${rank}d`;
  return defineComposite({
    name: op,
    module: { name: `MaxUnpool${rank}d`, positional: ['kernelSize', 'stride', 'padding'] },
    exact: true,
    doc: `Zeros with the values of x at \`indices\`, their positions in the plane as maxPool${rank}d gives them with returnIndices; of equal indices the last wins. Sizes are (size - 1) * stride - 2 * padding + kernelSize, or \`outputSize\`, which may differ from that by less than stride. An index out of range writes nothing.`,
    source: `https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool${rank}d.html`,
    inputs: ['x', 'indices'],
    dtypes: { indices: 'i32' },
    outputs: ['y'],
    attrs: z.strictObject({
      kernelSize: positive,
      stride: positive.nullable().default(null),
      padding: notNegative.default(0),
      outputSize: z.array(z.int().min(1)).nullable().default(null),
    }),
    compose({ x, indices }, { kernelSize, stride, padding, outputSize }) {
      const { batch, channels, spatial } = splitImages(op, x, rank);
      if (indices.shape.join() !== x.shape.join()) {
        throw shapeError(op, 'indices', indices, `${formatShape(x.shape)}, the shape of x`);
      }
      const kernel = triple(op, 'kernelSize', kernelSize, rank, 1).slice(3 - rank);
      const steps = triple(op, 'stride', stride ?? kernelSize, rank, 1).slice(3 - rank);
      const pads = triple(op, 'padding', padding, rank, 0).slice(3 - rank);
      const usual = spatial.map((n, d) => (n - 1) * steps[d] - 2 * pads[d] + kernel[d]);
      const out = outputSize?.slice(-rank) ?? usual;
      const fits =
        out.length === rank &&
        out.every((n, d) => n >= 1 && (!outputSize || Math.abs(n - usual[d]) < steps[d]));
      if (!fits) {
        throw new GradloomError({
          ...{ code: 'argument', op, argument: outputSize ? 'outputSize' : 'padding' },
          got: outputSize ? `[${outputSize}]` : `sizes [${usual}]`,
          expected: outputSize ? `[${usual}], or sizes less than stride [${steps}] away` : 'sizes from 1',
        });
      }
      const planes = sizeOf(batch) * channels;
      const rows = [planes, sizeOf(spatial)];
      const zeros = cast(expanded(x.graph.scalar(0), [planes, sizeOf(out)]), { dtype: x.dtype });
      const inputs = { x: zeros, index: viewAs(indices, rows), src: viewAs(x, rows) };
      return viewAs(replaceAt(inputs, { dim: 1 }).y, [...batch, channels, ...out]);
    },
  });
}

/** The inverse of maxPool1d, with zeros for what it left out. */
export const maxUnpool1d = defineMaxUnpool(1);
/** The inverse of maxPool2d, with zeros for what it left out. */
export const maxUnpool2d = defineMaxUnpool(2);
/** The inverse of maxPool3d, with zeros for what it left out. */
export const maxUnpool3d = defineMaxUnpool(3);
