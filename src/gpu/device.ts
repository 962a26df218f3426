/**
 * The device: one GPU adapter with the tier of features it offers, and everything that lives on it. There is no
 * global engine; whoever works on a GPU holds a `Device`, and `device.destroy()` releases all of it.
 */
import { checkOptions } from '../checks';
import { GradloomError } from '../errors';
import { BufferPool, formatBytes } from './buffers';
import { describeGpuError } from './gpu-errors';
import { PipelineCache } from './pipelines';
import { Readback } from './readback';
import type { Tuning } from './tuning';
import { type VariantSelection, Variants } from './variants';

export interface DeviceOptions {
  /** The WebGPU entry point; `navigator.gpu` unless given (Node passes Dawn's). */
  gpu?: GPU;
  powerPreference?: GPUPowerPreference;
  /** `'auto'` (default) takes what the adapter offers; `'baseline'` keeps to WebGPU's default limits, no features. */
  tier?: 'auto' | 'baseline';
  /** Most bytes that this device may allocate at once; plans that need more are refused before allocation. */
  memoryLimit?: number;
  /** Checks each kernel that a model needs before its first use: `selfCheck()`. Default: no check. */
  selfCheck?: DeviceSetup;
  /**
   * Measures which kernel variants are fastest on this adapter: `tuner()`. Default: none, so that results do not depend
   * on what was measured.
   */
  tune?: DeviceSetup;
}

/** Installs something on a new device, before anybody uses it. */
export type DeviceSetup = (device: Device) => void | Promise<void>;

const OPTIONS: (keyof DeviceOptions)[] = [
  'gpu',
  'powerPreference',
  'tier',
  'memoryLimit',
  'selfCheck',
  'tune',
];

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
] as const;

/** Devices that an entry point lost, counted on the entry point itself: after some of them it gives no adapter any more. */
const losses = {
  key: Symbol.for('gradloom.losses'),
  of: (gpu: GPU): number => (gpu as unknown as Record<symbol, number>)[losses.key] ?? 0,
  count: (gpu: GPU): void => {
    (gpu as unknown as Record<symbol, number>)[losses.key] = losses.of(gpu) + 1;
  },
};

/**
 * Asks for a WebGPU device.
 * @throws GradloomError `no-webgpu` when the browser has no WebGPU or no adapter, with what to do about it; `argument`
 * when `selfCheck` or `tune` is no setup.
 */
export async function requestDevice(options: DeviceOptions = {}): Promise<Device> {
  checkOptions('requestDevice', options, OPTIONS);
  const setups = [
    setupOf('selfCheck', options.selfCheck, 'selfCheck()'),
    setupOf('tune', options.tune, 'tuner()'),
  ];
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
  const device = new Device(
    gpuDevice,
    adapter,
    features,
    options.memoryLimit ?? Number.POSITIVE_INFINITY,
    gpu,
  );
  try {
    for (const setup of setups) await setup?.(device);
  } catch (error) {
    device.destroy();
    throw error;
  }
  return device;
}

/** Setups are functions of the layers above, so that who asks for none does not load them. */
function setupOf(option: string, setup: unknown, maker: string): DeviceSetup | undefined {
  if (setup === undefined || setup === false) return undefined;
  if (typeof setup === 'function') return setup as DeviceSetup;
  throw new GradloomError({
    code: 'argument',
    op: 'requestDevice',
    argument: option,
    got: String(setup),
    expected: `what ${maker} returns`,
    fix: `Import ${maker.slice(0, -2)} from gradloom and pass { ${option}: ${maker} }`,
  });
}

export type ErrorListener = (error: GradloomError) => void;

export class Device {
  readonly pipelines: PipelineCache;
  readonly buffers: BufferPool;
  readonly readback: Readback;
  /** Which kernel variants are used on this adapter. */
  readonly variants = new Variants();
  /** Checks the kernels of these ops before a plan uses them; set by `selfCheck()`. */
  selfCheck: ((ops: readonly string[]) => Promise<void>) | undefined;
  /** What the tuner knows and has yet to measure; set by `tuner()`. */
  tuning: Tuning | undefined;
  /** Hears of the choices among kernel variants that the lowering of a graph's node made. */
  tune: ((node: object, choices: readonly VariantSelection[], training: boolean) => void) | undefined;
  private readonly isFallback: boolean;
  readonly adapterInfo: { vendor: string; architecture: string; device: string; description: string };
  /** Resolves when the device is lost, with the reason; `destroyed` after `destroy()`. */
  readonly lost: Promise<{ reason: string; message: string }>;
  private readonly errorListeners = new Set<ErrorListener>();
  private readonly companions = new Map<unknown, { destroy?(): void }>();
  private destroyed = false;

  constructor(
    readonly gpu: GPUDevice,
    adapter: GPUAdapter,
    readonly features: DeviceFeatures,
    memoryLimit: number,
    /** Held because Dawn's devices in Node do not outlive it. */
    readonly entryPoint?: GPU,
  ) {
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    this.adapterInfo = { vendor, architecture, device, description };
    this.isFallback = isFallbackAdapter ?? false;
    this.pipelines = new PipelineCache(gpu);
    this.buffers = new BufferPool(gpu, memoryLimit);
    this.readback = new Readback(gpu);
    this.lost = gpu.lost.then(({ reason, message }) => ({ reason: reason ?? 'unknown', message }));
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      const error = describeGpuError((event as GPUUncapturedErrorEvent).error, this.pipelines.kernels());
      if (this.errorListeners.size === 0 && !this.destroyed) console.error(error);
      for (const listener of this.errorListeners) listener(error);
    });
  }

  get limits(): GPUSupportedLimits {
    return this.gpu.limits;
  }

  /**
   * CPU adapters run workgroup barriers slowly and have little parallelism: kernels choose variants that read
   * registers and cache instead. A hint for defaults only.
   */
  get isCpu(): boolean {
    const { vendor, architecture, device, description } = this.adapterInfo;
    return /swiftshader|llvmpipe|lavapipe|warp|basic render/i.test(
      `${vendor} ${architecture} ${device} ${description}`,
    );
  }

  /**
   * Whether drivers may end long loops in silence (kernels/rounds.ts): on the processor. Firefox hides what its adapters
   * are, but tells that they are fallbacks.
   */
  get limitsLoops(): boolean {
    return this.isCpu || this.isFallback;
  }

  /** Calls `listener` for every GPU error that nobody awaited; returns the function that stops it. */
  onError(listener: ErrorListener): () => void {
    this.errorListeners.add(listener);
    return () => this.errorListeners.delete(listener);
  }

  /**
   * Runs `allocate`, which makes buffers, and resolves when the GPU has them.
   * @returns a promise that rejects with GradloomError `out-of-memory` when it does not.
   */
  catchOutOfMemory(allocate: () => void, what: string): Promise<void> {
    // Nothing is awaited between push and pop, so that scopes of concurrent callers nest.
    this.gpu.pushErrorScope('out-of-memory');
    let popped: Promise<GPUError | null>;
    try {
      allocate();
    } finally {
      popped = this.gpu.popErrorScope();
    }
    const checked = popped.then((error) => {
      if (!error) return;
      throw new GradloomError({
        code: 'out-of-memory',
        op: what,
        got: `the GPU refused to allocate (${formatBytes(this.buffers.allocatedBytes)} are allocated in all)`,
        expected: 'memory for all buffers',
        fix: 'Use a smaller batch or model, or free what is not used any more',
      });
    });
    // Where the caller failed before it awaits this, nobody handles the rejection.
    checked.catch(() => {});
    return checked;
  }

  /** The one object of its kind on this device, made at the first call; destroyed with the device. */
  shared<T extends { destroy?(): void }>(kind: unknown, make: () => T): T {
    let companion = this.companions.get(kind) as T | undefined;
    if (!companion) {
      companion = make();
      this.companions.set(kind, companion);
    }
    return companion;
  }

  /** Releases every buffer, pipeline and pending read-back of this device. */
  destroy(): void {
    this.destroyed = true;
    this.tuning?.stop();
    for (const companion of this.companions.values()) companion.destroy?.();
    this.readback.destroy();
    this.buffers.destroy();
    this.gpu.destroy();
  }
}
