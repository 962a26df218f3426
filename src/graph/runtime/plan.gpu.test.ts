/** Compiled plans: what runs, where it lies, what is refused, and what a broken shader reports. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../../e2e/support/device';
import fillForward from '../../../shaders/layout/fill.forward.wgsl';
import { GradloomError } from '../../errors';
import type { Device } from '../../gpu/device';
import { sigmoid, tanh } from '../../ops/activation';
import { add, mul } from '../../ops/elementwise';
import { flatten, permute, reshape, unsqueeze } from '../../ops/layout';
import { sum } from '../../ops/reduce';
import { softmax } from '../../ops/softmax';
import { gradients } from '../compiler/autodiff';
import type { Tensor } from '../ir/graph';
import { Graph } from '../ir/graph';
import { type DispatchSize, defineInternal } from '../ir/op';
import { compile } from './compile';
import type { Plan } from './plan';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const plans: Plan[] = [];
afterEach(() => {
  for (const plan of plans.splice(0)) plan.destroy();
});

/** Compiles y, or several outputs, of a graph with the input x. */
async function planOf(
  shape: readonly number[],
  f: (x: Tensor) => Tensor | Record<string, Tensor>,
  on = device,
): Promise<Plan> {
  const graph = new Graph();
  const result = f(graph.input('x', shape));
  const outputs = 'graph' in result ? { y: result as Tensor } : (result as Record<string, Tensor>);
  const plan = await compile(on, graph, { outputs });
  if (on === device) plans.push(plan);
  return plan;
}

async function runWith(plan: Plan, x: ArrayLike<number>): Promise<number[]> {
  plan.write('x', Float32Array.from(x));
  plan.run();
  return Array.from(await plan.read('y'));
}

describe('dead code', () => {
  it('is not dispatched', async () => {
    const plan = await planOf([4], (x) => {
      softmax(tanh(x));
      return sigmoid(x);
    });
    expect(plan.statistics.dispatches).toBe(1);
  });

  it('includes gradients that nobody asked for', async () => {
    const graph = new Graph();
    const [x, w] = [graph.input('x', [2, 3]), graph.input('w', [2, 3])];
    const y = mul(tanh(x), w);
    const dy = graph.constant(new Float32Array(6).fill(1), [2, 3]);
    const [dx, dw] = gradients([y], [dy], [x, w]);
    const both = await compile(device, graph, { outputs: { dx: dx!, dw: dw! } });
    plans.push(both);
    const graph2 = new Graph();
    const [x2, w2] = [graph2.input('x', [2, 3]), graph2.input('w', [2, 3])];
    const dy2 = graph2.constant(new Float32Array(6).fill(1), [2, 3]);
    const [, dw2] = gradients([mul(tanh(x2), w2)], [dy2], [x2, w2]);
    const one = await compile(device, graph2, { outputs: { dw: dw2! } });
    plans.push(one);
    // tanh forward and the gradient of w remain; those of tanh and of its output go.
    expect(one.statistics.dispatches).toBe(2);
    expect(both.statistics.dispatches).toBe(4);
  });
});

describe('views', () => {
  it('take no dispatch and no memory', async () => {
    const shapeOnly = (x: Tensor) =>
      unsqueeze(flatten(reshape(x, { shape: [3, 2, 2] }), { startDim: 1 }), { dim: 0 });
    const plan = await planOf([2, 6], (x) => shapeOnly(tanh(x)));
    expect(plan.statistics.dispatches).toBe(1);
    expect(plan.statistics.intermediateBytes).toBe(48);
    const input = Array.from({ length: 12 }, (_, i) => i / 6 - 1);
    const got = await runWith(plan, input);
    got.forEach((value, i) => {
      expect(value).toBeCloseTo(Math.tanh(input[i]), 6);
    });
  });

  it('of an input are the input', async () => {
    const plan = await planOf([2, 3], (x) => reshape(x, { shape: [6] }));
    expect(plan.statistics.dispatches).toBe(0);
    expect(await runWith(plan, [1, 2, 3, 4, 5, 6])).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('keep their memory alive until the last reader of any of them', async () => {
    const plan = await planOf([2, 2], (x) => {
      const t = permute(x, { dims: [1, 0] });
      const flat = reshape(t, { shape: [4] });
      let other = x;
      for (let i = 0; i < 4; i++) other = add(other, x);
      return add(reshape(flat, { shape: [2, 2] }), other);
    });
    expect(await runWith(plan, [1, 2, 3, 4])).toEqual([1 + 5, 3 + 10, 2 + 15, 4 + 20]);
  });

  it('that change nothing cost nothing', async () => {
    const plan = await planOf([1, 3], (x) => permute(x, { dims: [1, 0] }));
    expect(plan.statistics.dispatches).toBe(0);
  });
});

describe('memory', () => {
  it('is shared along a chain: two buffers for any length', async () => {
    const plan = await planOf([1024], (x) => {
      let y = x;
      for (let i = 0; i < 20; i++) y = i % 2 ? tanh(y) : sigmoid(y);
      return y;
    });
    expect(plan.statistics.dispatches).toBe(20);
    expect(plan.statistics.intermediateBytes).toBe(2 * 4096);
    expect(plan.statistics.lowerBoundBytes).toBe(2 * 4096);
  });

  it('of a forward and backward pass is near the least possible', async () => {
    const graph = new Graph();
    const x = graph.input('x', [64, 64]);
    let y = x;
    for (let i = 0; i < 10; i++) y = softmax(add(tanh(y), y));
    const dy = graph.constant(new Float32Array(y.size).fill(1), y.shape);
    const [dx] = gradients([y], [dy], [x]);
    const plan = await compile(device, graph, { outputs: { dx: dx! } });
    plans.push(plan);
    const { intermediateBytes, lowerBoundBytes } = plan.statistics;
    expect(intermediateBytes).toBeLessThanOrEqual(1.1 * lowerBoundBytes);
  });

  it('is given back by destroy', async () => {
    const before = device.buffers.allocatedBytes;
    const plan = await planOf([1000], (x) => tanh(x));
    expect(device.buffers.allocatedBytes).toBeGreaterThan(before + 8000);
    plans.splice(plans.indexOf(plan), 1);
    plan.destroy();
    expect(device.buffers.allocatedBytes).toBe(before);
  });

  it('that does not fit the limit is refused with figures before anything is allocated', async () => {
    const small = await testDevice({ memoryLimit: 1 << 20 });
    try {
      const error = await planOf([256, 1024], (x) => tanh(x), small).then(
        () => undefined,
        (reason) => reason as GradloomError,
      );
      expect(error).toBeInstanceOf(GradloomError);
      expect(error).toMatchObject({ code: 'out-of-memory', op: 'compile' });
      expect(error!.message).toMatch(/needs 2(\.\d+)? Mi?B/);
      expect(error!.message).toMatch(/at most 1(\.0)? Mi?B/);
      expect(error!.fix).toContain('memoryLimit');
      expect(small.buffers.allocatedBytes).toBe(0);
      const plan = await planOf([16], (x) => tanh(x), small);
      expect((await runWith(plan, new Array<number>(16).fill(0))).length).toBe(16);
    } finally {
      small.destroy();
    }
  });

  it('that no adapter could bind is refused too', async () => {
    const count = Math.ceil(device.limits.maxStorageBufferBindingSize / 4) + 1;
    await expect(planOf([count], (x) => tanh(x))).rejects.toMatchObject({ code: 'out-of-memory' });
  });
});

describe('tensors without elements', () => {
  it('run without dispatches', async () => {
    const plan = await planOf([0, 3], (x) => softmax(add(tanh(x), x)));
    expect(plan.statistics.dispatches).toBe(0);
    expect(await runWith(plan, [])).toEqual([]);
  });

  it('sum to 0, with gradients without elements', async () => {
    const graph = new Graph();
    const x = graph.input('x', [0, 3]);
    const y = sum(x);
    const [dx] = gradients([y], [graph.constant(Float32Array.of(1), [])], [x]);
    const plan = await compile(device, graph, { outputs: { y, dx: dx! } });
    plans.push(plan);
    plan.run();
    expect(Array.from(await plan.read('y'))).toEqual([0]);
    expect((await plan.read('dx')).length).toBe(0);
  });
});

describe('a plan', () => {
  it('gives the same bits in every run', async () => {
    const plan = await planOf([7, 33], (x) => sum(softmax(tanh(x)), { dim: 0 }));
    const input = Array.from({ length: 231 }, (_, i) => Math.sin(i));
    expect(await runWith(plan, input)).toEqual(await runWith(plan, input));
  });

  it('gives several outputs, one of them also an intermediate result', async () => {
    const plan = await planOf([2], (x) => {
      const t = add(x, x);
      return { t, y: mul(t, t) };
    });
    expect(await runWith(plan, [1, -3])).toEqual([4, 36]);
    expect(Array.from(await plan.read('t'))).toEqual([2, -6]);
  });

  it('refuses values of another number', async () => {
    const plan = await planOf([2, 3], (x) => tanh(x));
    expect(() => plan.write('x', new Float32Array(5))).toThrow('x is 5 values; expected 6 for [2, 3]');
  });
});

/** An op that runs a fill kernel as it is given. */
function runKernel(x: Tensor, kernel: typeof fillForward, size: DispatchSize): Tensor {
  const op = defineInternal({
    name: 'broken',
    inputs: ['x'],
    outputs: ['y'],
    shape: (inputs) => ({ y: inputs.x.shape }),
    lower: ({ y }, _: undefined, k) => k.dispatch(kernel, {}, { y }, { n: y.size, value: 0 }, size),
  });
  return op({ x }, undefined).y;
}

/** A kernel with one line of its linked code replaced, and the number of that line. */
function broken(line: RegExp, replacement: string) {
  const lines = fillForward.code.split('\n');
  const at = lines.findIndex((text) => line.test(text));
  expect(at).toBeGreaterThanOrEqual(0);
  lines[at] = replacement;
  const kernel: typeof fillForward = {
    ...fillForward,
    variant: replacement,
    code: lines.join('\n'),
  };
  return { kernel, at };
}

describe('a shader that does not compile', () => {
  it('is reported with its file and line', async () => {
    const { kernel, at } = broken(/y\[i\] = params\.value/, '    y[i] = undefined_name;');
    const [file, line] = kernel.lines[at];
    expect(kernel.files[file]).toBe('layout/fill.forward.wgsl');
    const errors: GradloomError[] = [];
    const stop = device.onError((error) => errors.push(error));
    const failure = planOf([4], (x) => runKernel(x, kernel, { threads: 4 }));
    await expect(failure).rejects.toMatchObject({ code: 'internal', op: 'fill_forward' });
    await expect(failure).rejects.toThrow(`shaders/layout/fill.forward.wgsl:${line}:`);
    await expect(failure).rejects.toThrow('undefined_name');
    await device.gpu.queue.onSubmittedWorkDone();
    stop();
    // The rejection is the report: nobody hears of it a second time.
    expect(errors).toEqual([]);
  });

  it('is reported in the file that it imports when the fault is there', async () => {
    const { kernel, at } = broken(/return group\.x/, '  return group.x + no_such_value;');
    const failure = planOf([4], (x) => runKernel(x, kernel, { threads: 4 }));
    await expect(failure).rejects.toThrow(`shaders/lib/grid.wgsl:${kernel.lines[at][1]}:`);
  });
});

describe('an error that nobody awaited', () => {
  it('reaches the listeners of the device as one of ours', async () => {
    const own = await testDevice();
    try {
      const errors: GradloomError[] = [];
      const stop = own.onError((error) => errors.push(error));
      const plan = await planOf([4], (x) => runKernel(x, fillForward, [70000, 1, 1]), own);
      plan.run();
      await own.gpu.queue.onSubmittedWorkDone();
      await new Promise((resolve) => setTimeout(resolve, 50));
      stop();
      expect(errors.length).toBeGreaterThan(0);
      expect(errors[0]).toBeInstanceOf(GradloomError);
      expect(errors[0].message).toContain('70000');
    } finally {
      own.destroy();
    }
  });
});
