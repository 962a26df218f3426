/** Modules with PyTorch's names. */
export * from './attention';
export * from './container';
export * from './conv';
export * from './conv-transpose';
export * from './decoding';
export * from './embedding';
export * from './flatten';
export * as init from './init';
export * from './linear';
export { asModelOutput, ModelOutput } from './model-output';
export { buffer, Module, parameter } from './module';
export * from './norm';
export * from './op-module';
export * from './recurrent';
export * from './stateless';
export * from './transformer';
