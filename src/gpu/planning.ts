/** A device for planning alone, where there is no GPU. */
import { Device } from './device';

/** WebGPU's default limits, those that plans ask for. */
const LIMITS = {
  maxBufferSize: 256 * 2 ** 20,
  maxStorageBufferBindingSize: 128 * 2 ** 20,
  maxStorageBuffersPerShaderStage: 8,
  maxComputeWorkgroupStorageSize: 16384,
  maxComputeInvocationsPerWorkgroup: 256,
  maxComputeWorkgroupSizeX: 256,
  maxComputeWorkgroupSizeY: 256,
  maxComputeWorkgroupSizeZ: 64,
  maxComputeWorkgroupsPerDimension: 65535,
};

/**
 * A device with WebGPU's default limits and no optional features: graphs can be lowered and their memory planned for
 * it, but nothing can be allocated or run.
 */
export function planningDevice(): Device {
  const gpu = { limits: LIMITS, lost: new Promise(() => {}), addEventListener() {} };
  const adapter = { info: { vendor: '', architecture: '', device: 'planning', description: '' } };
  return new Device(
    gpu as unknown as GPUDevice,
    adapter as unknown as GPUAdapter,
    { f16: false, subgroups: false, timestamps: false },
    Number.POSITIVE_INFINITY,
  );
}
