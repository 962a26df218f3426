/** Models as JSON. */
export { SPEC_LIMITS } from './limits';
export { fromSpec } from './model';
export type { ModuleType } from './module-type';
export { moduleTypes } from './modules';
export { lenet, mlp } from './ready';
