/** The peers are installed for the benchmark only: the project's types do without theirs. */
declare module '@jax-js/jax';
declare module '@tensorflow/tfjs-backend-cpu';
declare module '@tensorflow/tfjs-backend-wasm';
declare module '@tensorflow/tfjs-backend-webgpu';
declare module '@tensorflow/tfjs-core';
declare module '@tensorflow/tfjs-layers';
declare module '@tensorflow/tfjs-core/dist/register_all_gradients';
