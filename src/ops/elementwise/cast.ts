/** Conversion between the element types. */
import { z } from 'zod';
import castForward from '../../../shaders/elementwise/cast.forward.wgsl';
import { defineOp } from '../../graph/op';
import type { DType } from '../../graph/variable';
import type { Kernel } from '../../kernels/kernel';
import { elementGrid, noAttrs } from '../common';

/** The shader for a conversion; none where the values stay as they are (bool is the float 0 or 1). */
function conversion(from: DType, to: DType): Kernel<'x', 'y', 'n'> | undefined {
  if (from === to || (from === 'bool' && to === 'f32')) return undefined;
  if (from === 'i32') return to === 'f32' ? castForward.intToFloat : castForward.intToBool;
  return to === 'i32' ? castForward.floatToInt : castForward.floatToBool;
}

/** x in another element type. */
export const cast = defineOp({
  name: 'cast',
  doc: 'y = x as dtype. Floats become integers by dropping the fraction; all but 0 becomes true.',
  source: 'https://pytorch.org/docs/stable/generated/torch.Tensor.to.html',
  inputs: ['x'],
  dtypes: { x: 'any' },
  outputs: ['y'],
  attrs: z.strictObject({ dtype: z.enum(['f32', 'i32', 'bool']) }),
  shape: ({ x }, { dtype }) => ({
    y: { shape: x.shape, dtype, viewOf: conversion(x.dtype, dtype) ? undefined : x },
  }),
  lower({ x, y }, { dtype }, k) {
    const kernel = conversion(x.dtype, dtype);
    if (kernel) k.run(kernel, { x }, { y }, { n: y.size }, elementGrid(y.size, k.device));
  },
  backward: ({ x, dy }, { dtype }) => (dtype === 'f32' && x.dtype === 'f32' ? { x: dy } : {}),
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
