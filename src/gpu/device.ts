/**
 * The device: one GPU adapter with the tier of features it offers, and everything that lives on it. There is no
 * global engine; whoever works on a GPU holds a `Device`, and `device.destroy()` releases all of it.
 */
import { checkOptions } from '../checks';
import { GradloomError } from '../errors';
import { type DeviceFeatures, type OpenedDevice, openDevice } from './adapter';
import { BufferPool, formatBytes, hintFor } from './buffers';
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
  /**
   * Checks each kernel that a model needs before its first use: `selfCheck()`. `false`: no check. Default: what was found
   * right on this adapter with this browser before is not checked again.
   */
  selfCheck?: DeviceSetup | false;
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
  const { gpu, adapter, features, entryPoint } = await openDevice(options);
  const { memoryLimit = Number.POSITIVE_INFINITY } = options;
  const device = new Device(gpu, adapter, features, memoryLimit, entryPoint, () => openDevice(options));
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

export type { DeviceFeatures } from './adapter';

export type ErrorListener = (error: GradloomError) => void;

/** How often a new GPU is asked for after a loss, and the first pause between two tries; it doubles. */
const RECOVER_TRIES = 7;
const RECOVER_MS = 50;
/** A loss may be told this much later than its consequences. */
const TOLD_MS = 100;

/** What is made anew after a loss, in this order: memory, and the values in it. */
type RenewalPhase = 'memory' | 'values';

export class Device {
  /** These are others after `recover`. */
  gpu!: GPUDevice;
  features!: DeviceFeatures;
  pipelines!: PipelineCache;
  buffers!: BufferPool;
  readback!: Readback;
  /** How often the GPU was lost and another one taken: plans and buffers of an earlier generation are dead. */
  generation = 0;
  /** Which kernel variants are used on this adapter. */
  readonly variants = new Variants();
  /** Checks what a plan is to launch, on the ops (recorded calls) that need it; set by `selfCheck()`. */
  selfCheck: ((calls: readonly object[], launches: readonly object[]) => Promise<void>) | undefined;
  /** What the tuner knows and has yet to measure; set by `tuner()`. */
  tuning: Tuning | undefined;
  /** Hears of the choices among kernel variants that the lowering of a graph's node made. */
  tune: ((node: object, choices: readonly VariantSelection[], training: boolean) => void) | undefined;
  private isFallback = false;
  adapterInfo!: { vendor: string; architecture: string; device: string; description: string };
  /** Resolves when the device is lost, with the reason; `destroyed` after `destroy()`. Another promise after `recover`. */
  lost!: Promise<{ reason: string; message: string }>;
  private lossOfGpu = false;
  private recovering: Promise<void> | undefined;
  private readonly renewals: Record<RenewalPhase, Set<() => void>> = { memory: new Set(), values: new Set() };
  private readonly errorListeners = new Set<ErrorListener>();
  private readonly companions = new Map<unknown, { destroy?(): void }>();
  private destroyed = false;

  constructor(
    gpu: GPUDevice,
    adapter: GPUAdapter,
    features: DeviceFeatures,
    private readonly memoryLimit: number,
    /** Held because Dawn's devices in Node do not outlive it. */
    readonly entryPoint?: GPU,
    /** Asks for another GPU. */
    private readonly reopen?: () => Promise<OpenedDevice>,
  ) {
    this.attach({ gpu, adapter, features });
  }

  private attach({ gpu, adapter, features }: Pick<OpenedDevice, 'gpu' | 'adapter' | 'features'>): void {
    const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
    this.adapterInfo = { vendor, architecture, device, description };
    this.isFallback = isFallbackAdapter ?? false;
    this.gpu = gpu;
    this.features = features;
    this.pipelines = new PipelineCache(gpu);
    this.buffers = new BufferPool(gpu, this.memoryLimit);
    this.readback = new Readback(gpu);
    this.lossOfGpu = false;
    this.lost = gpu.lost.then(({ reason, message }) => {
      if (this.gpu === gpu) this.lossOfGpu = true;
      return { reason: reason ?? 'unknown', message };
    });
    gpu.addEventListener('uncapturederror', (event) => {
      event.preventDefault();
      const error = describeGpuError((event as GPUUncapturedErrorEvent).error, this.pipelines.kernels());
      if (this.errorListeners.size === 0 && !this.destroyed) console.error(error);
      for (const listener of this.errorListeners) listener(error);
    });
  }

  /** Whether `destroy` was called. */
  get isDestroyed(): boolean {
    return this.destroyed;
  }

  /** Whether the GPU was lost and no other one was taken yet. */
  get isLost(): boolean {
    return this.lossOfGpu;
  }

  /** Whether work that began in a `generation` and failed may have failed because the GPU was lost. */
  async lostSince(generation: number): Promise<boolean> {
    if (this.generation !== generation || this.isLost) return !this.destroyed;
    const told = this.lost.then(() => true);
    const silence = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), TOLD_MS));
    return (await Promise.race([told, silence])) && !this.destroyed;
  }

  /**
   * Takes another GPU when this one was lost: variables that are placed are there again, with their host values; plans and
   * the state of optimizers are to be made anew, as `Trainer` does. Tries several times, because a driver or a browser's GPU
   * process takes a moment to start again.
   * @throws GradloomError `device-lost` when there is none after all; `aborted` after `destroy()`.
   */
  recover(): Promise<void> {
    this.recovering ??= this.renew().finally(() => {
      this.recovering = undefined;
    });
    return this.recovering;
  }

  /** Calls `listener` whenever another GPU has taken the place of a lost one; returns the function that stops it. */
  onRenew(phase: RenewalPhase, listener: () => void): () => void {
    this.renewals[phase].add(listener);
    return () => this.renewals[phase].delete(listener);
  }

  /** Runs `work`; when the GPU is lost meanwhile takes another one, and runs it again. */
  async retrying<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++) {
      const { generation } = this;
      try {
        return await work();
      } catch (error) {
        if (tries === RECOVER_TRIES || !isLoss(error) || !(await this.lostSince(generation))) throw error;
        await this.recover();
      }
    }
  }

  private async renew(): Promise<void> {
    if (this.destroyed) {
      throw new GradloomError({ code: 'aborted', op: 'Device.recover', got: 'a device that was destroyed' });
    }
    if (!this.isLost) return;
    const opened = await this.openAnother();
    if (this.destroyed) {
      opened.gpu.destroy();
      return this.renew();
    }
    this.buffers.destroy();
    this.attach(opened);
    this.generation++;
    for (const phase of ['memory', 'values'] as const) {
      for (const listener of [...this.renewals[phase]]) listener();
    }
  }

  private async openAnother(): Promise<OpenedDevice> {
    for (let tries = 1; ; tries++) {
      try {
        if (!this.reopen) throw new Error('this device cannot be opened again');
        return await this.reopen();
      } catch (cause) {
        if (tries < RECOVER_TRIES && this.reopen && !this.destroyed) {
          await new Promise((resolve) => setTimeout(resolve, RECOVER_MS * 2 ** tries));
          continue;
        }
        throw new GradloomError({
          code: 'device-lost',
          op: 'Device.recover',
          got: `no GPU after ${tries} tries (${cause instanceof Error ? cause.message : cause})`,
          expected: 'a GPU in the place of the one that was lost',
          fix: 'Restart the browser, or update the graphics driver',
          cause,
        });
      }
    }
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
        fix: `${hintFor(what)}, or free what is not used any more`,
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

/** Errors of usage have nothing to do with a loss: they are the same on another GPU. */
function isLoss(error: unknown): boolean {
  return !(error instanceof GradloomError) || ['device-lost', 'aborted', 'internal'].includes(error.code);
}
