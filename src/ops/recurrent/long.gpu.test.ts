/** Long sequences: memory grows linearly with the steps and is as planned, values stay finite. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { gru, lstm } from './index';

const OPS = { lstm: { op: lstm, gates: 4 }, gru: { op: gru, gates: 3 } };
const [BATCH, FEATURES, HIDDEN] = [2, 4, 8];

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Forward and backward pass over T steps. */
async function planOver(name: keyof typeof OPS, T: number) {
  const { op, gates } = OPS[name];
  const graph = new Graph({ training: true });
  const shapes = {
    x: [T, BATCH, FEATURES],
    weightIhL0: [gates * HIDDEN, FEATURES],
    weightHhL0: [gates * HIDDEN, HIDDEN],
    biasIhL0: [gates * HIDDEN],
    biasHhL0: [gates * HIDDEN],
  };
  const inputs = Object.fromEntries(Object.entries(shapes).map(([n, shape]) => [n, graph.input(n, shape)]));
  const { y } = op.info.call(inputs, { hiddenSize: HIDDEN }, graph);
  const found = gradients([y], [graph.input('dy', y.shape)], Object.values(inputs));
  const outputs = Object.fromEntries(Object.keys(shapes).map((n, i) => [n, found[i]!]));
  const plan = await compile(device, graph, { outputs: { y, ...outputs } });
  for (const [n, tensor] of graph.inputs) {
    const scale = n.startsWith('weight') ? 0.7 : 1;
    plan.write(
      n,
      Float32Array.from({ length: tensor.size }, (_, i) => scale * Math.sin(12.9898 * (i + 1))),
    );
  }
  return { plan, outputs: ['y', ...Object.keys(shapes)] };
}

describe.each(['lstm', 'gru'] as const)('%s over 1,000 steps', (name) => {
  it('gives finite values and gradients', async () => {
    const { plan, outputs } = await planOver(name, 1000);
    plan.run();
    for (const output of outputs) {
      const values = await plan.read(output);
      expect(values.every(Number.isFinite), output).toBe(true);
      expect(
        values.some((value) => value !== 0),
        output,
      ).toBe(true);
    }
    plan.destroy();
  });

  it('takes memory in proportion to the steps', async () => {
    const bytes: number[] = [];
    for (const T of [250, 500, 1000]) {
      const { plan } = await planOver(name, T);
      bytes.push(plan.statistics.intermediateBytes);
      plan.destroy();
    }
    console.info(`${name}: ${bytes.join(', ')} bytes at 250, 500 and 1,000 steps`);
    expect(bytes[1] / bytes[0]).toBeCloseTo(2, 1);
    expect(bytes[2] / bytes[1]).toBeCloseTo(2, 1);
  });
});
