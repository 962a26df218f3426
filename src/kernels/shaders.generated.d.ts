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
declare module '*/shaders/elementwise/copy.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'x', 'y', 'n', never>;
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
