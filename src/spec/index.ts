/** Models as JSON. */
export { fromSpec, type ModelSpec } from './model';
export { type ModuleType, moduleTypes } from './modules';
