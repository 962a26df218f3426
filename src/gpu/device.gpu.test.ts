/** `requestDevice`: tiers and limits, setups for the self-check and the tuner, and what it says when there is no device. */
import { afterEach, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { GradloomError } from '../errors';
import { type Device, type DeviceOptions, type DeviceSetup, requestDevice } from './device';

const devices: Device[] = [];
const request = async (options: DeviceOptions) => {
  const device = await testDevice(options);
  devices.push(device);
  return device;
};
afterEach(() => {
  for (const device of devices.splice(0)) device.destroy();
});

const errorOf = (work: Promise<unknown>): Promise<GradloomError> =>
  work.then(
    () => expect.unreachable(),
    (error) => error,
  );

describe('a setup', () => {
  it('gets the device before the caller does, and is awaited, the self-check first', async () => {
    const told: [string, Device][] = [];
    const setup =
      (name: string): DeviceSetup =>
      async (device) => {
        await device.gpu.queue.onSubmittedWorkDone();
        told.push([name, device]);
      };
    const device = await request({ tune: setup('tune'), selfCheck: setup('selfCheck') });
    expect(told).toEqual([
      ['selfCheck', device],
      ['tune', device],
    ]);
  });

  it('that fails takes the device with it', async () => {
    let made!: Device;
    const failure = errorOf(
      request({
        selfCheck: (device) => {
          made = device;
          throw new Error('no setup');
        },
      }),
    );
    expect((await failure).message).toBe('no setup');
    expect((await made.lost).reason).toBe('destroyed');
  });

  it('is none by default', async () => {
    const device = await request({});
    expect([device.selfCheck, device.tune, device.tuning]).toEqual([undefined, undefined, undefined]);
  });

  it.each([
    ['selfCheck', 'selfCheck'],
    ['tune', 'tuner'],
  ])('%s: true is refused before a device is asked for, with what to pass', async (option, maker) => {
    const gpu = { requestAdapter: () => expect.unreachable() } as unknown as GPU;
    expect(await errorOf(requestDevice({ gpu, [option]: true }))).toMatchObject({
      code: 'argument',
      op: 'requestDevice',
      argument: option,
      got: 'true',
      expected: `what ${maker}() returns`,
      fix: `Import ${maker} from gradloom and pass { ${option}: ${maker}() }`,
    });
  });
});

describe('the tier', () => {
  it('baseline has the default limits and no features, whatever the adapter offers', async () => {
    const { features, gpu, limits } = await request({ tier: 'baseline' });
    expect(features).toEqual({ f16: false, subgroups: false, timestamps: false });
    expect(limits.maxBufferSize).toBe(2 ** 28);
    // 128 is the default of the compatibility level.
    const isCore = gpu.features.has('core-features-and-limits' as GPUFeatureName);
    expect(limits.maxComputeInvocationsPerWorkgroup).toBe(isCore ? 256 : 128);
  });

  it('auto has what the adapter offers', async () => {
    const { features, gpu } = await request({});
    expect(features.subgroups).toBe(gpu.features.has('subgroups' as GPUFeatureName));
    expect(features.f16).toBe(gpu.features.has('shader-f16'));
    const [auto, baseline] = [await request({}), await request({ tier: 'baseline' })];
    expect(auto.limits.maxStorageBufferBindingSize).toBeGreaterThanOrEqual(
      baseline.limits.maxStorageBufferBindingSize,
    );
  });

  it('passes the memory limit on', async () => {
    const device = await request({ memoryLimit: 1024 });
    expect(() => device.buffers.require([2048], 'plan')).toThrow(/plan.*at most 1.0 KiB/);
  });
});

describe('without a device', () => {
  it('says that there is no WebGPU, or no adapter, and what to do', async () => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    expect(await errorOf(requestDevice({ gpu: none }))).toMatchObject({
      code: 'no-webgpu',
      op: 'requestDevice',
    });
    expect((await errorOf(requestDevice({ gpu: none }))).message).toContain('hardware acceleration');
  });
});

it('says that the GPU was lost where no adapter is left after it', async () => {
  let lose!: (info: object) => void;
  const lost = new Promise((resolve) => (lose = resolve));
  let adapters = 1;
  const real = (await request({})).entryPoint!;
  const gpu = {
    async requestAdapter(options: GPURequestAdapterOptions) {
      const adapter = adapters > 0 && (await real.requestAdapter(options));
      // The first request is for a core adapter, which machines with OpenGL ES alone have not.
      if (!adapter) return null;
      adapters--;
      const make = adapter.requestDevice.bind(adapter);
      adapter.requestDevice = async (wanted) =>
        Object.defineProperty(await make(wanted), 'lost', { value: lost });
      return adapter;
    },
  } as unknown as GPU;
  devices.push(await requestDevice({ gpu }));
  lose({ reason: 'unknown', message: 'the process was killed' });
  await lost;
  const error = await errorOf(requestDevice({ gpu }));
  expect(error.message).toMatch(
    /the adapter is gone: the GPU was lost once on this page.*restart the browser/,
  );
  expect(error.message).not.toMatch(/hardware acceleration/);
});

it('knows its options', async () => {
  const error = await errorOf(requestDevice({ memorylimit: 5 } as object));
  expect(error.message).toMatch(/memorylimit is not an option.*Did you mean memoryLimit\?/);
});
