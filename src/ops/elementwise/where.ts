/** Choice by a mask. */
import whereForward from '../../../shaders/elementwise/where.forward.wgsl';
import { promotedType, type Tensor } from '../../graph/ir/graph';
import { defineInternal, defineOp } from '../../graph/ir/op';
import type { DType } from '../../graph/ir/variable';
import { broadcastShapes, elementThreads, noAttrs } from '../common';
import { sumTo } from '../reduce/sum';
import { areIntegers, asFloats, asIntegers } from './integer';
import { stridedParams } from './strided';

/** dy where the condition is (not) true, else 0: the gradient of one side before it is summed to its shape. */
const whereBackward: (
  inputs: Record<'condition' | 'dy', Tensor>,
  attrs: { side: 'x' | 'other' },
) => { dv: Tensor } = defineInternal({
  name: 'whereBackward',
  inputs: ['condition', 'dy'],
  outputs: ['dv'],
  shape: ({ dy }) => ({ dv: dy.shape }),
  lower({ condition, dy, dv }, { side }: { side: 'x' | 'other' }, k) {
    const [x, other] = side === 'x' ? [dy, k.emptyBuffer] : [k.emptyBuffer, dy];
    const shapes = side === 'x' ? [dy.shape, []] : [[], dy.shape];
    const params = { n: dv.size, ...stridedParams('where', dv.shape, condition.shape, ...shapes) };
    k.dispatch(whereForward, { condition, x, other }, { y: dv }, params, elementThreads(dv.size, k.device));
  },
  backward: ({ condition, ddv }, attrs): { dy: Tensor } => ({
    dy: whereBackward({ condition, dy: ddv }, attrs).dv,
  }),
});

/** Type of a choice: that of both, or by promotion. */
function choiceType(x: Tensor, other: Tensor): DType {
  if (x.dtype === other.dtype) return x.dtype;
  return areIntegers(x, other) ? 'i32' : promotedType([x, other]);
}

/** Elements of x or of other. */
export const where = defineOp({
  name: 'where',
  doc: 'y = x where condition is not 0, else other; all three broadcast. Of an int32 and a float operand y is float.',
  source: 'https://pytorch.org/docs/stable/generated/torch.where.html',
  inputs: ['condition', 'x', 'other'],
  inputAliases: { y: 'other' },
  dtypes: { condition: 'any', x: 'any', other: 'any' },
  masks: ['condition'],
  outputs: ['y'],
  attrs: noAttrs,
  shape({ condition, x, other }) {
    const both = broadcastShapes('where', x.shape, other.shape);
    const shape = broadcastShapes('where', condition.shape, both, ['condition', 'the choice']);
    return { y: { shape, dtype: choiceType(x, other) } };
  },
  lower({ condition, y, ...choice }, _, k) {
    // Masks are stored as floats.
    const inKind = y.dtype === 'i32' ? asIntegers : asFloats;
    const [x, other] = [inKind(k, choice.x), inKind(k, choice.other)];
    const strided = stridedParams('where', y.shape, condition.shape, x.shape, other.shape);
    k.dispatch(
      whereForward,
      { condition, x, other },
      { y },
      { n: y.size, ...strided },
      elementThreads(y.size, k.device),
    );
  },
  backward: ({ condition, x, other, dy }, _, needs) => ({
    x: needs.x ? sumTo(whereBackward({ condition, dy }, { side: 'x' }).dv, x.shape) : undefined,
    other: needs.other
      ? sumTo(whereBackward({ condition, dy }, { side: 'other' }).dv, other.shape)
      : undefined,
  }),
});
