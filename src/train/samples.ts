/** What `Trainer.predict` takes: samples in a data set or in an array. */
import { ArrayDataset } from '../data/dataset';
import { formatShape, GradloomError } from '../errors';
import { sizeOf } from '../graph/ir/graph';

/** The samples of `x`, `[length, ...sampleShape]`. @throws GradloomError `shape` for none, or values that do not match. */
export function samplesOf(x: ArrayDataset | { shape: readonly number[]; data: Float32Array }) {
  const [shape, values] =
    x instanceof ArrayDataset ? [[x.length, ...x.xShape], x.inputs()] : [x.shape, x.data];
  const [length, ...sampleShape] = shape;
  if (length === 0 || sizeOf(shape) !== values.length) {
    throw new GradloomError({
      code: 'shape',
      op: 'Trainer.predict',
      argument: 'x',
      got: `${formatShape(shape)} with ${values.length} values`,
      expected: 'at least one sample, and as many values as the shape says',
    });
  }
  return { length, sampleShape, values };
}
