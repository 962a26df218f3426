/** jit, grad, valueAndGrad, evaluate and device tensors on a device. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import goldens from '../../e2e/goldens/fixtures/functions/gradient_penalty.json';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import type { Tensor } from '../graph/ir/graph';
import { Graph } from '../graph/ir/graph';
import * as nn from '../nn';
import * as ops from '../ops';
import { evaluate, grad, jit, tensor, valueAndGrad } from '.';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

const close = (got: ArrayLike<number>, want: ArrayLike<number>, digits = 5) => {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++) expect(got[i]).toBeCloseTo(want[i], digits);
};

describe('jit', () => {
  it('runs a function on device tensors, nested lists, typed arrays and numbers', async () => {
    const f = jit(device, (x: Tensor, y: Tensor) => ops.add(ops.mul(x, 2), y));
    close(await f(tensor(device, [1, 2, 3]), [10, 20, 30]).data(), [12, 24, 36]);
    close(await f({ data: Float32Array.of(1, 2, 3), shape: [3] }, new Float32Array(3)).data(), [2, 4, 6]);
    close(await f([1, 2, 3], 1).data(), [3, 5, 7]);
    f.dispose();
  });

  it('takes and gives lists and records, passes on what is no tensor', async () => {
    const f = jit(device, ({ a, rest }: { a: Tensor; rest: Tensor[] }, name: string) => ({
      sum: rest.reduce((total, x) => ops.add(total, x), a),
      parts: [a, { name }],
    }));
    const given = {
      a: [1, 2],
      rest: [
        [3, 4],
        [5, 6],
      ].map((row) => tensor(device, row)),
    };
    const { sum, parts } = f(given, 'first');
    close(await sum.data(), [9, 12]);
    expect(parts).toHaveLength(2);
    expect(parts[1]).toEqual({ name: 'first' });
    expect(f(given, 'second').parts[1]).toEqual({ name: 'second' });
  });

  it('records once per signature', async () => {
    let recorded = 0;
    const f = jit(device, (x: Tensor) => {
      recorded++;
      return ops.sum(x);
    });
    for (const values of [
      [1, 2],
      [3, 4],
      [5, 6],
    ])
      expect(await f(values).item()).toBe(values[0] + values[1]);
    expect(recorded).toBe(1);
    expect(await f([[1], [2], [3]]).item()).toBe(6);
    expect(recorded).toBe(2);
  });

  it('keeps no more plans than it may', async () => {
    let recorded = 0;
    const f = jit(
      device,
      (x: Tensor) => {
        recorded++;
        return ops.sum(x);
      },
      { maxPlans: 2 },
    );
    const ones = (n: number) => new Float32Array(n).fill(1);
    for (const n of [1, 2, 3, 3, 2]) expect(await f(ones(n)).item()).toBe(n);
    expect(recorded).toBe(3);
    expect(await f(ones(1)).item()).toBe(1);
    expect(recorded).toBe(4);
    const before = device.buffers.allocatedBytes;
    for (let n = 4; n < 12; n++) expect(await f(ones(n)).item()).toBe(n);
    f.dispose();
    expect(device.buffers.allocatedBytes).toBeLessThan(before + 8 * 64);
  });

  it('gives results that stay valid after the next call, in the order of the calls', async () => {
    const f = jit(device, (x: Tensor) => ops.mul(x, x));
    const results = Array.from({ length: 5 }, (_, i) => f([i, i + 1]));
    const chained = f(results[4]);
    for (const [i, y] of results.entries()) close(await y.data(), [i * i, (i + 1) * (i + 1)]);
    close(await chained.data(), [256, 625]);
  });

  it('reads the arrays of a call at the call', async () => {
    const f = jit(device, (x: Tensor) => ops.neg(x));
    const values = Float32Array.of(1, 2);
    const y = f(values);
    values.fill(9);
    close(await y.data(), [-1, -2]);
  });

  it('reads the parameters of modules where they are now', async () => {
    const layer = new nn.Linear(2, 1);
    layer.weight.data = Float32Array.of(2, 3);
    layer.bias!.data = Float32Array.of(1);
    const f = jit(device, (x: Tensor) => layer.forward(x));
    expect(await f([[1, 1]]).item()).toBe(6);
    layer.weight.data = Float32Array.of(20, 30);
    expect(await f([[1, 1]]).item()).toBe(51);
  });

  it('draws other numbers in every call, the same for the same seed', async () => {
    const make = (seed: number) =>
      jit(device, (x: Tensor) => ops.dropout(x, { p: 0.5 }), { training: true, seed });
    const ones = new Float32Array(64).fill(1);
    const [f, same, other] = [make(1), make(1), make(2)];
    const first = await f(ones).data();
    expect(await same(ones).data()).toEqual(first);
    expect(await f(ones).data()).not.toEqual(first);
    expect(await other(ones).data()).not.toEqual(first);
  });

  it('names what it cannot take', () => {
    const f = jit(device, (x: Tensor) => ops.relu(x)) as (...args: unknown[]) => unknown;
    expect(() => f([[1], [2, 3]])).toThrow(/^jit: argument 0/);
    expect(() => f(() => 1)).toThrow('argument 0 is a function');
    const symbolic = new Graph().input('x', [1]);
    expect(() => f(symbolic)).toThrow('is a symbolic tensor');
    const g = jit(device, (x: Tensor, w: Tensor) => ops.matmul(x, w));
    expect(() => g(new Float32Array(2), new Float32Array(3))).toThrow(/^matmul: x is \[2\], other is \[3\]/);
    const captured = tensor(device, [1]);
    const h = jit(device, (x: Tensor) => ops.add(x, captured as unknown as Tensor));
    expect(() => h([1])).toThrow('Pass it to the function as an argument');
    expect(() => jit(device, async (x: Tensor) => x)([1])).toThrow('a function that gives a promise');
    expect(() => jit(device, (x: Tensor) => [x, new Map()])([1])).toThrow('result[1] is a Map');
  });
});

describe('grad', () => {
  const cube = (x: Tensor) => ops.sum(ops.mul(x, ops.mul(x, x)));

  it('differentiates, as often as one asks', async () => {
    close(await jit(device, grad(cube))([1, 2, -3]).data(), [3, 12, 27]);
    const slope = (x: Tensor) => ops.sum(grad(cube)(x));
    close(await jit(device, grad(slope))([1, 2, -3]).data(), [6, 12, -18]);
    const third = (x: Tensor) => ops.sum(grad(slope)(x));
    close(await jit(device, grad(third))([1, 2, -3]).data(), [6, 6, 6]);
  });

  it('runs on device tensors without jit', async () => {
    close(await grad(cube)(tensor(device, [2])).data(), [12]);
    const [value, gradient] = valueAndGrad(cube)(tensor(device, [2]));
    expect(await value.item()).toBe(8);
    expect(await gradient.item()).toBe(12);
  });

  it('takes trees, several arguments, and auxiliary results', async () => {
    const loss = ({ w, b }: { w: Tensor; b: Tensor[] }, x: Tensor) =>
      ops.sum(ops.add(ops.mul(w, x), ops.add(b[0], ops.mul(b[1], 2))));
    const args = [{ w: [1, 2], b: [3, 4] }, [5, 6]] as const;
    const given = [
      { w: tensor(device, args[0].w), b: args[0].b.map((v) => tensor(device, v)) },
      tensor(device, args[1]),
    ];
    const [byParameters, byX] = grad(loss, { argnums: [0, 1] })(...given);
    close(await byParameters.w.data(), [5, 6]);
    expect(await byParameters.b[0].item()).toBe(2);
    expect(await byParameters.b[1].item()).toBe(4);
    close(await byX.data(), [1, 2]);
    const withAux = (x: Tensor) => [ops.sum(ops.mul(x, x)), { doubled: ops.mul(x, 2) }];
    const [[value, aux], gradient] = valueAndGrad(withAux, { hasAux: true })(tensor(device, [3]));
    expect(await value.item()).toBe(9);
    expect(await aux.doubled.item()).toBe(6);
    expect(await gradient.item()).toBe(6);
    const [only, rest] = grad(withAux, { hasAux: true })(tensor(device, [3]));
    expect([await only.item(), await rest.doubled.item()]).toEqual([6, 6]);
  });

  it('is 0 for what the result does not depend on, and partial for what is captured', async () => {
    const unused = jit(
      device,
      grad((x: Tensor, _: Tensor) => ops.sum(x), { argnums: 1 }),
    );
    close(await unused([1, 2], [3, 4]).data(), [0, 0]);
    // d/dv (v * x) at v = x is x, though x is the same tensor.
    const f = jit(device, (x: Tensor) => grad((v: Tensor) => ops.sum(ops.mul(v, x)))(x));
    close(await f([5, 7]).data(), [5, 7]);
  });

  it('names what it cannot differentiate', () => {
    const inJit = (fn: (x: Tensor) => unknown) => () => jit(device, fn as (x: Tensor) => Tensor)([1, 2]);
    expect(inJit((x) => grad((v: Tensor) => v)(x))).toThrow(
      /^grad: the result of the function is \[2\]; expected one number.*Reduce it/,
    );
    expect(inJit((x) => grad(() => 3)(x))).toThrow('the result of the function is 3');
    expect(inJit((x) => grad(cube, { argnums: 1 })(x))).toThrow(
      'argnums is 1; expected a position from 0 to 0',
    );
    expect(inJit((x) => grad(cube, { hasAux: true })(x))).toThrow('expected [loss, aux]');
    expect(() => grad(cube)(3)).toThrow('no tensor among the arguments');
    const whole = { data: Int32Array.of(1, 2), shape: [2] };
    expect(() =>
      jit(
        device,
        grad((x: Tensor) => ops.sum(ops.cast(x, { dtype: 'f32' }))),
      )(whole),
    ).toThrow(/^grad: argument 0 is i32 \[2\]; expected floats/);
    const slope = (x: Tensor) => ops.sum(grad((v: Tensor) => ops.sum(ops.digamma(v)))(x));
    expect(() => jit(device, grad(slope))([1, 2])).toThrow(/^gradients: digammaBackward has no gradient/);
  });
});

describe('a gradient penalty', () => {
  const series = (size: number, scale: number, phase: number) =>
    Float32Array.from({ length: size }, (_, i) => scale * Math.cos(1.3 * i + phase));
  const models = {
    mlp: () => ({
      model: new nn.Sequential(
        new nn.Linear(6, 16),
        new nn.LeakyReLU(0.2),
        new nn.Linear(16, 12),
        new nn.Tanh(),
        new nn.Linear(12, 1),
      ),
      shape: [5, 6],
    }),
    convnet: () => ({
      model: new nn.Sequential(
        new nn.Conv2d(2, 4, 3, { padding: 1 }),
        new nn.LeakyReLU(0.2),
        new nn.Conv2d(4, 6, 3, { stride: 2, padding: 1 }),
        new nn.GroupNorm(2, 6),
        new nn.SiLU(),
        new nn.AvgPool2d(2),
        new nn.Flatten(),
        new nn.Linear(24, 1),
      ),
      shape: [3, 2, 8, 8],
    }),
  };

  it.each(Object.keys(models) as (keyof typeof models)[])("has PyTorch's gradients: %s", async (name) => {
    const { model, shape } = models[name]();
    const parameters = model.parameters();
    parameters.forEach((parameter, i) => {
      parameter.data = series(parameter.size, 0.5, i);
    });
    const slope = grad((x: Tensor) => ops.sum(model.forward(x)));
    const penalty = (_: unknown, x: Tensor) => {
      const lengths = ops.norm(ops.flatten(slope(x), { startDim: 1 }), { dim: 1 });
      return ops.mean(ops.square(ops.sub(lengths, 1)));
    };
    const step = jit(device, valueAndGrad(penalty));
    const size = shape.reduce((a, b) => a * b, 1);
    const [value, gradients] = step(parameters, { data: series(size, 1, 0.4), shape });
    expect(await value.item()).toBeCloseTo(goldens[name].penalty, 5);
    const want = goldens[name].gradients as Record<string, number[]>;
    for (const [i, parameter] of parameters.entries()) {
      const got = await gradients[i].data();
      const expected = want[parameter.name];
      const scale = Math.max(...expected.map(Math.abs), 1e-3);
      for (let k = 0; k < expected.length; k++)
        expect(Math.abs(got[k] - expected[k])).toBeLessThan(2e-5 * scale);
      expect(gradients[i].shape).toEqual(parameter.shape);
    }
  });
});

describe('evaluate', () => {
  it('runs once and keeps nothing but the result', async () => {
    // A device of its own: on the shared one tensors of earlier tests may be collected meanwhile.
    const own = await testDevice();
    const before = own.buffers.allocatedBytes;
    const y = evaluate(own, (x: Tensor) => ops.softmax(x), [[0, Math.log(3)]]);
    close(await y.data(), [0.25, 0.75]);
    y.dispose();
    expect(own.buffers.allocatedBytes).toBe(before);
    own.destroy();
  });
});
