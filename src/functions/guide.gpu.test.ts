/** The code of docs/functions.md. */
import { expect, it, vi } from 'vitest';
import guide from '../../docs/functions.md?raw';
import { testDevice } from '../../e2e/support/device';
import { runGuide } from '../../e2e/support/guide';

it('runs, and gives what the guide says', async () => {
  const names = [
    'values',
    'rows',
    'corner',
    'prediction',
    'value',
    'gradients',
    'penaltyGradients',
    'curvature',
    'model',
  ];
  const device = await testDevice();
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const made = await runGuide(guide, { device }, names);
    expect(log).toHaveBeenCalledExactlyOnceWith('tensor([[ 8., 11.],\n        [16., 23.]])');
    expect(made.values).toEqual(Float32Array.of(8, 11, 16, 23));
    expect(made.rows).toEqual([
      [8, 11],
      [16, 23],
    ]);
    expect(made.corner).toBe(16);
    const parameters = made.model.parameters().map(({ shape }: { shape: number[] }) => shape);
    for (const list of [made.gradients, made.penaltyGradients]) {
      expect(list.map(({ shape }: { shape: number[] }) => shape)).toEqual(parameters);
    }
    const output = await made.prediction.item();
    expect(await made.value.item()).toBeCloseTo((output - 1) ** 2, 5);
    // d loss / d bias of the last layer = 2 (output - target).
    expect(await made.gradients.at(-1).item()).toBeCloseTo(2 * (output - 1), 5);
    // The penalty does not change with the last bias.
    expect(await made.penaltyGradients.at(-1).item()).toBe(0);
    expect(Math.abs(await made.penaltyGradients[0].at(0, 0).item())).toBeGreaterThan(0);
    expect(made.curvature).toBeCloseTo(Math.E, 5);
  } finally {
    log.mockRestore();
    device.destroy();
  }
});
