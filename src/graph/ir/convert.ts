/** Conversion between float32 and float16, which the graph itself needs where a gradient or a sum has the other type. */
import copyForward from '../../../shaders/elementwise/copy.forward.wgsl';
import type { Op, Tensor } from './graph';

const conversion: Op = {
  name: 'convert',
  shape: ({ x }, dtype: 'f32' | 'f16') => ({ y: { shape: x.shape, dtype } }),
  lower: ({ x, y }, _, k) => k.dispatch(copyForward, { x }, { y }, { n: y.size }, { threads: y.size }),
  backward: ({ x, dy }) => ({ x: convert(dy, x.dtype) }),
};

/** The floats of `x` as `dtype`; `x` itself where it has that type. */
export function convert(x: Tensor, dtype: 'f32' | 'f16'): Tensor {
  return x.dtype === dtype ? x : x.graph.apply(conversion, { x }, dtype).y;
}
