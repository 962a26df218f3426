/** Choice by a mask. */
import whereForward from '../../../shaders/elementwise/where.forward.wgsl';
import { GradloomError } from '../../errors';
import { promotedType } from '../../graph/ir/graph';
import { defineInternal, defineOp } from '../../graph/ir/op';
import { broadcastShapes, elementGrid, noAttrs } from '../common';
import { sumTo } from '../reduce/sum';
import { stridedParams } from './strided';

/** dy where the condition is (not) true, else 0: the gradient of one side before it is summed to its shape. */
const whereBackward = defineInternal({
  name: 'whereBackward',
  inputs: ['condition', 'dy'],
  outputs: ['dv'],
  shape: ({ dy }) => ({ dv: dy.shape }),
  lower({ condition, dy, dv }, { side }: { side: 'x' | 'other' }, k) {
    const [x, other] = side === 'x' ? [dy, k.emptyBuffer] : [k.emptyBuffer, dy];
    const shapes = side === 'x' ? [dy.shape, []] : [[], dy.shape];
    const params = { n: dv.size, ...stridedParams('where', dv.shape, condition.shape, ...shapes) };
    k.dispatch(whereForward, { condition, x, other }, { y: dv }, params, elementGrid(dv.size, k.device));
  },
});

/** Elements of x or of other. */
export const where = defineOp({
  name: 'where',
  doc: 'y = x where condition is not 0, else other; all three broadcast.',
  source: 'https://pytorch.org/docs/stable/generated/torch.where.html',
  inputs: ['condition', 'x', 'other'],
  inputAliases: { y: 'other' },
  dtypes: { condition: 'any', x: 'any', other: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  shape({ condition, x, other }) {
    if ((x.dtype === 'i32') !== (other.dtype === 'i32')) {
      throw new GradloomError({
        code: 'dtype',
        op: 'where',
        argument: 'other',
        got: other.dtype,
        expected: `the type of x, ${x.dtype}`,
        fix: 'Convert one of them with cast',
      });
    }
    const both = broadcastShapes('where', x.shape, other.shape);
    const shape = broadcastShapes('where', condition.shape, both, ['condition', 'the choice']);
    return { y: { shape, dtype: x.dtype === other.dtype ? x.dtype : promotedType([x, other]) } };
  },
  lower({ condition, x, other, y }, _, k) {
    const strided = stridedParams('where', y.shape, condition.shape, x.shape, other.shape);
    k.dispatch(
      whereForward,
      { condition, x, other },
      { y },
      { n: y.size, ...strided },
      elementGrid(y.size, k.device),
    );
  },
  backward: ({ condition, x, other, dy }, _, needs) => ({
    x: needs.x ? sumTo(whereBackward({ condition, dy }, { side: 'x' }).dv, x.shape) : undefined,
    other: needs.other
      ? sumTo(whereBackward({ condition, dy }, { side: 'other' }).dv, other.shape)
      : undefined,
  }),
});
