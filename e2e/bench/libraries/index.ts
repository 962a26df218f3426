/** The libraries by the name of their row; each module is loaded only in the page that runs it. */
import type { Backend, Prepare } from './session';

export interface Library {
  backend: Backend;
  load(): Promise<{ prepare: Prepare }>;
}

const gradloom = () => import('./gradloom');
const jax = () => import('./jax');
const core = () => import('./tfjs-core');

export const libraries: Record<string, Library> = {
  gradloom: { backend: 'webgpu', load: gradloom },
  'jax-js': { backend: 'webgpu', load: jax },
  'tfjs-core': { backend: 'webgpu', load: core },
  'jax-js-wasm': { backend: 'wasm', load: jax },
  'tfjs-core-wasm': { backend: 'wasm', load: core },
};
