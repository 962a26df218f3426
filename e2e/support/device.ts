/** The WebGPU device of GPU tests: the browser's, or Dawn's in Node. No adapter is a failure, never a skip. */
import { type Device, type DeviceOptions, requestDevice } from '../../src/gpu/device';

const instances: GPU[] = [];

/**
 * A device of Dawn's default backend, or of the one that `GRADLOOM_DAWN` names. On OpenGL ES no limit is raised: Dawn then
 * refuses all that goes beyond the least that adapters of the compatibility level have (workgroups of 128).
 */
export async function testDevice(options: DeviceOptions = {}): Promise<Device> {
  if (typeof window !== 'undefined') return requestDevice(options);
  // Not a literal, because a bundler for browsers would try to bundle Dawn.
  const dawn = 'webgpu';
  const { create, globals } = await import(/* @vite-ignore */ dawn);
  Object.assign(globalThis, globals);
  // Dawn's instance must outlive its devices, and nothing but this reference keeps it from being collected.
  const backend = process.env.GRADLOOM_DAWN;
  instances.push(create(backend ? [`backend=${backend}`] : []));
  const gpu = instances.at(-1)!;
  return requestDevice({ gpu, ...(backend === 'opengles' && { tier: 'baseline' }), ...options });
}
