/** Functions of tensors: compiled, differentiated, run once; and the values that they take and give. */
export { DeviceTensor } from '../graph/ir/device-tensor';
export { evaluate, type JitFunction, type JitOptions, jit } from './jit';
export { type TensorOptions, tensor } from './tensor';
export { type GradOptions, grad, valueAndGrad } from './transform';
export type { Results, Values } from './types';
