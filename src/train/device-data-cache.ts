/** Data sets on a device: uploaded once, the least recently used one freed when there are too many. */
import { TokenWindows } from '../data/text/windows';
import type { Device } from '../gpu/device';
import { type DeviceData, DeviceDataset } from './device-dataset';
import { DeviceWindows } from './device-windows';
import type { TrainingData } from './types';

/** Most data sets that stay on the device; a run needs two. */
const CAPACITY = 6;

export class DeviceDataCache {
  /** In the order of their last use. */
  private readonly entries = new Map<TrainingData, DeviceData>();
  private readonly keys = new WeakMap<TrainingData, number>();
  private made = 0;
  private readonly unfollow: () => void;

  /** @param onEvict called with the key of a data set that was freed, so that its plans go too. */
  constructor(
    private readonly device: Device,
    private readonly onEvict: (key: number) => void,
  ) {
    // What was on a lost GPU is uploaded again when it is asked for.
    this.unfollow = device.onRenew('memory', () => this.entries.clear());
  }

  get(data: TrainingData): DeviceData {
    const entry = this.entries.get(data) ?? this.upload(data);
    this.entries.delete(data);
    this.entries.set(data, entry);
    // Data that the GPU has no memory for is uploaded anew when it is used again.
    entry.ready.catch(() => this.entries.get(data) === entry && this.evict(data));
    if (this.entries.size > CAPACITY) this.evict(this.entries.keys().next().value!);
    return entry;
  }

  private upload(data: TrainingData): DeviceData {
    const entry =
      data instanceof TokenWindows
        ? new DeviceWindows(this.device, data)
        : new DeviceDataset(this.device, data);
    // One that the GPU refused is tried again next time.
    entry.ready.catch(() => {
      if (this.entries.get(data) === entry) this.evict(data);
    });
    return entry;
  }

  /** A number that stands for a data set in the keys of plans. */
  keyOf(data: TrainingData): number {
    let key = this.keys.get(data);
    if (key === undefined) {
      key = this.made++;
      this.keys.set(data, key);
    }
    return key;
  }

  async destroy(): Promise<void> {
    this.unfollow();
    for (const entry of this.entries.values()) await entry.destroy();
    this.entries.clear();
  }

  private evict(data: TrainingData): void {
    void this.entries.get(data)!.destroy();
    this.entries.delete(data);
    this.onEvict(this.keyOf(data));
  }
}
