/** Second derivatives of attention on packed projections, whose layouts no op has, against those on heads apart. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import { gradients } from '../../graph/compiler/autodiff';
import { Graph, type Tensor } from '../../graph/ir/graph';
import { compile } from '../../graph/runtime/compile';
import { mul } from '../elementwise';
import { permute } from '../layout/permute';
import { chunk } from '../layout/slice';
import { reshape } from '../layout/views';
import { sum } from '../reduce';
import { projectedAttention, scaledDotProductAttention } from './attention';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const [BATCH, STEPS, HEADS] = [2, 3, 2];

function apart(packed: Tensor, batchFirst: boolean, embedding: number): Tensor {
  const [query, key, value] = chunk(packed, { chunks: 3, dim: 2 }).map((x) =>
    permute(reshape(x, { shape: [...packed.shape.slice(0, 2), HEADS, embedding / HEADS] }), {
      dims: batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3],
    }),
  );
  const y = scaledDotProductAttention(query, key, value, { isCausal: true });
  const rows = permute(y, { dims: batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3] });
  return reshape(rows, { shape: [...packed.shape.slice(0, 2), embedding] });
}

it.each([
  [true, 8],
  [false, 8],
  [true, 6],
  [false, 2],
])('of packed projections, batch first %s, %i features', async (batchFirst, embedding) => {
  const shape = [...(batchFirst ? [BATCH, STEPS] : [STEPS, BATCH]), 3 * embedding];
  const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, i) => Math.sin(1.3 * i));
  const second = async (attend: (packed: Tensor) => Tensor) => {
    const graph = new Graph();
    const packed = graph.input('packed', shape);
    const y = attend(packed);
    const total = sum(mul(y, mul(y, y)));
    const one = graph.scalar(1);
    const [dx] = gradients([total], [one], [packed]);
    const [ddx] = gradients([sum(mul(dx!, dx!))], [one], [packed]);
    const plan = await compile(device, graph, { outputs: { ddx: ddx! } });
    plan.write('packed', values);
    plan.run();
    const result = await plan.read('ddx');
    plan.destroy();
    return result;
  };
  const got = await second((query) =>
    projectedAttention({ query }, { heads: HEADS, batchFirst, isCausal: true }),
  );
  const want = await second((packed) => apart(packed, batchFirst, embedding));
  expect(want.some((value) => Math.abs(value) > 1e-2)).toBe(true);
  for (const [i, value] of got.entries()) expect(value).toBeCloseTo(want[i], 4);
});
