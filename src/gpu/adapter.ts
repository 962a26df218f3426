/** Opens a GPU: an adapter, and a device on it with the features and limits that it offers. */
import { GradloomError } from '../errors';

export interface DeviceFeatures {
  f16: boolean;
  subgroups: boolean;
  timestamps: boolean;
}

const OPTIONAL_FEATURES: Record<keyof DeviceFeatures, GPUFeatureName> = {
  f16: 'shader-f16',
  subgroups: 'subgroups' as GPUFeatureName,
  timestamps: 'timestamp-query',
};

/** Limits that are raised to what the adapter offers; all others stay at WebGPU's defaults. */
const RAISED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxStorageBuffersPerShaderStage',
] as const;

/** Devices that an entry point lost, counted on the entry point itself: after some of them it gives no adapter any more. */
const losses = {
  key: Symbol.for('gradloom.losses'),
  of: (gpu: GPU): number => (gpu as unknown as Record<symbol, number>)[losses.key] ?? 0,
  count: (gpu: GPU): void => {
    (gpu as unknown as Record<symbol, number>)[losses.key] = losses.of(gpu) + 1;
  },
};

/** What to ask for. */
interface AdapterOptions {
  gpu?: GPU;
  powerPreference?: GPUPowerPreference;
  tier?: 'auto' | 'baseline';
}

/** A GPU that was opened, and what it was asked of. */
export interface OpenedDevice {
  gpu: GPUDevice;
  adapter: GPUAdapter;
  features: DeviceFeatures;
  entryPoint: GPU;
}

/** @throws GradloomError `no-webgpu` when the browser has no WebGPU or no adapter, with what to do about it. */
export async function openDevice(options: AdapterOptions): Promise<OpenedDevice> {
  const gpu = options.gpu ?? (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) {
    throw new GradloomError({
      code: 'no-webgpu',
      op: 'requestDevice',
      got: 'this browser has no WebGPU (navigator.gpu is missing)',
      fix: 'Use a current Chrome, Edge, Safari 26 or Firefox over https or localhost',
    });
  }
  const { powerPreference = 'high-performance' } = options;
  // Devices without Vulkan, Metal or Direct3D 12 have an adapter of the compatibility level: OpenGL ES, Direct3D 11.
  const adapter =
    (await gpu.requestAdapter({ powerPreference })) ??
    (await gpu.requestAdapter({ powerPreference, featureLevel: 'compatibility' }));
  if (!adapter && losses.of(gpu) > 0) {
    const times = losses.of(gpu) === 1 ? 'once' : `${losses.of(gpu)} times`;
    throw new GradloomError({
      code: 'no-webgpu',
      op: 'requestDevice',
      argument: 'the adapter',
      got: `gone: the GPU was lost ${times} on this page, and the browser gives no other`,
      fix: 'Browsers turn WebGPU off for a page whose GPU process ended twice within minutes: restart the browser. Weights on the host are kept: save them first, then use a smaller batch or model',
    });
  }
  if (!adapter) {
    throw new GradloomError({
      code: 'no-webgpu',
      op: 'requestDevice',
      got: 'WebGPU is there but gives no adapter',
      fix: 'Turn on hardware acceleration, update the graphics driver, or start Chrome with --enable-unsafe-webgpu --use-webgpu-adapter=swiftshader',
    });
  }
  const baseline = options.tier === 'baseline';
  const features = Object.fromEntries(
    Object.entries(OPTIONAL_FEATURES).map(([name, feature]) => [
      name,
      !baseline && adapter.features.has(feature),
    ]),
  ) as unknown as DeviceFeatures;
  const requiredFeatures = (Object.keys(features) as (keyof DeviceFeatures)[])
    .filter((name) => features[name])
    .map((name) => OPTIONAL_FEATURES[name]);
  const requiredLimits: Record<string, number> = {};
  if (!baseline) for (const limit of RAISED_LIMITS) requiredLimits[limit] = adapter.limits[limit];
  const gpuDevice = await adapter.requestDevice({ label: 'gradloom', requiredFeatures, requiredLimits });
  void gpuDevice.lost.then(({ reason }) => reason !== 'destroyed' && losses.count(gpu));
  return { gpu: gpuDevice, adapter, features, entryPoint: gpu };
}
