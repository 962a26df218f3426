/** The public API of Gradloom. */

export * from './data';
export { type ErrorCode, GradloomError } from './errors';
export * from './experiments';
export * from './functions';
export * from './generate';
export type { AdapterStore } from './gpu/adapter-store';
export type { Device, DeviceOptions, DeviceSetup } from './gpu/device';
export { gradients, throughDecomposition } from './graph/compiler/autodiff';
export {
  type DispatchSize,
  Graph,
  type Lowering,
  notDifferentiable,
  Tensor,
  type Workgroups,
} from './graph/ir/graph';
export { grid } from './graph/ir/grid';
export { Variable } from './graph/ir/variable';
export { compile } from './graph/runtime/compile';
export type { Plan } from './graph/runtime/plan';
export { type TunerOptions, tuner } from './graph/runtime/tuner';
export * from './io';
export { defineKernel, type KernelOptions } from './kernels/define';
export type { Kernel } from './kernels/kernel';
export * from './models';
export * as nn from './nn';
export * as ops from './ops';
export { type CustomOp, defineOp } from './ops/custom';
export { requestDevice } from './ops/request-device';
export { type SelfCheckOptions, selfCheck } from './ops/self-check';
export * from './optim';
/** Schemas of attributes, for ops of one's own. */
export * as z from './schema';
export * from './spec';
export * from './train';
export * from './transfer';
