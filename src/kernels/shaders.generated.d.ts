// Made by `npm run generate` from shaders/. Do not edit.
declare module '*/shaders/activation/activation.backward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; leakyRelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'>; elu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'>; selu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; celu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'>; gelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; geluTanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; silu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; mish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; softplus: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b'>; softsign: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; hardsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b'>; hardswish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; hardtanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b'>; sigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; tanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; logsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; tanhshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; softshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'>; hardshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'>; threshold: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a'> };
  export default kernel;
}
declare module '*/shaders/activation/activation.forward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'x', 'y', 'n'>; leakyRelu: import('./kernel').Kernel<'x', 'y', 'n' | 'a'>; elu: import('./kernel').Kernel<'x', 'y', 'n' | 'a'>; selu: import('./kernel').Kernel<'x', 'y', 'n'>; celu: import('./kernel').Kernel<'x', 'y', 'n' | 'a'>; gelu: import('./kernel').Kernel<'x', 'y', 'n'>; geluTanh: import('./kernel').Kernel<'x', 'y', 'n'>; silu: import('./kernel').Kernel<'x', 'y', 'n'>; mish: import('./kernel').Kernel<'x', 'y', 'n'>; softplus: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b'>; softsign: import('./kernel').Kernel<'x', 'y', 'n'>; hardsigmoid: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b'>; hardswish: import('./kernel').Kernel<'x', 'y', 'n'>; hardtanh: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b'>; sigmoid: import('./kernel').Kernel<'x', 'y', 'n'>; tanh: import('./kernel').Kernel<'x', 'y', 'n'>; logsigmoid: import('./kernel').Kernel<'x', 'y', 'n'>; tanhshrink: import('./kernel').Kernel<'x', 'y', 'n'>; softshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a'>; hardshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a'>; threshold: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b'> };
  export default kernel;
}
declare module '*/shaders/activation/gate.backward.wgsl' {
  const kernel: { glu: import('./kernel').Kernel<'x' | 'dy', 'dx', 'n' | 'half' | 'accumulate'>; swiglu: import('./kernel').Kernel<'x' | 'dy', 'dx', 'n' | 'half' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/activation/gate.forward.wgsl' {
  const kernel: { glu: import('./kernel').Kernel<'x', 'y', 'n' | 'half'>; swiglu: import('./kernel').Kernel<'x', 'y', 'n' | 'half'> };
  export default kernel;
}
declare module '*/shaders/activation/prelu.backward.wgsl' {
  const kernel: { input: import('./kernel').Kernel<'x' | 'weight' | 'dy', 'dx', 'n' | 'channels' | 'inner' | 'accumulate'>; weight: import('./kernel').Kernel<'x' | 'dy', 'dv', 'n'> };
  export default kernel;
}
declare module '*/shaders/activation/prelu.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'weight', 'y', 'n' | 'channels' | 'inner'>;
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_key.wgsl' {
  const kernel: { separate: import('./kernel').Kernel<'statistics' | 'key' | 'query' | 'value' | 'dy' | 'mask', 'dkey' | 'dvalue', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>; packed: import('./kernel').Kernel<'statistics' | 'key' | 'query' | 'value' | 'dy' | 'mask', 'dkey', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>; 'quad.separate': import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey' | 'dvalue', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>; 'quad.packed': import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'> };
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_mask.wgsl' {
  const kernel: import('./kernel').Kernel<'statistics' | 'query' | 'key' | 'dy' | 'value' | 'mask', 'dmask', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>;
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_query.wgsl' {
  const kernel: { plain: import('./kernel').Kernel<'y' | 'dy' | 'key' | 'query' | 'value' | 'mask', 'statistics' | 'dquery', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>; quad: import('./kernel').Kernel<'y' | 'query' | 'dy' | 'key' | 'value' | 'mask', 'statistics' | 'dquery', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'> };
  export default kernel;
}
declare module '*/shaders/attention/attention.forward.wgsl' {
  const kernel: { plain: import('./kernel').Kernel<'key' | 'query' | 'mask' | 'value', 'y' | 'statistics', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'>; quad: import('./kernel').Kernel<'query' | 'key' | 'mask' | 'value', 'y' | 'statistics', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'entries' | 'heads' | 'groups' | 'rows' | 'keys' | 'width' | 'value_width' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot'> };
  export default kernel;
}
declare module '*/shaders/attention/cache.append.wgsl' {
  const kernel: import('./kernel').Kernel<'qkv' | 'positions', 'keys' | 'values', 'batch' | 'steps' | 'width' | 'capacity'>;
  export default kernel;
}
declare module '*/shaders/attention/cache.attend.wgsl' {
  const kernel: import('./kernel').Kernel<'qkv' | 'keys' | 'values' | 'positions' | 'sources', 'y' | 'state', 'queries' | 'steps' | 'heads' | 'width' | 'capacity' | 'scale' | 'first_tile' | 'end_tile'>;
  export default kernel;
}
declare module '*/shaders/conv/conv.backward_weight.wgsl' {
  const kernel: { dense: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices'>; depthwise: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices'>; quad: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices'> };
  export default kernel;
}
declare module '*/shaders/conv/conv.forward.wgsl' {
  const kernel: { dense: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds'>; depthwise: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds'>; quad: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds'> };
  export default kernel;
}
declare module '*/shaders/conv/conv.reduce_weight.wgsl' {
  const kernel: import('./kernel').Kernel<'partial', 'dweight' | 'dbias', 'channels' | 'columns' | 'weights' | 'slices' | 'accumulate_weight' | 'accumulate_bias'>;
  export default kernel;
}
declare module '*/shaders/conv/fold.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'planes' | 'size' | 'out' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'step' | 'first' | 'taps'>;
  export default kernel;
}
declare module '*/shaders/conv/unfold.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'planes' | 'size' | 'out' | 'kernel' | 'stride' | 'dilation' | 'padding'>;
  export default kernel;
}
declare module '*/shaders/data/batch.gather.wgsl' {
  const kernel: { floats: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add' | 'labels', 'y' | 'targets', 'batch' | 'size' | 'plane' | 'channels' | 'length' | 'label_size'>; bytes: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add' | 'labels', 'y' | 'targets', 'batch' | 'size' | 'plane' | 'channels' | 'length' | 'label_size'> };
  export default kernel;
}
declare module '*/shaders/data/shuffle.permute.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'order', 'n' | 'half_bits'>;
  export default kernel;
}
declare module '*/shaders/data/windows.gather.wgsl' {
  const kernel: import('./kernel').Kernel<'text' | 'order', 'x' | 'y', 'batch' | 'block' | 'stride' | 'length'>;
  export default kernel;
}
declare module '*/shaders/elementwise/accumulate.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b', 'y', 'n'>;
  export default kernel;
}
declare module '*/shaders/elementwise/accumulate.into.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n'>;
  export default kernel;
}
declare module '*/shaders/elementwise/binary.backward.wgsl' {
  const kernel: { mul: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; divX: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; divOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; powX: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; powOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; minimum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; maximum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; atan2X: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; atan2Other: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; fmodOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'>; remainderOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims'> };
  export default kernel;
}
declare module '*/shaders/elementwise/binary.forward.wgsl' {
  const kernel: { add: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'alpha' | 'dims'>; mul: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; div: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; divFloor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; divTrunc: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; pow: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; minimum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; maximum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; atan2: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; fmod: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; remainder: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; eq: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; ne: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; lt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; le: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; gt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; ge: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; logicalAnd: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; logicalOr: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'>; logicalXor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims'> };
  export default kernel;
}
declare module '*/shaders/elementwise/cast.forward.wgsl' {
  const kernel: { floatToInt: import('./kernel').Kernel<'x', 'y', 'n'>; intToFloat: import('./kernel').Kernel<'x', 'y', 'n'>; floatToBool: import('./kernel').Kernel<'x', 'y', 'n'>; intToBool: import('./kernel').Kernel<'x', 'y', 'n'> };
  export default kernel;
}
declare module '*/shaders/elementwise/copy.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n'>;
  export default kernel;
}
declare module '*/shaders/elementwise/integer.forward.wgsl' {
  const kernel: { add: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'alpha' | 'dims'>; mul: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; divFloor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; divTrunc: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; pow: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; minimum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; maximum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; fmod: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; remainder: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; neg: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; abs: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; eq: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; ne: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; lt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; le: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; gt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'>; ge: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims'> };
  export default kernel;
}
declare module '*/shaders/elementwise/scale.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'accumulate' | 'factor'>;
  export default kernel;
}
declare module '*/shaders/elementwise/unary.backward.wgsl' {
  const kernel: { abs: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; exp: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; log: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; log1p: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; expm1: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; log2: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; sqrt: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; rsqrt: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; square: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; reciprocal: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; sin: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; cos: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; tan: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; asin: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; acos: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; atan: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; sinh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; cosh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; erf: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate'>; clamp: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'low' | 'high'> };
  export default kernel;
}
declare module '*/shaders/elementwise/unary.forward.wgsl' {
  const kernel: { neg: import('./kernel').Kernel<'x', 'y', 'n'>; abs: import('./kernel').Kernel<'x', 'y', 'n'>; exp: import('./kernel').Kernel<'x', 'y', 'n'>; log: import('./kernel').Kernel<'x', 'y', 'n'>; log1p: import('./kernel').Kernel<'x', 'y', 'n'>; expm1: import('./kernel').Kernel<'x', 'y', 'n'>; log2: import('./kernel').Kernel<'x', 'y', 'n'>; sqrt: import('./kernel').Kernel<'x', 'y', 'n'>; rsqrt: import('./kernel').Kernel<'x', 'y', 'n'>; square: import('./kernel').Kernel<'x', 'y', 'n'>; reciprocal: import('./kernel').Kernel<'x', 'y', 'n'>; sin: import('./kernel').Kernel<'x', 'y', 'n'>; cos: import('./kernel').Kernel<'x', 'y', 'n'>; tan: import('./kernel').Kernel<'x', 'y', 'n'>; asin: import('./kernel').Kernel<'x', 'y', 'n'>; acos: import('./kernel').Kernel<'x', 'y', 'n'>; atan: import('./kernel').Kernel<'x', 'y', 'n'>; sinh: import('./kernel').Kernel<'x', 'y', 'n'>; cosh: import('./kernel').Kernel<'x', 'y', 'n'>; erf: import('./kernel').Kernel<'x', 'y', 'n'>; sign: import('./kernel').Kernel<'x', 'y', 'n'>; floor: import('./kernel').Kernel<'x', 'y', 'n'>; ceil: import('./kernel').Kernel<'x', 'y', 'n'>; round: import('./kernel').Kernel<'x', 'y', 'n'>; roundTo: import('./kernel').Kernel<'x', 'y', 'n' | 'ten'>; roundUpTo: import('./kernel').Kernel<'x', 'y', 'n' | 'ten'>; trunc: import('./kernel').Kernel<'x', 'y', 'n'>; clamp: import('./kernel').Kernel<'x', 'y', 'n' | 'low' | 'high'>; isnan: import('./kernel').Kernel<'x', 'y', 'n'>; isinf: import('./kernel').Kernel<'x', 'y', 'n'>; logicalNot: import('./kernel').Kernel<'x', 'y', 'n'> };
  export default kernel;
}
declare module '*/shaders/elementwise/where.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'condition' | 'x' | 'other', 'y', 'n' | 'rank' | 'dims'>;
  export default kernel;
}
declare module '*/shaders/gemm/gemm.finish.wgsl' {
  const kernel: import('./kernel').Kernel<'partial' | 'aux' | 'bias', 'extra' | 'c', 'batch_shape' | 'bias_batch' | 'size' | 'm' | 'n' | 'bias_row' | 'bias_column' | 'splits' | 'beta'>;
  export default kernel;
}
declare module '*/shaders/gemm/gemm.forward.wgsl' {
  const kernel: { block: import('./kernel').Kernel<'a' | 'b' | 'bias' | 'aux', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'a_row' | 'a_column' | 'b_row' | 'b_column' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta' | 'epilogue' | 'row_sums'>; quad: import('./kernel').Kernel<'a' | 'b' | 'bias' | 'aux', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'a_row' | 'a_column' | 'b_row' | 'b_column' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta' | 'epilogue' | 'row_sums'> };
  export default kernel;
}
declare module '*/shaders/gemm/gemm.tiled.wgsl' {
  const kernel: { tiled: import('./kernel').Kernel<'a' | 'b' | 'aux' | 'bias', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta'> };
  export default kernel;
}
declare module '*/shaders/indexing/gather.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'index', 'y', 'n' | 'rank' | 'accumulate' | 'limit' | 'stride' | 'invalid' | 'dims'>;
  export default kernel;
}
declare module '*/shaders/indexing/index.keys.wgsl' {
  const kernel: import('./kernel').Kernel<'index', 'keys', 'n' | 'rank' | 'limit' | 'stride' | 'skip' | 'rows' | 'dims'>;
  export default kernel;
}
declare module '*/shaders/indexing/one_hot.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'classes'>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter.mark.wgsl' {
  const kernel: import('./kernel').Kernel<'index', 'winners', 'n' | 'rank' | 'limit' | 'stride' | 'dims'>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter.pick.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'src' | 'winners', 'y', 'n' | 'zero'>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.combine.wgsl' {
  const kernel: import('./kernel').Kernel<'partial', 'y', 'n' | 'splits' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.line.wgsl' {
  const kernel: { element: import('./kernel').Kernel<'index' | 'src', 'y', 'n' | 'inner' | 'rows' | 'positions' | 'shared_index' | 'skip' | 'alpha'>; block: import('./kernel').Kernel<'index' | 'src', 'y', 'n' | 'inner' | 'rows' | 'positions' | 'skip' | 'alpha'> };
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.segments.wgsl' {
  const kernel: import('./kernel').Kernel<'src' | 'order' | 'starts', 'y', 'n' | 'inner' | 'rows' | 'outer' | 'positions' | 'splits' | 'accumulate' | 'alpha' | 'begin' | 'end'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.count.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order', 'counts', 'n' | 'run' | 'runs' | 'shift' | 'first'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.place.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order' | 'counts', 'sorted', 'n' | 'run' | 'runs' | 'shift' | 'first'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.scan.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'counts', 'n'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.starts.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order', 'starts', 'n' | 'rows'>;
  export default kernel;
}
declare module '*/shaders/layout/fill.forward.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'y', 'n' | 'value'>;
  export default kernel;
}
declare module '*/shaders/layout/pad.backward.wgsl' {
  const kernel: { reflect: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate'>; replicate: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate'>; circular: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/layout/pad.forward.wgsl' {
  const kernel: { reflect: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before'>; replicate: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before'>; circular: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before'> };
  export default kernel;
}
declare module '*/shaders/layout/strided.copy.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'rank' | 'accumulate' | 'x_offset' | 'y_offset' | 'dims'>;
  export default kernel;
}
declare module '*/shaders/layout/transpose.copy.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'workgroups' | 'rows' | 'columns' | 'accumulate' | 'x_offset' | 'x_batch' | 'x_row' | 'y_offset' | 'y_batch' | 'y_row'>;
  export default kernel;
}
declare module '*/shaders/layout/triangle.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'rows' | 'columns' | 'diagonal' | 'upper' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/loss/accuracy.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index'>; group: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index'>; quad: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index'> };
  export default kernel;
}
declare module '*/shaders/loss/cross_entropy.backward.wgsl' {
  const kernel: { logits: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'rows' | 'total' | 'dy', 'gradient', 'n' | 'classes' | 'inner' | 'scale' | 'smoothing' | 'ignore_index'>; soft: import('./kernel').Kernel<'x' | 'weight' | 'rows' | 'total' | 'dy', 'gradient', 'n' | 'classes' | 'inner' | 'scale' | 'smoothing'> };
  export default kernel;
}
declare module '*/shaders/loss/cross_entropy.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing'>; quad: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing'> };
  export default kernel;
}
declare module '*/shaders/loss/ctc.alignment.wgsl' {
  const kernel: { forward: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths', 'scores' | 'losses' | 'y' | 'sums', 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'packed' | 'begin' | 'end' | 'reduce' | 'zero_infinity' | 'per_symbol'>; backward: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths' | 'losses' | 'alpha', 'scores' | 'shares', 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'packed' | 'begin' | 'end'> };
  export default kernel;
}
declare module '*/shaders/loss/ctc.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths' | 'losses' | 'shares' | 'dy', 'dx', 'n' | 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'reduce' | 'zero_infinity' | 'per_symbol' | 'packed' | 'scale' | 'accumulate' | 'symbols_begin' | 'symbols_end'>;
  export default kernel;
}
declare module '*/shaders/loss/element.backward.wgsl' {
  const kernel: { mse: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step'>; l1: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step'>; smoothL1: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a'>; huber: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a'>; bce: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step'>; bceLogits: import('./kernel').Kernel<'x' | 'second' | 'third' | 'fourth' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'fourth_step'>; klDiv: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step'>; klDivLog: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step'>; poisson: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a' | 'full'>; poissonLog: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'full'>; gaussian: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'a'>; softMargin: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step'>; hinge: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a'>; ranking: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'a'> };
  export default kernel;
}
declare module '*/shaders/loss/element.forward.wgsl' {
  const kernel: { mse: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step'>; l1: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step'>; smoothL1: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a'>; huber: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a'>; bce: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step'>; bceLogits: import('./kernel').Kernel<'x' | 'second' | 'third' | 'fourth', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'fourth_step'>; klDiv: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step'>; klDivLog: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step'>; poisson: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a' | 'full'>; poissonLog: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'full'>; gaussian: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'a' | 'full'>; softMargin: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step'>; hinge: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a'>; ranking: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'a'> };
  export default kernel;
}
declare module '*/shaders/loss/multi_margin.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'dy', 'dx', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight' | 'accumulate'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'dy', 'dx', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/loss/multi_margin.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'sums', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'sums', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight'> };
  export default kernel;
}
declare module '*/shaders/loss/partials.reduce.wgsl' {
  const kernel: import('./kernel').Kernel<'partials', 'y' | 'total', 'count' | 'weighted' | 'scale'>;
  export default kernel;
}
declare module '*/shaders/metrics/record.step.wgsl' {
  const kernel: import('./kernel').Kernel<'loss' | 'total' | 'norm', 'history', never>;
  export default kernel;
}
declare module '*/shaders/norm/batch.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias'>; thread4: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias'>; group: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias'> };
  export default kernel;
}
declare module '*/shaders/norm/batch.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias'>; thread4: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias'>; group: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias'> };
  export default kernel;
}
declare module '*/shaders/norm/channels.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'stats' | 'weight' | 'total' | 'dy' | 'y', 'dx' | 'dresidual', 'n' | 'channels' | 'inner' | 'has_weight' | 'batch' | 'count' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/norm/channels.finish.wgsl' {
  const kernel: { tracked: import('./kernel').Kernel<'x' | 'moments', 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'chunks' | 'eps' | 'momentum'>; untracked: import('./kernel').Kernel<'x' | 'moments', 'stats', 'channels' | 'inner' | 'chunks' | 'eps'> };
  export default kernel;
}
declare module '*/shaders/norm/channels.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'stats' | 'weight' | 'bias' | 'residual', 'y', 'n' | 'channels' | 'inner' | 'has_weight' | 'has_bias'>;
  export default kernel;
}
declare module '*/shaders/norm/channels.partial.wgsl' {
  const kernel: { channels: import('./kernel').Kernel<'x', 'moments', 'outer' | 'channels' | 'chunks' | 'inner'>; columns: import('./kernel').Kernel<'x', 'moments', 'outer' | 'channels' | 'chunks'> };
  export default kernel;
}
declare module '*/shaders/norm/channels.running.wgsl' {
  const kernel: import('./kernel').Kernel<'running_mean' | 'running_var', 'stats', 'channels' | 'eps'>;
  export default kernel;
}
declare module '*/shaders/norm/instances.running.wgsl' {
  const kernel: import('./kernel').Kernel<'stats', 'running_mean' | 'running_var', 'batch' | 'channels' | 'count' | 'momentum'>;
  export default kernel;
}
declare module '*/shaders/norm/parameters.finish.wgsl' {
  const kernel: import('./kernel').Kernel<'sums', 'total' | 'dweight' | 'dbias', 'parameters' | 'chunks' | 'accumulate_weight' | 'accumulate_bias'>;
  export default kernel;
}
declare module '*/shaders/norm/parameters.partial.wgsl' {
  const kernel: { channels: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'sums', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'chunks' | 'inner'>; columns: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'sums', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'chunks'>; direct: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'dweight' | 'dbias', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'accumulate_weight' | 'accumulate_bias'>; rows: import('./kernel').Kernel<'x' | 'stats' | 'dy', 'dweight' | 'dbias', 'outer' | 'parameters' | 'accumulate_weight' | 'accumulate_bias'> };
  export default kernel;
}
declare module '*/shaders/norm/response.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'd' | 'dy', 'dx', 'n' | 'channels' | 'inner' | 'size' | 'alpha' | 'beta' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/norm/response.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y' | 'd', 'n' | 'channels' | 'inner' | 'size' | 'alpha' | 'beta' | 'k'>;
  export default kernel;
}
declare module '*/shaders/norm/rows.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate'>; group: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate'>; vector: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/norm/rows.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps'>; group: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps'>; vector: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps'> };
  export default kernel;
}
declare module '*/shaders/optimizer/adam.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v', 'n4' | 'beta1' | 'beta2' | 'one_minus_beta1' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'v', 'n4' | 'beta1' | 'beta2' | 'one_minus_beta1' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value'> };
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.partial.wgsl' {
  const kernel: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset'>;
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.scale.wgsl' {
  const kernel: import('./kernel').Kernel<'partials', 'scale' | 'norm', 'count' | 'max_norm'>;
  export default kernel;
}
declare module '*/shaders/optimizer/sgd.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'buf', 'n4' | 'nesterov' | 'momentum' | 'dampening' | 'weight_decay' | 'clip_value'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'buf', 'n4' | 'nesterov' | 'momentum' | 'dampening' | 'weight_decay' | 'clip_value'> };
  export default kernel;
}
declare module '*/shaders/pool/avg_pool.backward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'>; adaptive: import('./kernel').Kernel<'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'> };
  export default kernel;
}
declare module '*/shaders/pool/avg_pool.forward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'x', 'y', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'>; adaptive: import('./kernel').Kernel<'x', 'y', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'> };
  export default kernel;
}
declare module '*/shaders/pool/interpolate.backward.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'dy', 'dx', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned' | 'accumulate' | 'first' | 'taps'>; linear: import('./kernel').Kernel<'dy', 'dx', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned' | 'accumulate' | 'first' | 'taps'> };
  export default kernel;
}
declare module '*/shaders/pool/interpolate.forward.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'x', 'y', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned'>; linear: import('./kernel').Kernel<'x', 'y', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned'> };
  export default kernel;
}
declare module '*/shaders/pool/max_pool.backward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'index' | 'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'>; adaptive: import('./kernel').Kernel<'index' | 'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'> };
  export default kernel;
}
declare module '*/shaders/pool/max_pool.forward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'x', 'y' | 'index', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'>; adaptive: import('./kernel').Kernel<'x', 'y' | 'index', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps'> };
  export default kernel;
}
declare module '*/shaders/random/dropout.apply.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'inner' | 'threshold' | 'node' | 'scale' | 'kept' | 'dropped' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/random/words.fill.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'words', 'n' | 'node'>;
  export default kernel;
}
declare module '*/shaders/recurrent/gru.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'saved' | 'previous' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dhidden' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'saved' | 'previous' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dhidden' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/gru.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x_gates' | 'bias' | 'h_in' | 'lengths' | 'weight', 'y' | 'saved' | 'h_out', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'x_gates' | 'bias' | 'h_in' | 'lengths' | 'weight', 'y' | 'saved' | 'h_out', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/lstm.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'saved' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dh' | 'dc', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'saved' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dh' | 'dc', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/lstm.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'y' | 'saved' | 'h_out' | 'c', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'y' | 'saved' | 'h_out' | 'c', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/mask.apply.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x', 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'x', 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/previous.gather.wgsl' {
  const kernel: import('./kernel').Kernel<'y' | 'h0' | 'lengths', 'previous', 'batch' | 'hidden' | 'steps' | 'row_t' | 'row_n' | 'has_h' | 'has_lengths' | 'reverse'>;
  export default kernel;
}
declare module '*/shaders/recurrent/rnn.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'y' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'y' | 'dy' | 'lengths' | 'weight', 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/recurrent/rnn.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'y' | 'h_out', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'>; narrow: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'y' | 'h_out', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale'> };
  export default kernel;
}
declare module '*/shaders/reduce/cumprod.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'zeros' | 'sums' | 'sums_past_zero', 'dx', 'n' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/reduce/extremum.forward.wgsl' {
  const kernel: { max: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first'>; min: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first'> };
  export default kernel;
}
declare module '*/shaders/reduce/pick.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'dy' | 'indices', 'dx', 'n' | 'picks' | 'size' | 'inner' | 'accumulate'>;
  export default kernel;
}
declare module '*/shaders/reduce/reduce.backward.wgsl' {
  const kernel: { spread: import('./kernel').Kernel<'dy', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; extremum: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; extremum_abs: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; abs: import('./kernel').Kernel<'dy' | 'x', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; square: import('./kernel').Kernel<'dy' | 'x' | 'y', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; power: import('./kernel').Kernel<'dy' | 'x' | 'y', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate' | 'power'>; variance: import('./kernel').Kernel<'dy' | 'x' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; deviation: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; exp_shifted: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'>; prod: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/reduce/reduce.forward.wgsl' {
  const kernel: { sum: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; prod: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; max: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; min: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; all: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; any: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; square: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; power: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; count: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; max_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; min_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; exp_shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; square_shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; equal: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; equal_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; prod_nonzero: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'>; zeros: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/reduce/scan.forward.wgsl' {
  const kernel: { sum: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate'>; prod: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate'>; zeros: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate'>; weighted: import('./kernel').Kernel<'x' | 'before' | 'other', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate'>; prod_past_zero: import('./kernel').Kernel<'x' | 'before' | 'other', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/reduce/sort.begin.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'keys' | 'positions', 'n' | 'size' | 'inner' | 'descending'>;
  export default kernel;
}
declare module '*/shaders/reduce/sort.finish.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'n' | 'count' | 'size' | 'inner'>;
  export default kernel;
}
declare module '*/shaders/reduce/sort.merge.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'positions', 'merged_keys' | 'merged_positions', 'n' | 'size' | 'width'>;
  export default kernel;
}
declare module '*/shaders/softmax/softmax.backward.wgsl' {
  const kernel: { softmax: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'>; softmin: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'>; logSoftmax: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'>; softmaxGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'>; softminGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'>; logSoftmaxGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate'> };
  export default kernel;
}
declare module '*/shaders/softmax/softmax.forward.wgsl' {
  const kernel: { softmax: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'>; softmin: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'>; logSoftmax: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'>; softmaxGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'>; softminGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'>; logSoftmaxGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner'> };
  export default kernel;
}
