/** Conversion between the element types. */
import castForward from '../../../shaders/elementwise/cast.forward.wgsl';
import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import { defineInternal, defineOp } from '../../graph/ir/op';
import { type DType, isFloat } from '../../graph/ir/variable';
import type { Kernel } from '../../kernels/kernel';
import * as z from '../../schema';
import { elementThreads, noAttrs } from '../common';

/** The element types by our names and by PyTorch's. */
export const ELEMENT_TYPES = {
  ...{ f32: 'f32', float32: 'f32', float: 'f32' },
  ...{ f16: 'f16', float16: 'f16', half: 'f16' },
  ...{ i32: 'i32', int32: 'i32', int: 'i32', bool: 'bool' },
} as const satisfies Record<string, DType>;
type TypeName = keyof typeof ELEMENT_TYPES;
const typeNames = Object.keys(ELEMENT_TYPES) as TypeName[];

/** Whether a text names an element type. */
export const isTypeName = (name: string): name is TypeName => (typeNames as string[]).includes(name);

/** The shader for a conversion that computes; none between floats (bool is the float 0 or 1). */
function conversion(from: DType, to: DType): Kernel<'x', 'y', 'n'> | undefined {
  if (from === to || (from !== 'i32' && isFloat(to))) return undefined;
  if (from === 'i32') return isFloat(to) ? castForward.intToFloat : castForward.intToBool;
  return to === 'i32' ? castForward.floatToInt : castForward.floatToBool;
}

/** Whether the values stay bit for bit. */
const isView = (from: DType, to: DType): boolean => from === to || (from === 'bool' && to === 'f32');

/** x in another element type. */
export const cast = defineOp({
  name: 'cast',
  doc:
    'y = x as dtype. Floats become integers by dropping the fraction; all but 0 becomes true; float16 takes the nearest ' +
    'value and needs an adapter that stores it.',
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.to.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dtype: z.enum(typeNames).transform((name): DType => ELEMENT_TYPES[name]) }),
  shape: ({ x }, { dtype }) => ({
    y: { shape: x.shape, dtype, viewOf: isView(x.dtype, dtype) ? x : undefined },
  }),
  lower({ x, y }, { dtype }, k) {
    if (isView(x.dtype, dtype)) return;
    const kernel = conversion(x.dtype, dtype);
    if (kernel) k.dispatch(kernel, { x }, { y }, { n: y.size }, elementThreads(y.size, k.device));
    else k.dispatch(copyForward, { x }, { y }, { n: y.size }, { threads: y.size });
  },
  backward: ({ x, dy }, { dtype }) => (isFloat(dtype) && isFloat(x.dtype) ? { x: dy } : {}),
});

/** Positions in floats as int32: what is no whole number becomes -1, which is none. */
export const asIndex = defineInternal({
  name: 'asIndex',
  inputs: ['x'],
  outputs: ['y'],
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: 'i32' } }),
  lower: ({ x, y }, _: undefined, k) =>
    k.dispatch(castForward.floatToIndex, { x }, { y }, { n: y.size }, elementThreads(y.size, k.device)),
  backward: () => ({}),
});

/** x itself. */
export const identity = defineOp({
  name: 'identity',
  doc: 'y = x.',
  source: 'https://pytorch.org/docs/stable/generated/torch.nn.Identity.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: noAttrs,
  shape: ({ x }) => ({ y: { shape: x.shape, dtype: x.dtype, viewOf: x } }),
  backward: ({ dy }) => ({ x: dy }),
});
