/** Models as JSON. */
export { fromSpec } from './model';
export { type ModuleType, moduleTypes } from './modules';
export { lenet, mlp } from './ready';
