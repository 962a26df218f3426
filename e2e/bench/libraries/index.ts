/** The libraries by the name of their row; each module is loaded only in the page that runs it. */
import type { Backend, Prepare, PrepareKernel } from './session';

export interface Library {
  backend: Backend;
  load(): Promise<{ prepare: Prepare }>;
  /** Absent for a second interface to the kernels of another row. */
  loadKernels?(): Promise<{ prepareKernel: PrepareKernel }>;
}

const gradloom = {
  load: () => import('./gradloom'),
  loadKernels: () => import('./gradloom-kernels'),
};
const jax = { load: () => import('./jax'), loadKernels: () => import('./jax-kernels') };
const core = { load: () => import('./tfjs-core'), loadKernels: () => import('./tfjs-kernels') };
const layers = { load: () => import('./tfjs-layers') };

export const libraries: Record<string, Library> = {
  gradloom: { backend: 'webgpu', ...gradloom },
  'jax-js': { backend: 'webgpu', ...jax },
  'tfjs-core': { backend: 'webgpu', ...core },
  'tfjs-layers': { backend: 'webgpu', ...layers },
  'jax-js-wasm': { backend: 'wasm', ...jax },
  'tfjs-core-wasm': { backend: 'wasm', ...core },
};
