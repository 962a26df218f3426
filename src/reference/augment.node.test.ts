/** The reference of augmentation against SciPy (Keras' maps) and PyTorch (torchvision's), and what it draws. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AugmentSpec } from '../data/augment/spec';
import { augmentStages } from '../data/augment/stages';
import { augmentReference } from './augment';

interface Fixture {
  seed?: number;
  epoch?: number;
  height: number;
  width: number;
  cases: { spec: AugmentSpec; values: number[] }[];
}
const read = (name: string): Fixture =>
  JSON.parse(readFileSync(new URL(`../../e2e/goldens/fixtures/data/${name}.json`, import.meta.url), 'utf8'));

describe.each(['augment-keras', 'augment-torch'])('%s', (name) => {
  const { seed = 0, epoch = 0, height, width, cases } = read(name);
  const image = Array.from(
    { length: height * width },
    (_, i) => 0.5 + 0.4 * Math.sin(0.7 * Math.floor(i / width) + 1.1 * (i % width)),
  );
  it.each(cases)('$spec', ({ spec, values }) => {
    const count = values.length / image.length;
    const x = Array.from({ length: count }, () => image).flat();
    const indices = Array.from({ length: count }, (_, i) => i);
    const y = indices.map(() => [0]);
    const found = augmentReference(augmentStages(spec, [1, height, width]), { x, y, seed, epoch, indices }).x;
    values.forEach((value, i) => {
      expect(Math.abs(found[i] - value)).toBeLessThan(1e-6);
    });
  });
});

describe('what is drawn', () => {
  const x = new Float64Array(4000);
  const indices = Array.from({ length: 4000 }, (_, i) => i);
  const y = indices.map((i) => [i % 2]);

  it.each([0.2, 1, 3])('mixes with shares from Beta(%s, %s)', (alpha) => {
    const stages = augmentStages({ type: 'mixup', alpha }, [1, 1, 1]);
    const shares = augmentReference(stages, { x, y, seed: 1, epoch: 0, indices, classes: 2 }).y;
    const own = indices.map((i) => shares[2 * i + (i % 2)]).filter((share) => share < 1);
    const mean = own.reduce((sum, share) => sum + share, 0) / own.length;
    const variance = own.reduce((sum, share) => sum + (share - mean) ** 2, 0) / own.length;
    expect(mean).toBeCloseTo(0.5, 1);
    expect(variance).toBeCloseTo(1 / (4 * (2 * alpha + 1)), 1.7);
  });
});
