/** Ops that users define: the guide's code (docs/custom-ops.md), its numbers, and the errors. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import guide from '../../docs/custom-ops.md?raw';
import { testDevice } from '../../e2e/support/device';
import { runGuide } from '../../e2e/support/guide';
import {
  defineKernel,
  defineOp,
  GradloomError,
  Graph,
  grad,
  gradients,
  jit,
  ops,
  type Tensor,
  tensor,
  z,
} from '..';
import type { Device } from '../gpu/device';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

describe('the guide', () => {
  it('defines ops that compute, differentiate and train', async () => {
    const made = await runGuide(guide, { device }, [
      'y',
      'scaledTanh',
      'fusedTanh',
      'slope',
      'difference',
      'loss',
    ]);
    const { y, scaledTanh, fusedTanh, slope, difference, loss } = made;
    expect(loss).toBeLessThan(0.05);
    const want = [0, 0.5, 1].map((v) => Math.tanh(2 * v));
    (await y.data()).forEach((value: number, i: number) => {
      expect(value).toBeCloseTo(want[i], 5);
    });
    expect(slope).toBeCloseTo(2 * (1 - Math.tanh(0.6) ** 2), 5);
    expect(slope).toBeCloseTo(difference, 3);
    for (const op of [scaledTanh, fusedTanh]) {
      const f = jit(
        device,
        grad((x: Tensor) => ops.sum(op(x, { scale: 2 }))),
      );
      const values = [-0.4, 0.1, 0.9];
      (await f(values).data()).forEach((value: number, i: number) => {
        expect(value).toBeCloseTo(2 * (1 - Math.tanh(2 * values[i]) ** 2), 5);
      });
    }
    const twice = (op: any) =>
      jit(
        device,
        grad((x: Tensor) => ops.sum(grad((v: Tensor) => ops.sum(op(v, { scale: 2 })))(x))),
      );
    const t = Math.tanh(0.6);
    expect(await twice(scaledTanh)([0.3]).item()).toBeCloseTo(-8 * t * (1 - t * t), 4);
    expect(() => twice(fusedTanh)([0.3])).toThrow(/^gradients: scaledTanhBackward has no backward/);
  });

  it('gives an op that more than 65,535 workgroups compute', async () => {
    const { scaledTanh } = await runGuide(guide, { device }, ['scaledTanh']);
    const n = 64 * 65536 + 5;
    const x = tensor(device, new Float32Array(n).fill(0.5));
    const y = await scaledTanh(x, { scale: 2 }).data();
    expect([y[0], y[n - 1]].map((v: number) => v.toFixed(4))).toEqual(['0.7616', '0.7616']);
    x.dispose();
  });
});

const COPY = `struct Params { n: u32 }
@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(64)
fn copy_values(@builtin(global_invocation_id) id: vec3<u32>) {
  if (id.x < params.n) {
    y[id.x] = x[id.x];
  }
}`;

describe('defineKernel', () => {
  it('names the line of what is wrong', async () => {
    const at = (code: string) => defineKernel(code, { file: 'mine.wgsl' });
    await expect(at(COPY.replace('x: array', 'x array'))).rejects.toThrow(/^defineKernel: mine.wgsl:3 is /);
    await expect(at(COPY.replace('= x[id.x]', '= 1.0'))).rejects.toThrow(
      'mine.wgsl:3 is binding x is never used',
    );
    await expect(at(COPY.replace('y[id.x] = x[id.x]', 'let v = y[id.x] + x[id.x]'))).rejects.toThrow(
      'mine.wgsl:4 is binding y is declared read_write but never written',
    );
    await expect(at(COPY.replace('n: u32', 'n: u32, m: u32'))).rejects.toThrow(
      'mine.wgsl:1 is uniform field m is never used',
    );
    await expect(at(COPY.replaceAll('params', 'settings'))).rejects.toThrow(
      'uniform settings must be named params or step',
    );
    await expect(at('fn helper() {}')).rejects.toThrow('expected one @compute entry point, got none');
    await expect(at(3 as unknown as string)).rejects.toThrow('a number instead of WGSL text');
  });

  it('leaves types to the WGSL compiler, whose errors name file and line', async () => {
    const wrong = await defineKernel(COPY.replace('= x[id.x]', '= x[id.x] + true'), { file: 'mine.wgsl' });
    const op = copyOp(wrong);
    const y = op(tensor(device, [1]));
    const error = await y.data().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(GradloomError);
    expect(error).toMatchObject({ code: 'argument', op: 'copy_values' });
    expect((error as Error).message).toMatch(/mine\.wgsl:9: /);
  });

  it('keeps kernels of one name apart', async () => {
    const [one, two] = await Promise.all(
      ['x[id.x]', '2.0 * x[id.x]'].map((v) => defineKernel(COPY.replace('x[id.x];', `${v};`))),
    );
    expect(await copyOp(one)(tensor(device, [3])).item()).toBe(3);
    expect(await copyOp(two)(tensor(device, [3])).item()).toBe(6);
  });
});

type CopyKernel = Awaited<ReturnType<typeof defineKernel>>;

const copyOp = (kernel: CopyKernel, changes: Record<string, unknown> = {}) =>
  defineOp({
    name: 'copyValues',
    inputs: ['x'],
    outputs: ['y'],
    shape: ({ x }) => ({ y: x.shape }),
    lower: ({ x, y }, _, k) => k.dispatch(kernel, { x }, { y }, { n: y.size }, { threads: y.size }),
    backward: ({ dy }) => ({ x: dy }),
    ...changes,
  });

describe('an op of a user', () => {
  const dispatching = (change: (args: any[]) => any[]) => ({
    lower({ x, y }: any, _: unknown, k: any) {
      k.dispatch(...change([kernel, { x }, { y }, { n: y.size }, { threads: y.size }]));
    },
  });
  let kernel: CopyKernel;
  beforeAll(async () => {
    kernel = await defineKernel(COPY, { file: 'copy.wgsl' });
  });

  it.each([
    [
      'a binding of another name',
      (a: any[]) => [a[0], { z: a[1].x }, ...a.slice(2)],
      /^copyValues: copy.wgsl: read z is not in the kernel; expected one of x/,
    ],
    ['a binding that is missing', (a: any[]) => [a[0], {}, ...a.slice(2)], 'copy.wgsl: read x is missing'],
    [
      'an input that is written',
      (a: any[]) => [a[0], a[1], { x: a[1].x, ...a[2] }, a[3], a[4]],
      'write x is not in the kernel',
    ],
    [
      'a field that is misspelt',
      (a: any[]) => [a[0], a[1], a[2], { m: 1 }, a[4]],
      'param m is not in the kernel; expected one of n. Did you mean n?',
    ],
    ['a field that is missing', (a: any[]) => [a[0], a[1], a[2], {}, a[4]], 'param n is missing'],
    [
      'a vector for a number',
      (a: any[]) => [a[0], a[1], a[2], { n: [1, 2] }, a[4]],
      'param n is 2 numbers; expected 1',
    ],
    ['too many workgroups', (a: any[]) => [...a.slice(0, 4), [70000, 1, 1]], 'workgroups is [70000,1,1]'],
    [
      'a size that is misspelt',
      (a: any[]) => [...a.slice(0, 4), { thread: 2 }],
      'size of the dispatch is {"thread":2}',
    ],
    [
      'workgroups that are no numbers',
      (a: any[]) => [...a.slice(0, 4), [Number.NaN, 1, 1]],
      'expected three whole numbers',
    ],
    [
      'an output that is read before it is written',
      (a: any[]) => [a[0], { x: a[2].y }, ...a.slice(2)],
      'copy.wgsl: read x is a tensor [2] that nothing has written',
    ],
    [
      'an op that is recorded while another is lowered',
      (a: any[]) => [a[0], { x: ops.mul(a[1].x, 2) }, ...a.slice(2)],
      'read x is a tensor [2] that nothing has written',
    ],
    [
      'a tensor of another graph',
      (a: any[]) => [a[0], { x: new Graph().input('x', [2]) }, ...a.slice(2)],
      'read x is a tensor [2] that nothing has written',
    ],
  ] as [string, (args: any[]) => any[], string | RegExp][])('names %s', async (_, change, message) => {
    const y = copyOp(kernel, dispatching(change))(tensor(device, [1, 2]));
    await expect(y.data()).rejects.toThrow(message);
  });

  it('names a type that the kernel does not take, and an output that nothing writes', async () => {
    const any = { dtypes: { x: 'any' } };
    await expect(copyOp(kernel, any)(tensor(device, Int32Array.of(1))).data()).rejects.toThrow(
      'copy.wgsl: binding x is i32 [1]; expected f32',
    );
    await expect(copyOp(kernel, { lower() {} })(tensor(device, [1])).data()).rejects.toThrow(
      'copyValues.lower: output y is not written by any kernel',
    );
  });

  it('names what is wrong with shapes and gradients', () => {
    const x = new Graph().input('x', [2]);
    const one = x.graph.constant(new Float32Array(2), [2]);
    const call = (changes: Record<string, unknown>) => () => copyOp(kernel, changes)(x);
    const slope = (changes: Record<string, unknown>) => () =>
      gradients([copyOp(kernel, changes)(x)], [one], [x]);
    expect(call({ shape: () => ({ z: [2] }) })).toThrow(
      'copyValues.shape: z is not a name that it has; expected one of y',
    );
    expect(call({ shape: () => ({}) })).toThrow('copyValues.shape: y is missing');
    expect(call({ shape: () => ({ y: [1.5] }) })).toThrow(
      'copyValues.shape: y is [1.5]; expected a list of whole numbers',
    );
    expect(call({ shape: () => ({ y: { shape: [2], dtype: 'f64' } }) })).toThrow(
      'dtype: f32, f16, i32 or bool',
    );
    expect(slope({ backward: () => ({}) })).toThrow('copyValues.backward: x is missing');
    expect(slope({ backward: ({ dy }: any) => ({ X: dy }) })).toThrow(
      'copyValues.backward: X is not a name that it has; expected one of x. Did you mean x?',
    );
    expect(slope({ backward: ({ dy }: any) => ({ x: ops.sum(dy) }) })).toThrow(
      'copyValues.backward: x is []; expected a tensor [2]',
    );
    expect(slope({ backward: undefined })).toThrow('gradients: copyValues has no backward');
    expect(slope({ backward: () => ({ x: undefined }) })()).toEqual([undefined]);
  });

  it('names what is wrong with a declaration and its attributes', () => {
    const define = (changes: Record<string, unknown>) => () => copyOp(kernel, changes);
    expect(define({ name: '' })).toThrow('defineOp: name is ""; expected a name');
    expect(define({ inputs: [] })).toThrow('defineOp: inputs is []; expected a list of names');
    expect(define({ lower: undefined })).toThrow('defineOp: lower is undefined; expected a function');
    expect(define({ attrs: { scale: 1 } })).toThrow('defineOp: attrs is {"scale": 1}, no schema');
    expect(define({ outputs: ['x'] })).toThrow('defineOp: outputs is x twice');
    const scaled = copyOp(kernel, { attrs: z.strictObject({ scale: z.number().default(1) }) }) as (
      ...args: any[]
    ) => unknown;
    const x = new Graph().input('x', [2]);
    expect(() => scaled(x, { skale: 1 })).toThrow('Did you mean scale?');
  });
});
