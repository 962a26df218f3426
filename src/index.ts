/** The public API of Gradloom. */
export * from './data';
export { type ErrorCode, GradloomError } from './errors';
export type { Device, DeviceOptions } from './gpu/device';
export { gradients } from './graph/autodiff';
export { evaluate } from './graph/evaluate';
export { Graph } from './graph/graph';
export { compile, type Plan } from './graph/plan';
export { Tensor } from './graph/tensor';
export { Variable } from './graph/variable';
export { readSafetensors, writeSafetensors } from './io/safetensors';
export type { StateDict } from './io/state-dict';
export * from './models';
export * as nn from './nn';
export * as ops from './ops';
export { requestDevice, type SelfCheckOptions } from './ops/self-check';
export * from './optim';
export * from './spec';
export * from './train';
