/**
 * The starting points of the loss curves, recreated here from the seed, have to be those that PyTorch trained from:
 * the float64 references have to find PyTorch's loss of the first step.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { references } from '../../src/reference/index';
import { fromValues } from '../../src/reference/ndarray';
import type { NdArray } from '../../src/reference/types';
import { type CurveFixture, type CurveStart, curveOptimizers, curveSettings, makeCurveStart } from './curves';

const readFixture = (model: string): CurveFixture =>
  JSON.parse(readFileSync(new URL(`./fixtures/curves/${model}.json`, import.meta.url), 'utf8'));

/** Mean cross-entropy of the first `count` samples, by the reference references. */
function firstLoss({ layers, stateDict, x, y }: CurveStart, count: number): number {
  const size = x.data.length / x.shape[0];
  let value: NdArray = fromValues([count, ...x.shape.slice(1)], x.data.subarray(0, count * size));
  for (const [i, { type, ...attrs }] of layers.entries()) {
    const inputs: Record<string, NdArray> = { x: value };
    for (const name of ['weight', 'bias']) {
      const parameter = stateDict[`${i}.${name}`];
      if (parameter) inputs[name] = fromValues(parameter.shape, parameter.data);
    }
    // The module keeps the batch dim, the function of the same name does not by itself.
    const options = type === 'flatten' ? { startDim: 1 } : attrs;
    value = references[type].forward(inputs, options, { training: true }).y;
  }
  const target = fromValues([count], y.data.subarray(0, count));
  return references.crossEntropy.forward({ x: value, target }, {}, { training: true }).y.data[0];
}

describe.each(['lenet', 'mlp'] as const)('the loss curve of %s', (model) => {
  const fixture = readFixture(model);

  it('was made with the current settings: run `python3 e2e/goldens/curves.py`', () => {
    const { seed, samples, batchSize, steps, curves } = fixture;
    expect({ seed, samples, batchSize, steps }).toEqual(curveSettings);
    expect(curves.map((curve) => curve.optimizer)).toEqual(curveOptimizers);
  });

  it('starts from what the seed gives here', () => {
    const loss = firstLoss(makeCurveStart(model, fixture), fixture.batchSize);
    for (const { losses } of fixture.curves) expect(Math.abs(losses[0] / loss - 1)).toBeLessThan(1e-6);
  });

  it('shows learning, and every parameter at its end', () => {
    const parameters = Object.keys(makeCurveStart(model, fixture).stateDict);
    for (const { losses, final } of fixture.curves) {
      expect(losses).toHaveLength(fixture.steps);
      expect(losses.at(-1)).toBeLessThan(0.75 * losses[0]);
      expect(Object.keys(final)).toEqual(parameters);
    }
  });
});
