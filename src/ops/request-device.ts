/** `requestDevice` as pages get it: adapters are checked on kernels that were not seen to be right on them before. */
import {
  type Device,
  type DeviceOptions,
  type DeviceSetup,
  requestDevice as requestUnchecked,
} from '../gpu/device';

/**
 * Asks for a WebGPU device. The first time that an adapter and browser version runs a kernel, the self-check compares it with
 * stored values; what was right is remembered.
 * @throws GradloomError `no-webgpu` when the browser has no WebGPU or no adapter, with what to do about it; `argument`
 * when `selfCheck` or `tune` is no setup.
 */
export const requestDevice = (options: DeviceOptions = {}): Promise<Device> =>
  requestUnchecked({ ...options, selfCheck: options.selfCheck ?? selfCheckOnDemand });

/** Loads the self-check with the first plan. */
const selfCheckOnDemand: DeviceSetup = (device) => {
  let loading: Promise<void> | undefined;
  device.selfCheck = async (calls, launches) => {
    loading ??= import('./self-check').then(({ selfCheck }) => selfCheck()(device));
    await loading;
    await device.selfCheck?.(calls, launches);
  };
};
