// Made by `npm run generate` from shaders/. Do not edit.
declare module '*/shaders/elementwise/accumulate.forward.wgsl' {
  const kernel: import('./kernel').Kernel<'a' | 'b', 'y', 'n', never>;
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
