/** Models as JSON. */
export { fromSpec } from './model';
export type { ModuleType } from './module-type';
export { moduleTypes } from './modules';
export { lenet, mlp } from './ready';
