// Made by `npm run generate` from shaders/. Do not edit.
declare module '*/shaders/activation/activation.backward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; leakyRelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; elu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; selu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'SELU_SCALE' | 'SELU_ALPHA'>; celu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; gelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; geluTanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'SQRT_2_OVER_PI'>; silu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; mish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; softplus: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b', never>; softsign: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; hardsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b', never>; hardswish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; hardtanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b', never>; sigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; tanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; logsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; tanhshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; softshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; hardshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; threshold: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never> };
  export default kernel;
}
declare module '*/shaders/activation/activation.forward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'x', 'y', 'n', never>; leakyRelu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; elu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; selu: import('./kernel').Kernel<'x', 'y', 'n', 'SELU_SCALE' | 'SELU_ALPHA'>; celu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; gelu: import('./kernel').Kernel<'x', 'y', 'n', never>; geluTanh: import('./kernel').Kernel<'x', 'y', 'n', 'SQRT_2_OVER_PI'>; silu: import('./kernel').Kernel<'x', 'y', 'n', never>; mish: import('./kernel').Kernel<'x', 'y', 'n', never>; softplus: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never>; softsign: import('./kernel').Kernel<'x', 'y', 'n', never>; hardsigmoid: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never>; hardswish: import('./kernel').Kernel<'x', 'y', 'n', never>; hardtanh: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never>; sigmoid: import('./kernel').Kernel<'x', 'y', 'n', never>; tanh: import('./kernel').Kernel<'x', 'y', 'n', never>; logsigmoid: import('./kernel').Kernel<'x', 'y', 'n', never>; tanhshrink: import('./kernel').Kernel<'x', 'y', 'n', never>; softshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; hardshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; threshold: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never> };
  export default kernel;
}
declare module '*/shaders/activation/gate.backward.wgsl' {
  const kernel: { glu: import('./kernel').Kernel<'x' | 'dy', 'dx', 'n' | 'half' | 'accumulate', never>; swiglu: import('./kernel').Kernel<'x' | 'dy', 'dx', 'n' | 'half' | 'accumulate', never> };
  export default kernel;
}
declare module '*/shaders/activation/gate.forward.wgsl' {
  const kernel: { glu: import('./kernel').Kernel<'x', 'y', 'n' | 'half', never>; swiglu: import('./kernel').Kernel<'x', 'y', 'n' | 'half', never> };
  export default kernel;
}
declare module '*/shaders/activation/prelu.backward.wgsl' {
  const kernel: { input: import('./kernel').Kernel<'x' | 'weight' | 'dy', 'dx', 'n' | 'channels' | 'inner' | 'accumulate', never>; weight: import('./kernel').Kernel<'x' | 'dy', 'dv', 'n', never> };
  export default kernel;
}
declare module '*/shaders/activation/prelu.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'weight', 'y', 'n' | 'channels' | 'inner', never>;
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_key.wgsl' {
  const kernel: { separate: import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey' | 'dvalue', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'ACCUMULATE_VALUE' | 'GROUPED' | 'LOOPED' | 'HEAD_BLOCKS' | 'VALUE_BLOCKS' | 'FIRST_LOOPED' | 'SCORE' | 'GRADIENT' | 'MASK' | 'LEAST' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE' | 'WIDE' | 'TEAM' | 'CHUNK'>; packed: import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'ACCUMULATE_VALUE' | 'GROUPED' | 'LOOPED' | 'HEAD_BLOCKS' | 'VALUE_BLOCKS' | 'FIRST_LOOPED' | 'SCORE' | 'GRADIENT' | 'MASK' | 'LEAST' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE' | 'WIDE' | 'TEAM' | 'CHUNK'>; 'quadShuffle.separate': import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey' | 'dvalue', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'ACCUMULATE_VALUE' | 'GROUPED' | 'SCORE' | 'HEAD_BLOCKS' | 'GRADIENT' | 'VALUE_BLOCKS' | 'CHUNK' | 'MASK' | 'WIDE' | 'LEAST' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE' | 'TEAM'>; 'quadShuffle.packed': import('./kernel').Kernel<'statistics' | 'key' | 'value' | 'query' | 'dy' | 'mask', 'dkey', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'ACCUMULATE_VALUE' | 'GROUPED' | 'SCORE' | 'HEAD_BLOCKS' | 'GRADIENT' | 'VALUE_BLOCKS' | 'CHUNK' | 'MASK' | 'WIDE' | 'LEAST' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE' | 'TEAM'> };
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_mask.wgsl' {
  const kernel: import('./kernel').Kernel<'statistics' | 'query' | 'dy' | 'key' | 'value' | 'mask', 'dmask', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'MASK_SIZE' | 'MASK_ROWS' | 'MASK_KEYS' | 'TERMS' | 'PARTS' | 'DROPOUT' | 'SCORE' | 'GRADIENT' | 'LEAST' | 'MASK' | 'HIDDEN' | 'MASK_BOOLEAN' | 'ACCUMULATE'>;
  export default kernel;
}
declare module '*/shaders/attention/attention.backward_query.wgsl' {
  const kernel: { plain: import('./kernel').Kernel<'y' | 'dy' | 'key' | 'value' | 'query' | 'mask', 'statistics' | 'dquery', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'TEAM' | 'VALUE_BLOCKS' | 'WIDE' | 'LOOPED' | 'HEAD_BLOCKS' | 'FIRST_LOOPED' | 'SCORE' | 'GRADIENT' | 'LEAST' | 'MASK' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE' | 'CHUNK'>; quadShuffle: import('./kernel').Kernel<'y' | 'query' | 'dy' | 'key' | 'value' | 'mask', 'statistics' | 'dquery', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'TEAM' | 'SCORE' | 'HEAD_BLOCKS' | 'GRADIENT' | 'CHUNK' | 'VALUE_BLOCKS' | 'WIDE' | 'LOOPED' | 'LEAST' | 'MASK' | 'HIDDEN' | 'MASK_BOOLEAN' | 'DROPOUT' | 'ACCUMULATE'> };
  export default kernel;
}
declare module '*/shaders/attention/attention.forward.wgsl' {
  const kernel: { plain: import('./kernel').Kernel<'key' | 'value' | 'query' | 'mask', 'y' | 'statistics', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'RESUMED' | 'TEAM' | 'HIDDEN' | 'EMPTY' | 'VALUE_BLOCKS' | 'LOOPED' | 'FIRST_LOOPED' | 'SCORE' | 'GRADIENT' | 'HEAD_BLOCKS' | 'WIDE' | 'MASK' | 'LEAST' | 'MASK_BOOLEAN' | 'DROPOUT' | 'CHUNK'>; quadShuffle: import('./kernel').Kernel<'query' | 'key' | 'value' | 'mask', 'y' | 'statistics', 'query' | 'key' | 'value' | 'y' | 'mask_shape' | 'mask_strides' | 'batch' | 'heads' | 'groups' | 'queries' | 'keys' | 'head_dim' | 'value_dim' | 'causal' | 'scale' | 'mask_row' | 'mask_key' | 'threshold' | 'keep_scale' | 'node' | 'first_tile' | 'end_tile' | 'slot', 'RESUMED' | 'TEAM' | 'HIDDEN' | 'SCORE' | 'HEAD_BLOCKS' | 'EMPTY' | 'VALUE_BLOCKS' | 'GRADIENT' | 'CHUNK' | 'WIDE' | 'MASK' | 'LEAST' | 'MASK_BOOLEAN' | 'DROPOUT'> };
  export default kernel;
}
declare module '*/shaders/attention/cache.append.wgsl' {
  const kernel: import('./kernel').Kernel<'qkv' | 'positions', 'keys' | 'values', 'batch' | 'steps' | 'width' | 'capacity', never>;
  export default kernel;
}
declare module '*/shaders/attention/cache.attend.wgsl' {
  const kernel: import('./kernel').Kernel<'qkv' | 'keys' | 'values' | 'positions' | 'sources', 'y' | 'state', 'queries' | 'steps' | 'heads' | 'width' | 'capacity' | 'scale' | 'first_tile' | 'end_tile', 'TILE' | 'LOWEST'>;
  export default kernel;
}
declare module '*/shaders/conv/conv.backward_weight.wgsl' {
  const kernel: { dense: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices', 'TALL' | 'STRIDE' | 'TAPS' | 'CHANNELS' | 'LANES'>; depthwise: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices', 'TALL' | 'STRIDE' | 'TAPS' | 'CHANNELS' | 'LANES'>; quadShuffle: import('./kernel').Kernel<'x' | 'dy', 'partial', 'size' | 'channels' | 'out' | 'out_channels' | 'kernel' | 'group_in' | 'stride' | 'group_out' | 'dilation' | 'batch' | 'padding' | 'bias' | 'spacing' | 'slices', 'TALL' | 'STRIDE' | 'TAPS' | 'CHANNELS' | 'LANES'> };
  export default kernel;
}
declare module '*/shaders/conv/conv.forward.wgsl' {
  const kernel: { dense: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds', 'ACCUMULATE' | 'PHASES' | 'SHARED' | 'LEAVES' | 'IN_PARTS' | 'STRIDE' | 'TAPS' | 'LANES' | 'CHANNELS'>; depthwise: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds', 'ACCUMULATE' | 'PHASES' | 'SHARED' | 'LEAVES' | 'IN_PARTS' | 'STRIDE' | 'TAPS' | 'LANES' | 'CHANNELS'>; quadShuffle: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y', 'size' | 'batch' | 'out' | 'groups' | 'image' | 'rows' | 'kernel' | 'inner' | 'stride' | 'row_step' | 'shift' | 'inner_step' | 'origin' | 'group_step' | 'phases' | 'bias' | 'step' | 'backwards' | 'dilation' | 'spacing' | 'tile' | 'first_round' | 'most_rounds', 'ACCUMULATE' | 'PHASES' | 'SHARED' | 'LEAVES' | 'IN_PARTS' | 'STRIDE' | 'TAPS' | 'LANES' | 'CHANNELS'> };
  export default kernel;
}
declare module '*/shaders/conv/conv.reduce_weight.wgsl' {
  const kernel: import('./kernel').Kernel<'partial', 'dweight' | 'dbias', 'channels' | 'columns' | 'weights' | 'slices' | 'accumulate_weight' | 'accumulate_bias', never>;
  export default kernel;
}
declare module '*/shaders/conv/fold.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'planes' | 'size' | 'out' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'step' | 'first' | 'taps', 'ACCUMULATE'>;
  export default kernel;
}
declare module '*/shaders/conv/unfold.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'planes' | 'size' | 'out' | 'kernel' | 'stride' | 'dilation' | 'padding', never>;
  export default kernel;
}
declare module '*/shaders/data/augment.draw.wgsl' {
  const kernel: import('./kernel').Kernel<'order' | 'program', 'drawn', 'batch' | 'images' | 'stages' | 'count' | 'length' | 'height' | 'width' | 'mixes' | 'mixup_alpha' | 'mixup_p' | 'cutmix_alpha' | 'cutmix_p', 'BY_STEP' | 'KINDS' | 'ARGS' | 'RESIZED_CROP' | 'ERASE' | 'COLOR' | 'NOISE' | 'CROP' | 'RANGES' | 'AFFINE_MAP' | 'HORIZONTAL_FLIP' | 'SECOND' | 'MIX_STREAM' | 'DRAWN' | 'PROGRAM'>;
  export default kernel;
}
declare module '*/shaders/data/augment.gather.wgsl' {
  const kernel: { floats: import('./kernel').Kernel<'x' | 'order' | 'program' | 'drawn' | 'labels', 'y' | 'targets', 'batch' | 'images' | 'geometric' | 'stages' | 'channels' | 'in_height' | 'in_width' | 'height' | 'width' | 'length' | 'label_size' | 'tail' | 'scale', 'GROUP' | 'BILINEAR' | 'WITH_MEAN' | 'MIX_TARGETS' | 'BY_STEP' | 'KINDS' | 'DRAWN' | 'CONSTANT' | 'NEAREST' | 'REFLECT' | 'PROGRAM' | 'SECOND' | 'PIXEL_DRAWS' | 'BRIGHTNESS' | 'CONTRAST' | 'SATURATION' | 'HUE' | 'COLOR' | 'ERASE' | 'NOISE' | 'NORMALIZE' | 'ARGS'>; bytes: import('./kernel').Kernel<'x' | 'order' | 'program' | 'drawn' | 'labels', 'y' | 'targets', 'batch' | 'images' | 'geometric' | 'stages' | 'channels' | 'in_height' | 'in_width' | 'height' | 'width' | 'length' | 'label_size' | 'tail' | 'scale', 'GROUP' | 'BILINEAR' | 'WITH_MEAN' | 'MIX_TARGETS' | 'BY_STEP' | 'KINDS' | 'DRAWN' | 'CONSTANT' | 'NEAREST' | 'REFLECT' | 'PROGRAM' | 'SECOND' | 'PIXEL_DRAWS' | 'BRIGHTNESS' | 'CONTRAST' | 'SATURATION' | 'HUE' | 'COLOR' | 'ERASE' | 'NOISE' | 'NORMALIZE' | 'ARGS'> };
  export default kernel;
}
declare module '*/shaders/data/batch.gather.wgsl' {
  const kernel: { floats: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add' | 'labels', 'y' | 'targets', 'batch' | 'size' | 'plane' | 'channels' | 'length' | 'label_size', 'AFFINE'>; bytes: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add' | 'labels', 'y' | 'targets', 'batch' | 'size' | 'plane' | 'channels' | 'length' | 'label_size', 'AFFINE'> };
  export default kernel;
}
declare module '*/shaders/data/shuffle.permute.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'order', 'n' | 'half_bits', never>;
  export default kernel;
}
declare module '*/shaders/data/windows.gather.wgsl' {
  const kernel: import('./kernel').Kernel<'text' | 'order', 'x' | 'y', 'batch' | 'block' | 'stride' | 'length', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/accumulate.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b', 'y', 'n', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/accumulate.into.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/binary.backward.wgsl' {
  const kernel: { mul: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; divX: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; divOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; powX: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; powOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; minimum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; maximum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; atan2X: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; atan2Other: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; hypot: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; fmodOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; remainderOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/binary.forward.wgsl' {
  const kernel: { add: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'alpha' | 'dims', never>; mul: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; div: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; divFloor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; divTrunc: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; pow: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; minimum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; maximum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; atan2: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; hypot: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; fmod: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; remainder: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; eq: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; ne: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; lt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; le: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; gt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; ge: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalAnd: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalOr: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalXor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/cast.forward.wgsl' {
  const kernel: { floatToInt: import('./kernel').Kernel<'x', 'y', 'n', never>; floatToIndex: import('./kernel').Kernel<'x', 'y', 'n', never>; intToFloat: import('./kernel').Kernel<'x', 'y', 'n', never>; floatToBool: import('./kernel').Kernel<'x', 'y', 'n', never>; intToBool: import('./kernel').Kernel<'x', 'y', 'n', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/copy.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/integer.forward.wgsl' {
  const kernel: { add: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'alpha' | 'dims', never>; mul: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; divFloor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; divTrunc: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; pow: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; minimum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; maximum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; fmod: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; remainder: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; neg: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; abs: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; sign: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; not: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; eq: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; ne: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; lt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; le: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; gt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never>; ge: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'dims', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/scale.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'accumulate' | 'factor', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/unary.backward.wgsl' {
  const kernel: { abs: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; exp: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; log: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; log1p: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; expm1: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; log2: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'LN_2'>; sqrt: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; rsqrt: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; square: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; reciprocal: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; sin: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; cos: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; tan: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; asin: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; acos: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; atan: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; sinh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'LN_2'>; cosh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'LN_2'>; asinh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; acosh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; exp2: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'LN_2'>; erf: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; erfc: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; erfinv: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; lgamma: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'PI'>; digamma: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', 'PI'>; i0: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; i1: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; clamp: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'low' | 'high', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/unary.forward.wgsl' {
  const kernel: { neg: import('./kernel').Kernel<'x', 'y', 'n', never>; abs: import('./kernel').Kernel<'x', 'y', 'n', never>; exp: import('./kernel').Kernel<'x', 'y', 'n', never>; log: import('./kernel').Kernel<'x', 'y', 'n', never>; log1p: import('./kernel').Kernel<'x', 'y', 'n', never>; expm1: import('./kernel').Kernel<'x', 'y', 'n', never>; log2: import('./kernel').Kernel<'x', 'y', 'n', 'LN_2'>; sqrt: import('./kernel').Kernel<'x', 'y', 'n', never>; rsqrt: import('./kernel').Kernel<'x', 'y', 'n', never>; square: import('./kernel').Kernel<'x', 'y', 'n', never>; reciprocal: import('./kernel').Kernel<'x', 'y', 'n', never>; sin: import('./kernel').Kernel<'x', 'y', 'n', never>; cos: import('./kernel').Kernel<'x', 'y', 'n', never>; tan: import('./kernel').Kernel<'x', 'y', 'n', never>; asin: import('./kernel').Kernel<'x', 'y', 'n', never>; acos: import('./kernel').Kernel<'x', 'y', 'n', never>; atan: import('./kernel').Kernel<'x', 'y', 'n', never>; sinh: import('./kernel').Kernel<'x', 'y', 'n', 'LN_2'>; cosh: import('./kernel').Kernel<'x', 'y', 'n', 'LN_2'>; asinh: import('./kernel').Kernel<'x', 'y', 'n', 'LN_2'>; acosh: import('./kernel').Kernel<'x', 'y', 'n', 'LN_2'>; exp2: import('./kernel').Kernel<'x', 'y', 'n', never>; erf: import('./kernel').Kernel<'x', 'y', 'n', never>; erfc: import('./kernel').Kernel<'x', 'y', 'n', never>; erfinv: import('./kernel').Kernel<'x', 'y', 'n', never>; lgamma: import('./kernel').Kernel<'x', 'y', 'n', 'PI'>; digamma: import('./kernel').Kernel<'x', 'y', 'n', 'PI'>; i0: import('./kernel').Kernel<'x', 'y', 'n', never>; i1: import('./kernel').Kernel<'x', 'y', 'n', never>; sign: import('./kernel').Kernel<'x', 'y', 'n', never>; floor: import('./kernel').Kernel<'x', 'y', 'n', never>; ceil: import('./kernel').Kernel<'x', 'y', 'n', never>; round: import('./kernel').Kernel<'x', 'y', 'n', never>; roundTo: import('./kernel').Kernel<'x', 'y', 'n' | 'ten', never>; roundUpTo: import('./kernel').Kernel<'x', 'y', 'n' | 'ten', never>; trunc: import('./kernel').Kernel<'x', 'y', 'n', never>; clamp: import('./kernel').Kernel<'x', 'y', 'n' | 'low' | 'high', never>; isnan: import('./kernel').Kernel<'x', 'y', 'n', never>; isinf: import('./kernel').Kernel<'x', 'y', 'n', never>; signbit: import('./kernel').Kernel<'x', 'y', 'n', never>; logicalNot: import('./kernel').Kernel<'x', 'y', 'n', never>; nanToZero: import('./kernel').Kernel<'x', 'y', 'n', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/where.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'condition' | 'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/gemm/quad_shuffle.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b' | 'bias' | 'aux', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'a_row' | 'a_column' | 'b_row' | 'b_column' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta' | 'epilogue' | 'row_sums', 'GROUP' | 'PARTS' | 'TILE' | 'BIAS' | 'EPILOGUE' | 'SELECTED' | 'ACCUMULATE' | 'RELU_GRADIENT' | 'ADD' | 'RELU' | 'ACTIVATION' | 'ACTIVATE_KEEP' | 'GRADIENT' | 'GELU' | 'GELU_TANH' | 'SILU' | 'SIGMOID' | 'TANH' | 'SQRT_2_OVER_PI' | 'ACCUMULATE_SUMS' | 'BATCHED'>;
  export default kernel;
}
declare module '*/shaders/gemm/register_tile.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b' | 'bias' | 'aux', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'a_row' | 'a_column' | 'b_row' | 'b_column' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta' | 'epilogue' | 'row_sums', 'GROUP' | 'LANES' | 'ROWS' | 'COLUMNS' | 'BIAS' | 'ACCUMULATE_SUMS' | 'EPILOGUE' | 'SELECTED' | 'ACCUMULATE' | 'RELU_GRADIENT' | 'ADD' | 'RELU' | 'ACTIVATION' | 'ACTIVATE_KEEP' | 'GRADIENT' | 'GELU' | 'GELU_TANH' | 'SILU' | 'SIGMOID' | 'TANH' | 'SQRT_2_OVER_PI' | 'BATCHED'>;
  export default kernel;
}
declare module '*/shaders/gemm/shared_tile.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b' | 'aux' | 'bias', 'extra' | 'c', 'batch_shape' | 'a_batch' | 'b_batch' | 'bias_batch' | 'batches' | 'm' | 'n' | 'k' | 'a_row' | 'a_column' | 'b_row' | 'b_column' | 'bias_row' | 'bias_column' | 'splits' | 'k_split' | 'alpha' | 'beta' | 'epilogue' | 'row_sums', 'TRANSPOSE_A' | 'TRANSPOSE_B' | 'ALIGNED_A' | 'ALIGNED_B' | 'TILE' | 'LINE' | 'EPILOGUE' | 'SELECTED' | 'ACCUMULATE' | 'RELU_GRADIENT' | 'ADD' | 'RELU' | 'ACTIVATION' | 'ACTIVATE_KEEP' | 'GRADIENT' | 'GELU' | 'GELU_TANH' | 'SILU' | 'SIGMOID' | 'TANH' | 'SQRT_2_OVER_PI' | 'BIAS' | 'BATCHED'>;
  export default kernel;
}
declare module '*/shaders/gemm/split_sum.wgsl' {
  const kernel: import('./kernel').Kernel<'partial' | 'aux' | 'bias', 'extra' | 'c', 'batch_shape' | 'bias_batch' | 'size' | 'm' | 'n' | 'bias_row' | 'bias_column' | 'splits' | 'beta', 'EPILOGUE' | 'SELECTED' | 'ACCUMULATE' | 'RELU_GRADIENT' | 'ADD' | 'RELU' | 'ACTIVATION' | 'ACTIVATE_KEEP' | 'GRADIENT' | 'GELU' | 'GELU_TANH' | 'SILU' | 'SIGMOID' | 'TANH' | 'SQRT_2_OVER_PI' | 'BIAS'>;
  export default kernel;
}
declare module '*/shaders/indexing/bags.find.wgsl' {
  const kernel: import('./kernel').Kernel<'index' | 'offsets', 'bag', 'n' | 'bags' | 'padding', never>;
  export default kernel;
}
declare module '*/shaders/indexing/gather.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'index', 'y', 'n' | 'rank' | 'accumulate' | 'limit' | 'stride' | 'invalid' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/indexing/index.flatten.wgsl' {
  const kernel: import('./kernel').Kernel<'index', 'flat', 'n' | 'rank' | 'per_batch' | 'batch_stride' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/indexing/index.keys.wgsl' {
  const kernel: import('./kernel').Kernel<'index', 'keys', 'n' | 'rank' | 'limit' | 'stride' | 'skip' | 'rows' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/indexing/one_hot.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'classes', never>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter.mark.wgsl' {
  const kernel: import('./kernel').Kernel<'index', 'winners', 'n' | 'rank' | 'limit' | 'stride' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter.pick.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'src' | 'winners', 'y', 'n' | 'zero', never>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.combine.wgsl' {
  const kernel: import('./kernel').Kernel<'partial', 'y', 'n' | 'splits' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.line.wgsl' {
  const kernel: { element: import('./kernel').Kernel<'index' | 'src', 'y', 'n' | 'inner' | 'rows' | 'positions' | 'shared_index' | 'skip' | 'alpha', 'ACCUMULATE'>; block: import('./kernel').Kernel<'index' | 'src', 'y', 'n' | 'inner' | 'rows' | 'positions' | 'skip' | 'alpha', 'ACCUMULATE'> };
  export default kernel;
}
declare module '*/shaders/indexing/scatter_add.segments.wgsl' {
  const kernel: import('./kernel').Kernel<'src' | 'order' | 'starts', 'y', 'n' | 'inner' | 'rows' | 'outer' | 'positions' | 'splits' | 'accumulate' | 'alpha' | 'begin' | 'end', never>;
  export default kernel;
}
declare module '*/shaders/indexing/scatter_reduce.segments.wgsl' {
  const kernel: { prod: import('./kernel').Kernel<'x' | 'src' | 'order' | 'starts', 'y', 'n' | 'inner' | 'rows' | 'outer' | 'positions' | 'include' | 'begin' | 'end', never>; max: import('./kernel').Kernel<'x' | 'src' | 'order' | 'starts', 'y' | 'winner', 'n' | 'inner' | 'rows' | 'outer' | 'positions' | 'include' | 'begin' | 'end', never>; min: import('./kernel').Kernel<'x' | 'src' | 'order' | 'starts', 'y' | 'winner', 'n' | 'inner' | 'rows' | 'outer' | 'positions' | 'include' | 'begin' | 'end', never> };
  export default kernel;
}
declare module '*/shaders/indexing/search.sorted.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'boundaries', 'y', 'n' | 'per_row' | 'length' | 'shared_row' | 'right', never>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.count.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order', 'counts', 'n' | 'run' | 'runs' | 'shift' | 'first', 'DIGITS'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.place.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order' | 'counts', 'sorted', 'n' | 'run' | 'runs' | 'shift' | 'first', 'DIGITS'>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.scan.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'counts', 'n', never>;
  export default kernel;
}
declare module '*/shaders/indexing/sort.starts.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'order', 'starts', 'n' | 'rows', never>;
  export default kernel;
}
declare module '*/shaders/inspect/statistics.combine.wgsl' {
  const kernel: import('./kernel').Kernel<'partials', 'report', 'parts' | 'slot', 'VALUES'>;
  export default kernel;
}
declare module '*/shaders/inspect/statistics.partial.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'partials', 'n' | 'parts', 'VALUES'>;
  export default kernel;
}
declare module '*/shaders/layout/fill.forward.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'y', 'n' | 'value', never>;
  export default kernel;
}
declare module '*/shaders/layout/pad.backward.wgsl' {
  const kernel: { reflect: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate', never>; replicate: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate', never>; circular: import('./kernel').Kernel<'dy', 'dx', 'n' | 'size' | 'padded' | 'inner' | 'before' | 'accumulate', never> };
  export default kernel;
}
declare module '*/shaders/layout/pad.forward.wgsl' {
  const kernel: { reflect: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before', never>; replicate: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before', never>; circular: import('./kernel').Kernel<'x', 'y', 'n' | 'size' | 'padded' | 'inner' | 'before', never> };
  export default kernel;
}
declare module '*/shaders/layout/strided.copy.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'rank' | 'accumulate' | 'x_offset' | 'y_offset' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/layout/transpose.copy.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'workgroups' | 'rows' | 'columns' | 'accumulate' | 'x_offset' | 'x_batch' | 'x_row' | 'y_offset' | 'y_batch' | 'y_row', 'TILE'>;
  export default kernel;
}
declare module '*/shaders/layout/triangle.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'rows' | 'columns' | 'diagonal' | 'upper' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/loss/accuracy.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index', 'LANES' | 'GROUP'>; group: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index', 'LANES' | 'GROUP'>; quadShuffle: import('./kernel').Kernel<'x' | 'labels', 'y' | 'sums', 'row_count' | 'classes' | 'inner' | 'wrong' | 'ignores' | 'ignore_index', 'LANES' | 'GROUP'> };
  export default kernel;
}
declare module '*/shaders/loss/cross_entropy.backward.wgsl' {
  const kernel: { logits: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'rows' | 'total' | 'dy', 'gradient', 'n' | 'classes' | 'inner' | 'scale' | 'smoothing' | 'ignore_index', 'NORMALIZE' | 'PROBABILITIES' | 'HAS_WEIGHT' | 'REDUCE' | 'WEIGHTED' | 'ACCUMULATE'>; soft: import('./kernel').Kernel<'x' | 'weight' | 'rows' | 'total' | 'dy', 'gradient', 'n' | 'classes' | 'inner' | 'scale' | 'smoothing', 'HAS_WEIGHT' | 'REDUCE' | 'WEIGHTED' | 'ACCUMULATE'> };
  export default kernel;
}
declare module '*/shaders/loss/cross_entropy.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing', 'NORMALIZE' | 'PROBABILITIES' | 'HAS_WEIGHT' | 'SMOOTHED' | 'REDUCE' | 'LANES' | 'GROUP'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing', 'NORMALIZE' | 'PROBABILITIES' | 'HAS_WEIGHT' | 'SMOOTHED' | 'REDUCE' | 'LANES' | 'GROUP'>; quadShuffle: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'rows' | 'sums', 'row_count' | 'classes' | 'inner' | 'weighted' | 'scale' | 'ignore_index' | 'smoothing', 'NORMALIZE' | 'PROBABILITIES' | 'HAS_WEIGHT' | 'SMOOTHED' | 'REDUCE' | 'LANES' | 'GROUP'> };
  export default kernel;
}
declare module '*/shaders/loss/ctc.alignment.wgsl' {
  const kernel: { forward: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths', 'scores' | 'losses' | 'y' | 'sums', 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'packed' | 'begin' | 'end' | 'reduce' | 'zero_infinity' | 'per_symbol', never>; backward: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths' | 'losses' | 'alpha', 'scores' | 'shares', 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'packed' | 'begin' | 'end', never> };
  export default kernel;
}
declare module '*/shaders/loss/ctc.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'log_probs' | 'symbols' | 'input_lengths' | 'target_lengths' | 'losses' | 'shares' | 'dy', 'dx', 'n' | 'steps' | 'batch' | 'classes' | 'longest' | 'blank' | 'reduce' | 'zero_infinity' | 'per_symbol' | 'packed' | 'scale' | 'accumulate' | 'symbols_begin' | 'symbols_end', never>;
  export default kernel;
}
declare module '*/shaders/loss/element.backward.wgsl' {
  const kernel: { mse: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step', never>; l1: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step', never>; smoothL1: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a', never>; huber: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a', never>; bce: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step', never>; bceLogits: import('./kernel').Kernel<'x' | 'second' | 'third' | 'fourth' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'fourth_step', never>; klDiv: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step', never>; klDivLog: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step', never>; poisson: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a' | 'full', never>; poissonLog: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'full', never>; gaussian: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'a', never>; softMargin: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step', never>; hinge: import('./kernel').Kernel<'x' | 'second' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'a', never>; ranking: import('./kernel').Kernel<'x' | 'second' | 'third' | 'dy', 'gradient', 'n' | 'reduce' | 'scale' | 'accumulate' | 'operand' | 'second_step' | 'third_step' | 'a', never> };
  export default kernel;
}
declare module '*/shaders/loss/element.forward.wgsl' {
  const kernel: { mse: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step', never>; l1: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step', never>; smoothL1: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a', never>; huber: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a', never>; bce: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step', never>; bceLogits: import('./kernel').Kernel<'x' | 'second' | 'third' | 'fourth', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'fourth_step', never>; klDiv: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step', never>; klDivLog: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step', never>; poisson: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a' | 'full', never>; poissonLog: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'full', never>; gaussian: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'a' | 'full', never>; softMargin: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step', never>; hinge: import('./kernel').Kernel<'x' | 'second', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'a', never>; ranking: import('./kernel').Kernel<'x' | 'second' | 'third', 'y' | 'sums', 'n' | 'reduce' | 'scale' | 'second_step' | 'third_step' | 'a', never> };
  export default kernel;
}
declare module '*/shaders/loss/multi_margin.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'dy', 'dx', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight' | 'accumulate', 'LANES'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight' | 'dy', 'dx', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight' | 'accumulate', 'LANES'> };
  export default kernel;
}
declare module '*/shaders/loss/multi_margin.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'sums', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight', 'LANES'>; group: import('./kernel').Kernel<'x' | 'labels' | 'weight', 'y' | 'sums', 'row_count' | 'classes' | 'reduce' | 'scale' | 'p' | 'margin' | 'has_weight', 'LANES'> };
  export default kernel;
}
declare module '*/shaders/loss/partials.reduce.wgsl' {
  const kernel: import('./kernel').Kernel<'partials', 'y' | 'total', 'count' | 'weighted' | 'scale', never>;
  export default kernel;
}
declare module '*/shaders/metrics/record.step.wgsl' {
  const kernel: import('./kernel').Kernel<'loss' | 'total' | 'norm', 'history', never, 'VALUES'>;
  export default kernel;
}
declare module '*/shaders/norm/batch.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias', 'RELU' | 'RESIDUAL' | 'ACCUMULATE_DX' | 'ACCUMULATE_RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'>; thread4: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias', 'RELU' | 'RESIDUAL' | 'ACCUMULATE_DX' | 'ACCUMULATE_RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'>; group: import('./kernel').Kernel<'x' | 'stats' | 'y' | 'dy', 'dx' | 'dweight' | 'dbias' | 'dresidual', 'channels' | 'inner' | 'count' | 'floats' | 'accumulate_weight' | 'accumulate_bias', 'RELU' | 'RESIDUAL' | 'ACCUMULATE_DX' | 'ACCUMULATE_RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'> };
  export default kernel;
}
declare module '*/shaders/norm/batch.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias', 'RELU' | 'RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'>; thread4: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias', 'RELU' | 'RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'>; group: import('./kernel').Kernel<'x' | 'weight' | 'bias' | 'residual', 'y' | 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'count' | 'floats' | 'eps' | 'momentum' | 'has_weight' | 'has_bias', 'RELU' | 'RESIDUAL' | 'GROUP' | 'RUN' | 'LANES'> };
  export default kernel;
}
declare module '*/shaders/norm/channels.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'stats' | 'weight' | 'total' | 'dy' | 'y', 'dx' | 'dresidual', 'n' | 'channels' | 'inner' | 'has_weight' | 'batch' | 'count' | 'accumulate', 'RELU' | 'RESIDUAL' | 'ACCUMULATE_RESIDUAL'>;
  export default kernel;
}
declare module '*/shaders/norm/channels.finish.wgsl' {
  const kernel: { tracked: import('./kernel').Kernel<'x' | 'moments', 'stats' | 'running_mean' | 'running_var', 'channels' | 'inner' | 'chunks' | 'eps' | 'momentum', never>; untracked: import('./kernel').Kernel<'x' | 'moments', 'stats', 'channels' | 'inner' | 'chunks' | 'eps', never> };
  export default kernel;
}
declare module '*/shaders/norm/channels.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'stats' | 'weight' | 'bias' | 'residual', 'y', 'n' | 'channels' | 'inner' | 'has_weight' | 'has_bias', 'RELU' | 'RESIDUAL'>;
  export default kernel;
}
declare module '*/shaders/norm/channels.partial.wgsl' {
  const kernel: { channels: import('./kernel').Kernel<'x', 'moments', 'outer' | 'channels' | 'chunks' | 'inner', never>; columns: import('./kernel').Kernel<'x', 'moments', 'outer' | 'channels' | 'chunks', never> };
  export default kernel;
}
declare module '*/shaders/norm/channels.running.wgsl' {
  const kernel: import('./kernel').Kernel<'running_mean' | 'running_var', 'stats', 'channels' | 'eps', never>;
  export default kernel;
}
declare module '*/shaders/norm/instances.running.wgsl' {
  const kernel: import('./kernel').Kernel<'stats', 'running_mean' | 'running_var', 'batch' | 'channels' | 'count' | 'momentum', never>;
  export default kernel;
}
declare module '*/shaders/norm/parameters.finish.wgsl' {
  const kernel: import('./kernel').Kernel<'sums', 'total' | 'dweight' | 'dbias', 'parameters' | 'chunks' | 'accumulate_weight' | 'accumulate_bias', never>;
  export default kernel;
}
declare module '*/shaders/norm/parameters.partial.wgsl' {
  const kernel: { channels: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'sums', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'chunks' | 'inner', 'GROUP' | 'RELU'>; columns: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'sums', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'chunks', 'GROUP' | 'RELU'>; direct: import('./kernel').Kernel<'x' | 'stats' | 'dy' | 'y', 'dweight' | 'dbias', 'outer' | 'parameters' | 'stats_step' | 'stats_count' | 'accumulate_weight' | 'accumulate_bias', 'GROUP' | 'RELU'>; rows: import('./kernel').Kernel<'x' | 'stats' | 'dy', 'dweight' | 'dbias', 'outer' | 'parameters' | 'accumulate_weight' | 'accumulate_bias', 'GROUP'> };
  export default kernel;
}
declare module '*/shaders/norm/response.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'd' | 'dy', 'dx', 'n' | 'channels' | 'inner' | 'size' | 'alpha' | 'beta' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/norm/response.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y' | 'd', 'n' | 'channels' | 'inner' | 'size' | 'alpha' | 'beta' | 'k', never>;
  export default kernel;
}
declare module '*/shaders/norm/rows.backward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate', 'HAS_WEIGHT' | 'OWN_PARAMETERS' | 'WIDTH' | 'RMS' | 'LANES'>; group: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate', 'HAS_WEIGHT' | 'OWN_PARAMETERS' | 'WIDTH' | 'RMS' | 'LANES'>; vector: import('./kernel').Kernel<'x' | 'weight' | 'stats' | 'dy', 'dx', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'accumulate', 'HAS_WEIGHT' | 'OWN_PARAMETERS' | 'WIDTH' | 'RMS' | 'LANES'> };
  export default kernel;
}
declare module '*/shaders/norm/rows.forward.wgsl' {
  const kernel: { thread: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps', 'HAS_BIAS' | 'WIDTH' | 'RMS' | 'LANES' | 'OWN_PARAMETERS' | 'HAS_WEIGHT'>; group: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps', 'HAS_BIAS' | 'WIDTH' | 'RMS' | 'LANES' | 'OWN_PARAMETERS' | 'HAS_WEIGHT'>; vector: import('./kernel').Kernel<'x' | 'weight' | 'bias', 'y' | 'stats', 'rows' | 'size' | 'parameter_step' | 'parameters' | 'eps', 'HAS_BIAS' | 'WIDTH' | 'RMS' | 'LANES' | 'OWN_PARAMETERS' | 'HAS_WEIGHT'> };
  export default kernel;
}
declare module '*/shaders/optimizer/adadelta.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'v' | 'acc', 'n4' | 'sign' | 'rho' | 'one_minus_rho' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'v' | 'acc', 'n4' | 'sign' | 'rho' | 'one_minus_rho' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/adagrad.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'sum', 'n4' | 'sign' | 'initial' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'sum', 'n4' | 'sign' | 'initial' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/adam.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'>; 'contiguous.amsgrad': import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v' | 'v_max', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; 'indexed.amsgrad': import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'v' | 'v_max', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/adamax.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'u', 'n4' | 'sign' | 'beta2' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'u', 'n4' | 'sign' | 'beta2' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/asgd.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'ax', 'n4' | 'sign' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'ax', 'n4' | 'sign' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/average.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'p' | 'scale', 'average', 'n4', never>; indexed: import('./kernel').Kernel<'p' | 'scale' | 'blocks', 'average', 'n4', 'BLOCK'> };
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.partial.wgsl' {
  const kernel: { two: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset', never>; one: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset', never>; any: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset' | 'p', never>; most: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset', never> };
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.scale.wgsl' {
  const kernel: { two: import('./kernel').Kernel<'partials', 'scale' | 'norm', 'count' | 'max_norm' | 'refuses', never>; one: import('./kernel').Kernel<'partials', 'scale' | 'norm', 'count' | 'max_norm' | 'refuses', never>; any: import('./kernel').Kernel<'partials', 'scale' | 'norm', 'count' | 'max_norm' | 'refuses' | 'p', never>; most: import('./kernel').Kernel<'partials', 'scale' | 'norm', 'count' | 'max_norm' | 'refuses', never> };
  export default kernel;
}
declare module '*/shaders/optimizer/lion.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'decay' | 'clip_value', never>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'decay' | 'clip_value', 'BLOCK'> };
  export default kernel;
}
declare module '*/shaders/optimizer/muon.apply.wgsl' {
  const kernel: import('./kernel').Kernel<'direction' | 'scale', 'p', 'n' | 'decay' | 'ratio', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/muon.combine.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'z', 'y', 'n' | 'a' | 'b', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/muon.momentum.wgsl' {
  const kernel: import('./kernel').Kernel<'grad' | 'scale', 'buf' | 'update', 'n' | 'nesterov' | 'sign' | 'clip_value', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/muon.normalize.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'partials', 'y', 'n' | 'parts' | 'eps', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/muon.partials.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'partials', 'n' | 'parts', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/nadam.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/radam.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'm' | 'v', 'n4' | 'sign' | 'beta2' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/restore.refused.wgsl' {
  const kernel: import('./kernel').Kernel<'copy' | 'scale', 'x', 'n', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/rmsprop.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'v', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'v', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'>; 'contiguous.momentum': import('./kernel').Kernel<'grad' | 'scale', 'p' | 'v' | 'buf', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; 'indexed.momentum': import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'v' | 'buf', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'>; 'contiguous.centered': import('./kernel').Kernel<'grad' | 'scale', 'p' | 'v' | 'mean', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; 'indexed.centered': import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'v' | 'mean', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'>; 'contiguous.centered.momentum': import('./kernel').Kernel<'grad' | 'scale', 'p' | 'v' | 'mean' | 'buf', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; 'indexed.centered.momentum': import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'v' | 'mean' | 'buf', 'n4' | 'sign' | 'alpha' | 'one_minus_alpha' | 'eps' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/optimizer/rprop.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'prev' | 'sizes', 'n4' | 'sign' | 'eta_minus' | 'eta_plus' | 'least' | 'most' | 'clip_value', never>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'prev' | 'sizes', 'n4' | 'sign' | 'eta_minus' | 'eta_plus' | 'least' | 'most' | 'clip_value', 'BLOCK'> };
  export default kernel;
}
declare module '*/shaders/optimizer/sgd.step.wgsl' {
  const kernel: { contiguous: import('./kernel').Kernel<'grad' | 'scale', 'p', 'n4' | 'sign' | 'l2' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; indexed: import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p', 'n4' | 'sign' | 'l2' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'>; 'contiguous.momentum': import('./kernel').Kernel<'grad' | 'scale', 'p' | 'buf', 'n4' | 'nesterov' | 'sign' | 'l2' | 'undamped' | 'clip_value', 'CLIPS' | 'REGULARIZES'>; 'indexed.momentum': import('./kernel').Kernel<'grad' | 'scale' | 'blocks', 'p' | 'buf', 'n4' | 'nesterov' | 'sign' | 'l2' | 'undamped' | 'clip_value', 'BLOCK' | 'CLIPS' | 'REGULARIZES'> };
  export default kernel;
}
declare module '*/shaders/pool/avg_pool.backward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE' | 'PADDED'>; adaptive: import('./kernel').Kernel<'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE' | 'PADDED'> };
  export default kernel;
}
declare module '*/shaders/pool/avg_pool.forward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'x', 'y', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE' | 'PADDED'>; adaptive: import('./kernel').Kernel<'x', 'y', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE' | 'PADDED'> };
  export default kernel;
}
declare module '*/shaders/pool/grid_sample.backward_grid.wgsl' {
  const kernel: { linear: import('./kernel').Kernel<'x' | 'grid' | 'dy', 'dgrid', 'n' | 'channels' | 'out' | 'dims' | 'size' | 'padding' | 'aligned' | 'accumulate' | 'first' | 'last', 'TAPS' | 'ZEROS' | 'REFLECTION'>; cubic: import('./kernel').Kernel<'x' | 'grid' | 'dy', 'dgrid', 'n' | 'channels' | 'out' | 'dims' | 'size' | 'padding' | 'aligned' | 'accumulate' | 'first' | 'last', 'TAPS' | 'ZEROS' | 'BORDER'> };
  export default kernel;
}
declare module '*/shaders/pool/grid_sample.backward_input.wgsl' {
  const kernel: import('./kernel').Kernel<'dy' | 'weights' | 'order' | 'starts', 'dx', 'n' | 'channels' | 'volume' | 'out' | 'taps' | 'accumulate' | 'begin' | 'end', never>;
  export default kernel;
}
declare module '*/shaders/pool/grid_sample.forward.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'x' | 'grid', 'y', 'n' | 'channels' | 'out' | 'dims' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'REFLECTION'>; linear: import('./kernel').Kernel<'x' | 'grid', 'y', 'n' | 'channels' | 'out' | 'dims' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'REFLECTION'>; cubic: import('./kernel').Kernel<'x' | 'grid', 'y', 'n' | 'channels' | 'out' | 'dims' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'BORDER'> };
  export default kernel;
}
declare module '*/shaders/pool/grid_sample.taps.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'grid', 'keys' | 'weights', 'n' | 'out' | 'dims' | 'taps' | 'rows' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'REFLECTION'>; linear: import('./kernel').Kernel<'grid', 'keys' | 'weights', 'n' | 'out' | 'dims' | 'taps' | 'rows' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'REFLECTION'>; cubic: import('./kernel').Kernel<'grid', 'keys' | 'weights', 'n' | 'out' | 'dims' | 'taps' | 'rows' | 'size' | 'padding' | 'aligned', 'TAPS' | 'ZEROS' | 'BORDER'> };
  export default kernel;
}
declare module '*/shaders/pool/interpolate.backward.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'dy', 'dx', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned' | 'accumulate' | 'first' | 'taps', never>; linear: import('./kernel').Kernel<'dy', 'dx', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned' | 'accumulate' | 'first' | 'taps', never> };
  export default kernel;
}
declare module '*/shaders/pool/interpolate.forward.wgsl' {
  const kernel: { nearest: import('./kernel').Kernel<'x', 'y', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned', never>; linear: import('./kernel').Kernel<'x', 'y', 'planes' | 'rows_in' | 'rows_out' | 'rows_scale' | 'columns_in' | 'columns_out' | 'columns_scale' | 'aligned', never> };
  export default kernel;
}
declare module '*/shaders/pool/max_pool.backward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'index' | 'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE'>; adaptive: import('./kernel').Kernel<'index' | 'dy', 'dx', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'ACCUMULATE'> };
  export default kernel;
}
declare module '*/shaders/pool/max_pool.forward.wgsl' {
  const kernel: { strided: import('./kernel').Kernel<'x', 'y' | 'index', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'RELU' | 'CONTINUED'>; adaptive: import('./kernel').Kernel<'x', 'y' | 'index', 'size' | 'planes' | 'out' | 'count' | 'kernel' | 'stride' | 'dilation' | 'padding' | 'first' | 'taps', 'RELU' | 'CONTINUED'> };
  export default kernel;
}
declare module '*/shaders/pool/resample.taps.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'spans' | 'weights', 'y', 'n' | 'size' | 'out' | 'inner' | 'most' | 'accumulate' | 'first' | 'taps', never>;
  export default kernel;
}
declare module '*/shaders/random/dropout.apply.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'inner' | 'threshold' | 'node' | 'scale' | 'kept' | 'dropped' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/random/uniform.fill.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'y', 'n' | 'node', never>;
  export default kernel;
}
declare module '*/shaders/random/words.fill.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'words', 'n' | 'node', never>;
  export default kernel;
}
declare module '*/shaders/recurrent/gru.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'saved' | 'previous' | 'dy' | 'lengths' | 'weight', 'dx_gates' | 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'saved' | 'previous' | 'dy' | 'lengths' | 'weight', 'dx_gates' | 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/recurrent/gru.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'bias' | 'x_gates' | 'h_in' | 'lengths' | 'weight', 'saved' | 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'bias' | 'x_gates' | 'h_in' | 'lengths' | 'weight', 'saved' | 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/recurrent/lstm.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'saved' | 'dy' | 'lengths' | 'weight', 'dc' | 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'saved' | 'dy' | 'lengths' | 'weight', 'dc' | 'dgates' | 'dh', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/recurrent/lstm.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'saved' | 'c' | 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'saved' | 'c' | 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'SAVED' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/recurrent/mask.apply.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x', 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'LANE' | 'DROP'>; narrow: import('./kernel').Kernel<'x', 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'LANE' | 'DROP'> };
  export default kernel;
}
declare module '*/shaders/recurrent/previous.gather.wgsl' {
  const kernel: import('./kernel').Kernel<'y' | 'h0' | 'lengths', 'previous', 'batch' | 'hidden' | 'steps' | 'row_t' | 'row_n' | 'has_h' | 'has_lengths' | 'reverse', never>;
  export default kernel;
}
declare module '*/shaders/recurrent/rnn.backward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'y' | 'dy' | 'lengths' | 'weight', 'dh' | 'dgates', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'RELU' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'y' | 'dy' | 'lengths' | 'weight', 'dh' | 'dgates', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'RELU' | 'LANE' | 'DROP' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/recurrent/rnn.forward.wgsl' {
  const kernel: { wide: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'RELU' | 'DROP' | 'LANE' | 'GROUP' | 'HAS_LENGTHS'>; narrow: import('./kernel').Kernel<'x_gates' | 'h_in' | 'lengths' | 'weight', 'h_out' | 'y', 'batch' | 'hidden' | 't' | 't_after' | 'row_t' | 'row_n' | 'has_h' | 'has_c' | 'has_bias' | 'has_dy' | 'has_dh' | 'has_dc' | 'is_first' | 'finish' | 'masked_in' | 'masked_out' | 'drop_node' | 'drop_threshold' | 'drop_scale', 'GATES' | 'RELU' | 'DROP' | 'LANE' | 'GROUP' | 'HAS_LENGTHS'> };
  export default kernel;
}
declare module '*/shaders/reduce/cumprod.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'zeros' | 'sums' | 'sums_past_zero', 'dx', 'n' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/reduce/extreme_scan.forward.wgsl' {
  const kernel: { max: import('./kernel').Kernel<'x' | 'candidates' | 'before', 'positions', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'totals' | 'line' | 'has_candidates', never>; min: import('./kernel').Kernel<'x' | 'candidates' | 'before', 'positions', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'totals' | 'line' | 'has_candidates', never> };
  export default kernel;
}
declare module '*/shaders/reduce/extremum.forward.wgsl' {
  const kernel: { max: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first', never>; min: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first', never>; max_integer: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first', never>; min_integer: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'outputs' | 'size' | 'inner' | 'parts' | 'first', never> };
  export default kernel;
}
declare module '*/shaders/reduce/pick.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'dy' | 'indices', 'dx', 'n' | 'picks' | 'size' | 'inner' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/reduce/reduce.backward.wgsl' {
  const kernel: { spread: import('./kernel').Kernel<'dy', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; extremum: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; extremum_abs: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; abs: import('./kernel').Kernel<'dy' | 'x', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; square: import('./kernel').Kernel<'dy' | 'x' | 'y', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; power: import('./kernel').Kernel<'dy' | 'x' | 'y', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate' | 'power', never>; variance: import('./kernel').Kernel<'dy' | 'x' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; deviation: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; exp_shifted: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never>; prod: import('./kernel').Kernel<'dy' | 'x' | 'y' | 'aux', 'dx', 'low' | 'low_strides' | 'high' | 'high_strides' | 'n' | 'scale' | 'accumulate', never> };
  export default kernel;
}
declare module '*/shaders/reduce/reduce.forward.wgsl' {
  const kernel: { sum: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; prod: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; max: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; min: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; all: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; any: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; square: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; power: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; count: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; max_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; min_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; exp_shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; square_shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; shifted: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; equal: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; equal_abs: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; prod_nonzero: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; zeros: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; sum_integer: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; prod_integer: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; max_integer: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'>; min_integer: import('./kernel').Kernel<'x' | 'shift', 'y', 'kept_shape' | 'kept_strides' | 'outer_shape' | 'outer_strides' | 'outputs' | 'outer' | 'inner' | 'inner_stride' | 'pieces' | 'lanes' | 'by_output' | 'finish' | 'value' | 'power' | 'accumulate', 'DIVIDE' | 'DIVIDE_ROOT' | 'LOG_SHIFTED' | 'POWER' | 'DIVIDE_SHIFTED' | 'FINITE'> };
  export default kernel;
}
declare module '*/shaders/reduce/scan.forward.wgsl' {
  const kernel: { sum: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; prod: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; log_sum: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', never>; zeros: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; weighted: import('./kernel').Kernel<'x' | 'before' | 'other', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; prod_past_zero: import('./kernel').Kernel<'x' | 'before' | 'other', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; sum_integer: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'>; prod_integer: import('./kernel').Kernel<'x' | 'before', 'y', 'n' | 'size' | 'inner' | 'blocks' | 'block_size' | 'reverse' | 'totals' | 'accumulate', 'START'> };
  export default kernel;
}
declare module '*/shaders/reduce/sort.begin.wgsl' {
  const kernel: { floats: import('./kernel').Kernel<'x', 'keys' | 'positions', 'n' | 'size' | 'inner' | 'descending', never>; integers: import('./kernel').Kernel<'x', 'keys' | 'positions', 'n' | 'size' | 'inner' | 'descending', never> };
  export default kernel;
}
declare module '*/shaders/reduce/sort.finish.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'positions', 'values' | 'indices', 'n' | 'count' | 'size' | 'inner', never>;
  export default kernel;
}
declare module '*/shaders/reduce/sort.merge.wgsl' {
  const kernel: import('./kernel').Kernel<'keys' | 'positions', 'merged_keys' | 'merged_positions', 'n' | 'size' | 'width', never>;
  export default kernel;
}
declare module '*/shaders/softmax/softmax.backward.wgsl' {
  const kernel: { softmax: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'>; softmin: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'>; logSoftmax: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'>; softmaxGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'>; softminGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'>; logSoftmaxGroup: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', 'LANES'> };
  export default kernel;
}
declare module '*/shaders/softmax/softmax.forward.wgsl' {
  const kernel: { softmax: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'>; softmin: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'>; logSoftmax: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'>; softmaxGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'>; softminGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'>; logSoftmaxGroup: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', 'LANES'> };
  export default kernel;
}
