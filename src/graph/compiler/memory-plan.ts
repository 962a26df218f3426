/**
 * Memory planning: storages with disjoint lifetimes share a buffer (greedy by size). A buffer is bound as a whole and
 * holds one live storage at a time, because WebGPU refuses a buffer that a dispatch both reads and writes, even at
 * disjoint ranges.
 */
import type { Storage } from '../ir/graph';

/** Storage alive from dispatch `first` to dispatch `last`, inclusive. */
export interface Lifetime {
  storage: Storage;
  first: number;
  last: number;
}

export interface MemoryPlan {
  /** Buffer sizes in bytes. */
  buffers: number[];
  /** Buffer index of each storage. */
  place: Map<Storage, number>;
  /** Most bytes alive at any one dispatch: no plan can use less. */
  lowerBound: number;
}

/** Greedy by size: the largest storage first, into the first buffer that is free during its lifetime. */
export function planMemory(lifetimes: readonly Lifetime[]): MemoryPlan {
  const buffers: { size: number; used: Lifetime[] }[] = [];
  const place = new Map<Storage, number>();
  const bySize = [...lifetimes].sort((a, b) => b.storage.size - a.storage.size || a.first - b.first);
  for (const lifetime of bySize) {
    const free = (other: Lifetime) => other.last < lifetime.first || lifetime.last < other.first;
    let index = buffers.findIndex((buffer) => buffer.used.every(free));
    if (index < 0) {
      index = buffers.length;
      buffers.push({ size: lifetime.storage.size, used: [] });
    }
    buffers[index].used.push(lifetime);
    place.set(lifetime.storage, index);
  }
  return { buffers: buffers.map((buffer) => buffer.size), place, lowerBound: lowerBound(lifetimes) };
}

function lowerBound(lifetimes: readonly Lifetime[]): number {
  const changes = new Map<number, number>();
  for (const { storage, first, last } of lifetimes) {
    changes.set(first, (changes.get(first) ?? 0) + storage.size);
    changes.set(last + 1, (changes.get(last + 1) ?? 0) - storage.size);
  }
  let alive = 0;
  let most = 0;
  for (const at of [...changes.keys()].sort((a, b) => a - b)) {
    alive += changes.get(at)!;
    most = Math.max(most, alive);
  }
  return most;
}
