/** The memory plan: random lifetimes never collide, and the total stays near the least possible. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Storage } from '../ir/graph';
import { type Lifetime, planMemory } from './memory-plan';

/** A lifetime of `size` bytes from dispatch `first` on, over `length` dispatches. */
const lifetime = ([size, first, length]: [number, number, number]): Lifetime => ({
  storage: new Storage(size),
  first,
  last: first + length - 1,
});

const lifetimes = (sizes: fc.Arbitrary<number>) =>
  fc
    .array(fc.tuple(sizes, fc.nat(30), fc.integer({ min: 1, max: 12 })), { maxLength: 40 })
    .map((list) => list.map(lifetime));

const anySize = lifetimes(fc.nat(1 << 20));
const total = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + size, 0);

/** Bytes alive at one dispatch. */
const aliveAt = (list: readonly Lifetime[], at: number) =>
  total(list.filter(({ first, last }) => first <= at && at <= last).map(({ storage }) => storage.size));

describe('planMemory', () => {
  it('never puts two storages that are alive together into one buffer', () => {
    fc.assert(
      fc.property(anySize, (list) => {
        const { place } = planMemory(list);
        for (const a of list) {
          for (const b of list) {
            const together = a.first <= b.last && b.first <= a.last;
            if (a !== b && together) expect(place.get(a.storage)).not.toBe(place.get(b.storage));
          }
        }
      }),
    );
  });

  it('places every storage in a buffer that is large enough', () => {
    fc.assert(
      fc.property(anySize, (list) => {
        const { buffers, place } = planMemory(list);
        for (const { storage } of list)
          expect(buffers[place.get(storage)!]).toBeGreaterThanOrEqual(storage.size);
      }),
    );
  });

  it('knows the least possible, and needs no more than separate buffers would', () => {
    fc.assert(
      fc.property(anySize, (list) => {
        const { buffers, lowerBound } = planMemory(list);
        expect(lowerBound).toBe(Math.max(0, ...list.map(({ first }) => aliveAt(list, first))));
        expect(total(buffers)).toBeGreaterThanOrEqual(lowerBound);
        expect(total(buffers)).toBeLessThanOrEqual(total(list.map(({ storage }) => storage.size)));
      }),
    );
  });

  it('reaches the least possible when all storages have one size', () => {
    fc.assert(
      fc.property(lifetimes(fc.constant(4096)), (list) => {
        const { buffers, lowerBound } = planMemory(list);
        expect(total(buffers)).toBe(lowerBound);
      }),
    );
  });

  it('reaches the least possible for activations that a backward pass reads in reverse', () => {
    const layers = [64, 512, 256, 256, 128, 10];
    const end = 2 * layers.length;
    const activations = layers.map((size, i) => lifetime([4 * size, i, end - 2 * i]));
    const { buffers, lowerBound } = planMemory(activations);
    expect(total(buffers)).toBe(lowerBound);
  });
});
