/** The public API of Gradloom. */
export * from './data';
export { type ErrorCode, GradloomError } from './errors';
export * from './generate';
export type { Device, DeviceOptions } from './gpu/device';
export { gradients } from './graph/compiler/autodiff';
export { Graph, Tensor } from './graph/ir/graph';
export { Variable } from './graph/ir/variable';
export { evaluate } from './graph/runtime/evaluate';
export { compile, type Plan } from './graph/runtime/plan';
export { readSafetensors, writeSafetensors } from './io/safetensors';
export type { StateDict } from './io/state-dict';
export * from './models';
export * as nn from './nn';
export * as ops from './ops';
export { requestDevice, type SelfCheckOptions } from './ops/self-check';
export * from './optim';
export * from './spec';
export * from './train';
