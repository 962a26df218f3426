/** Device tensors: values in and out, indexing, printing, memory, and ops that run at once. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { Graph } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { type DeviceTensor, tensor } from '.';
import { Eager } from './eager';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const list = async (x: DeviceTensor) => Array.from(await x.data());

describe('tensor', () => {
  it('takes nested lists, typed arrays and numbers of every type', async () => {
    const x = tensor(device, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([x.shape, x.dtype, x.size, x.rank]).toEqual([[2, 3], 'f32', 6, 2]);
    expect(await x.array()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = tensor(device, Float32Array.of(1, 2, 3, 4), { shape: [2, 1, 2] });
    expect(await y.array()).toEqual([[[1, 2]], [[3, 4]]]);
    const whole = tensor(device, Int32Array.of(-1, 2));
    expect([whole.dtype, await whole.data()]).toEqual(['i32', Int32Array.of(-1, 2)]);
    const mask = tensor(device, [true, false]);
    expect([mask.dtype, await list(mask)]).toEqual(['bool', [1, 0]]);
    expect(await tensor(device, 7).item()).toBe(7);
    expect(await tensor(device, [1.5, 0], { dtype: 'bool' }).array()).toEqual([1, 0]);
    expect(await tensor(device, [3, 4], { dtype: 'int32' }).data()).toEqual(Int32Array.of(3, 4));
    expect(await tensor(device, []).array()).toEqual([]);
    expect(await tensor(device, new Float32Array(0), { shape: [2, 0] }).array()).toEqual([[], []]);
  });

  it('stores float16 where the adapter does', async () => {
    const make = () => tensor(device, [0.1, 2], { dtype: 'float16' });
    if (device.features.f16) expect(await list(make())).toEqual([0.0999755859375, 2]);
    else expect(make).toThrow(/^tensor: dtype is float16 on an adapter without/);
  });

  it('names what makes no tensor', () => {
    expect(() => tensor(device, [[1, 2], [3]])).toThrow(/^tensor: values is a list of 1 at \[1\]/);
    expect(() => tensor(device, [1, 2, 3], { shape: [2, 2] })).toThrow('shape is [2, 2] for 3 values');
    expect(() => tensor(device, [0.5], { dtype: 'int32' })).toThrow('value 0 is 0.5; expected whole numbers');
    expect(() => tensor(device, [1], { dtype: 'flot32' as 'float32' })).toThrow('Did you mean float32?');
  });
});

describe('a device tensor', () => {
  it('is indexed and sliced', async () => {
    const x = tensor(device, [
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(await x.at(1).array()).toEqual([4, 5, 6]);
    expect(await x.at(-1, 0).item()).toBe(4);
    expect(await x.slice(1).array()).toEqual([[4, 5, 6]]);
    expect(await x.slice(0, -1, { dim: 1 }).array()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(await x.slice(0, null, { dim: 1, step: 2 }).array()).toEqual([
      [1, 3],
      [4, 6],
    ]);
    expect(() => x.at(2)).toThrow('index is 2; expected a position from -2 to 1');
    expect(() => x.at(0, 0, 0)).toThrow('3 indices; expected at most 2');
    await expect(x.item()).rejects.toThrow('expected a tensor of one element');
  });

  it('prints shape and type first, then values', async () => {
    const x = tensor(device, [
      [1, 2.5],
      [3, 4],
    ]);
    expect(`${x}`).toBe('tensor([2, 2], float32)');
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    try {
      await x.print();
      expect(log).toHaveBeenCalledExactlyOnceWith(x.toString());
    } finally {
      log.mockRestore();
    }
    expect(x.toString()).toBe('tensor([[1.0000, 2.5000],\n        [3.0000, 4.0000]])');
    const inspect = Symbol.for('nodejs.util.inspect.custom');
    expect((x as unknown as Record<symbol, () => string>)[inspect]()).toBe(x.toString());
    expect(Object.keys(x).sort()).toEqual(['dtype', 'shape', 'text']);
  });

  it('is freed by dispose, and by the garbage collector', async () => {
    const before = device.buffers.allocatedBytes;
    const x = tensor(device, new Float32Array(1024));
    expect(device.buffers.allocatedBytes).toBe(before + 4096);
    const y = x.data();
    x.dispose();
    x.dispose();
    expect((await y).length).toBe(1024);
    expect(device.buffers.allocatedBytes).toBe(before);
    await expect(x.data()).rejects.toThrow('that was disposed');
    expect(() => ops.relu(x)).toThrow(/^relu: tensor\(\[1024\], float32\) that was disposed/);
  });

  const gc = (globalThis as { gc?: () => void }).gc;
  it.runIf(gc)('is freed when nobody refers to it', async () => {
    const before = device.buffers.allocatedBytes;
    (() => tensor(device, new Float32Array(4096)))();
    for (let i = 0; i < 50 && device.buffers.allocatedBytes > before; i++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      gc!();
    }
    expect(device.buffers.allocatedBytes).toBeLessThanOrEqual(before);
  });

  it('says that it has no graph', () => {
    expect(() => tensor(device, [1]).graph).toThrow('Call the function through jit(device, fn)');
  });
});

describe('ops on device tensors', () => {
  it('run at once, with numbers, nested lists and parameters', async () => {
    const x = tensor(device, [1, 2, 3]);
    expect(await list(ops.add(x, 1))).toEqual([2, 3, 4]);
    expect(await list(ops.sub(10, x))).toEqual([9, 8, 7]);
    expect(await list(ops.mul(x, [2, 3, 4]))).toEqual([2, 6, 12]);
    expect(await list(ops.where(ops.gt(x, 1), x, 0))).toEqual([0, 2, 3]);
    expect(await list(ops.cat([x, x]))).toEqual([1, 2, 3, 1, 2, 3]);
    expect(await ops.sum(ops.square(x)).item()).toBe(14);
    const layer = new nn.Linear(3, 1, { bias: false });
    layer.weight.data = Float32Array.of(1, 10, 100);
    expect(await ops.linear(ops.unsqueeze(x, { dim: 0 }), layer.weight).item()).toBe(321);
    expect(await (layer.forward as unknown as (x: DeviceTensor) => DeviceTensor).call(layer, x).item()).toBe(
      321,
    );
  });

  it('give several outputs by name or in a list', async () => {
    const x = tensor(device, [3, 1, 2]);
    const { values, indices } = ops.sort(x);
    expect(await list(values)).toEqual([1, 2, 3]);
    expect(await indices.data()).toEqual(Int32Array.of(1, 2, 0));
    const parts = ops.split(x, { splitSizeOrSections: 2 });
    expect(parts.map(({ shape }) => shape)).toEqual([[2], [1]]);
    expect(await list(parts[1])).toEqual([2]);
  });

  it('chain before anything was computed, in order', async () => {
    let x: DeviceTensor = tensor(device, [1]);
    for (let i = 0; i < 20; i++) x = ops.add(ops.mul(x, 2), 1);
    expect(await x.item()).toBe(2 ** 21 - 1);
  });

  it('compile once per shapes and attributes', async () => {
    const x = tensor(device, [1, 2, 3, 4]);
    await ops.softmax(x).data();
    const before = device.pipelines.size;
    for (let i = 0; i < 5; i++) await ops.softmax(tensor(device, [i, 2, 3, 4])).data();
    expect(device.pipelines.size).toBe(before);
  });

  it('keep a bounded number of plans', async () => {
    const sizes = Array.from({ length: 150 }, (_, i) => i + 1);
    const results = sizes.map((n) => ops.neg(tensor(device, new Float32Array(n).fill(n))));
    for (const [i, y] of results.entries()) expect((await y.data()).at(-1)).toBe(-sizes[i]);
    expect(Eager.of(device).compiledOps).toBe(128);
  });

  it('draw other numbers in every call', async () => {
    const ones = tensor(device, new Float32Array(64).fill(1));
    const drop = () => list(ops.dropout(ones, { p: 0.5, training: true }));
    expect(await drop()).not.toEqual(await drop());
  });

  it('name what is wrong at the call', () => {
    const x = tensor(device, [1, 2, 3]);
    expect(() => ops.matmul(x, tensor(device, [1, 2]))).toThrow(/^matmul: x is \[3\], other is \[2\]/);
    expect(() => (ops.add as (...args: unknown[]) => unknown)(x)).toThrow(/^add: other is missing/);
    const symbolic = new Graph().input('x', [3]);
    expect(() => ops.add(symbolic, x as never)).toThrow('Pass it to the function as an argument');
    const outOfRange = () => ops.crossEntropy(tensor(device, [[1, 2]]), x);
    expect(outOfRange).toThrow(GradloomError);
  });

  it('refuse tensors of another device', async () => {
    const other = await testDevice();
    try {
      expect(() => ops.add(tensor(device, [1]), tensor(other, [1]))).toThrow('a tensor of another device');
    } finally {
      other.destroy();
    }
  });
});

describe('errors of what is still to be computed', () => {
  it('reach everybody who waits for a value, and what is computed from it', async () => {
    const x = tensor(device, new Float32Array(33));
    // Not compiled yet: the failure comes after the call.
    const spy = vi.spyOn(device.pipelines, 'get').mockRejectedValueOnce(new Error('no pipeline'));
    const y = ops.exp(x);
    const z = ops.add(y, 1);
    await expect(y.data()).rejects.toThrow('no pipeline');
    spy.mockRestore();
    await expect(z.data()).rejects.toThrow('no pipeline');
    expect(() => ops.neg(y)).toThrow('no pipeline');
    // The next call tries again.
    expect((await ops.exp(x).data())[0]).toBe(1);
  });
});
