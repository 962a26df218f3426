// Made by `npm run generate` from shaders/. Do not edit.
declare module '*/shaders/activation/activation.backward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; leakyRelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; elu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; selu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; celu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; gelu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; geluTanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; silu: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; mish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; softplus: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b', never>; softsign: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; hardsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; hardswish: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; hardtanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a' | 'b', never>; sigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; tanh: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; logsigmoid: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; tanhshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate', never>; softshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; hardshrink: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never>; threshold: import('./kernel').Kernel<'value' | 'dy', 'dx', 'n' | 'accumulate' | 'a', never> };
  export default kernel;
}
declare module '*/shaders/activation/activation.forward.wgsl' {
  const kernel: { relu: import('./kernel').Kernel<'x', 'y', 'n', never>; leakyRelu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; elu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; selu: import('./kernel').Kernel<'x', 'y', 'n', never>; celu: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; gelu: import('./kernel').Kernel<'x', 'y', 'n', never>; geluTanh: import('./kernel').Kernel<'x', 'y', 'n', never>; silu: import('./kernel').Kernel<'x', 'y', 'n', never>; mish: import('./kernel').Kernel<'x', 'y', 'n', never>; softplus: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never>; softsign: import('./kernel').Kernel<'x', 'y', 'n', never>; hardsigmoid: import('./kernel').Kernel<'x', 'y', 'n', never>; hardswish: import('./kernel').Kernel<'x', 'y', 'n', never>; hardtanh: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never>; sigmoid: import('./kernel').Kernel<'x', 'y', 'n', never>; tanh: import('./kernel').Kernel<'x', 'y', 'n', never>; logsigmoid: import('./kernel').Kernel<'x', 'y', 'n', never>; tanhshrink: import('./kernel').Kernel<'x', 'y', 'n', never>; softshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; hardshrink: import('./kernel').Kernel<'x', 'y', 'n' | 'a', never>; threshold: import('./kernel').Kernel<'x', 'y', 'n' | 'a' | 'b', never> };
  export default kernel;
}
declare module '*/shaders/data/batch.gather.wgsl' {
  const kernel: { floats: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add', 'y', 'batch' | 'size' | 'plane' | 'channels' | 'length', never>; bytes: import('./kernel').Kernel<'x' | 'order' | 'multiply' | 'add', 'y', 'batch' | 'size' | 'plane' | 'channels' | 'length', never> };
  export default kernel;
}
declare module '*/shaders/data/shuffle.permute.wgsl' {
  const kernel: import('./kernel').Kernel<never, 'order', 'n' | 'half_bits' | 'shuffle', never>;
  export default kernel;
}
declare module '*/shaders/data/target.gather.wgsl' {
  const kernel: import('./kernel').Kernel<'x' | 'order', 'y', 'batch' | 'size' | 'length', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/accumulate.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b', 'y', 'n', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/binary.backward.wgsl' {
  const kernel: { mul: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; divX: import('./kernel').Kernel<'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; divOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; powX: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; powOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; minimum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; maximum: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; atan2X: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; atan2Other: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; fmodOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never>; remainderOther: import('./kernel').Kernel<'x' | 'other' | 'dy', 'dv', 'n' | 'rank' | 'accumulate' | 'dims', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/binary.forward.wgsl' {
  const kernel: { add: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'alpha' | 'dims', never>; mul: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; div: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; pow: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; minimum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; maximum: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; atan2: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; fmod: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; remainder: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; eq: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; ne: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; lt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; le: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; gt: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; ge: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalAnd: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalOr: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>; logicalXor: import('./kernel').Kernel<'x' | 'other', 'y', 'n' | 'rank' | 'dims', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/cast.forward.wgsl' {
  const kernel: { floatToInt: import('./kernel').Kernel<'x', 'y', 'n', never>; intToFloat: import('./kernel').Kernel<'x', 'y', 'n', never>; floatToBool: import('./kernel').Kernel<'x', 'y', 'n', never>; intToBool: import('./kernel').Kernel<'x', 'y', 'n', never> };
  export default kernel;
}
declare module '*/shaders/elementwise/copy.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/scale.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n' | 'accumulate' | 'factor', never>;
  export default kernel;
}
declare module '*/shaders/elementwise/where.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'condition' | 'x' | 'other', 'y', 'n' | 'rank' | 'dims', never>;
  export default kernel;
}
declare module '*/shaders/metrics/record.step.wgsl' {
  const kernel: import('./kernel').Kernel<'loss' | 'metric', 'history', never, never>;
  export default kernel;
}
declare module '*/shaders/optimizer/adam.step.wgsl' {
  const kernel: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'm' | 'v', 'n4' | 'beta1' | 'beta2' | 'one_minus_beta1' | 'one_minus_beta2' | 'eps' | 'l2' | 'decay' | 'clip_value', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.partial.wgsl' {
  const kernel: import('./kernel').Kernel<'grad', 'partials', 'n4' | 'parts' | 'offset', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/grad_norm.scale.wgsl' {
  const kernel: import('./kernel').Kernel<'partials', 'scale', 'count' | 'max_norm', never>;
  export default kernel;
}
declare module '*/shaders/optimizer/sgd.step.wgsl' {
  const kernel: import('./kernel').Kernel<'grad' | 'scale', 'p' | 'buf', 'n4' | 'nesterov' | 'momentum' | 'dampening' | 'weight_decay' | 'clip_value', never>;
  export default kernel;
}
declare module '*/shaders/softmax/softmax.backward.wgsl' {
  const kernel: import('./kernel').Kernel<'y' | 'dy', 'dx', 'lines' | 'size' | 'inner' | 'accumulate', never>;
  export default kernel;
}
declare module '*/shaders/softmax/softmax.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'lines' | 'size' | 'inner', never>;
  export default kernel;
}
