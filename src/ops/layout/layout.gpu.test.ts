/** What the cases of the references cannot say about data movement: every bit arrives, and integers do too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import type { Device } from '../../gpu/device';
import type { Tensor } from '../../graph/ir/graph';
import { runGraph } from '../../graph/runtime/run-graph';
import { cat, flip, pad, permute, repeat, roll, slice, tril } from './index';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

/** Quiet and signalling NaN with payloads, denormals, both zeros, infinities, the largest number. */
const BITS = [
  0x7fc12345, 0xff800001, 0x7f800001, 1, 0x807fffff, 0x80000000, 0, 0x7f800000, 0xff800000, 0x7f7fffff,
  0x3f800000, 0x00400000,
];

const MOVES: Record<string, (x: Tensor) => Tensor> = {
  permute: (x) => permute(permute(x, { dims: [1, 0] }), { dims: [1, 0] }),
  flip: (x) => flip(flip(x, { dims: [0, 1] }), { dims: [0, 1] }),
  roll: (x) => roll(roll(x, { shifts: 5 }), { shifts: -5 }),
  'slice and cat': (x) => cat([slice(x, { end: 1 }), slice(x, { start: 1 })]),
  'pad and crop': (x) => pad(pad(x, { pad: [1, 2, 3, 4], value: 'NaN' }), { pad: [-1, -2, -3, -4] }),
  'reflect and crop': (x) => pad(pad(x, { pad: [1, 2, 1, 2], mode: 'reflect' }), { pad: [-1, -2, -1, -2] }),
  'repeat and crop': (x) => slice(repeat(x, { sizes: [2, 1] }), { end: 3 }),
  'all of a triangle': (x) => tril(x, { diagonal: 9 }),
};

describe.each(Object.entries(MOVES))('%s', (_, move) => {
  it('moves every bit of float32', async () => {
    const bits = Uint32Array.from(BITS);
    const x = { shape: [3, 4], dtype: 'f32', data: new Float32Array(bits.buffer) } as const;
    const { outputs } = await runGraph(device, { x }, (t) => ({ y: move(t.x) }));
    const { data } = outputs.y;
    expect([...new Uint32Array(data.buffer, data.byteOffset, data.length)]).toEqual([...bits]);
  });

  it('moves int32', async () => {
    const x = { shape: [3, 4], dtype: 'i32', data: Int32Array.from(BITS) } as const;
    const { outputs } = await runGraph(device, { x }, (t) => ({ y: move(t.x) }));
    expect(outputs.y.data).toEqual(x.data);
  });
});

describe('transposition', () => {
  it('of a large matrix through the 32 x 32 path is exact', async () => {
    const [rows, columns] = [67, 130];
    const data = Float32Array.from({ length: 2 * rows * columns }, (_, i) => i);
    const x = { shape: [2, rows, columns], dtype: 'f32', data } as const;
    const { outputs } = await runGraph(device, { x }, (t) => ({ y: permute(t.x, { dims: [0, 2, 1] }) }));
    for (let i = 0; i < outputs.y.data.length; i++) {
      const [b, rest] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
      const [column, row] = [Math.floor(rest / rows), rest % rows];
      if (outputs.y.data[i] !== b * rows * columns + row * columns + column) throw new Error(`wrong at ${i}`);
    }
    expect(outputs.y.shape).toEqual([2, columns, rows]);
  });
});
