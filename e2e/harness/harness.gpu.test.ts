/** The harness contract of docs/harness.md: what goes in, what comes out, and that wrong requests do no harm. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device } from '../../src/gpu/device';
import { testDevice } from '../support/device';
import { Harness } from './harness';

let device: Device;
let harness: Harness;
beforeAll(async () => {
  device = await testDevice();
  harness = new Harness(device);
});
afterAll(() => device.destroy());

const tensor = (shape: number[], data: (number | string)[]) => ({ shape, data }) as any;

describe('info', () => {
  it('describes ops, modules, losses, optimizers and schedules', async () => {
    const info = await harness.info();
    const conv2d = info.ops.find(({ name }) => name === 'conv2d')!;
    expect(conv2d.inputs).toEqual(['x', 'weight', 'bias']);
    expect(conv2d.optionalInputs).toEqual(['bias']);
    expect(conv2d.outputs).toEqual(['y']);
    expect(Object.keys((conv2d.attrs as any).properties)).toEqual([
      'stride',
      'padding',
      'dilation',
      'groups',
    ]);
    expect(info.ops.find(({ name }) => name === 'lstm')!.inputs).toContain('weightIhL0');
    expect(info.modules.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['linear', 'conv2d', 'lstm', 'gpt']),
    );
    expect(info.losses.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['crossEntropy', 'mseLoss', 'klDiv']),
    );
    expect(info.optimizers.map(({ type }) => type)).toEqual(expect.arrayContaining(['sgd', 'adamW', 'muon']));
    expect(info.schedules.map(({ type }) => type)).toEqual(expect.arrayContaining(['oneCycleLR']));
    expect(info.limits.maxBufferSize).toBeGreaterThan(0);
    // All of it must survive the way to Node.
    expect(JSON.parse(JSON.stringify(info)).ops).toHaveLength(info.ops.length);
  });
});

describe('runOp', () => {
  it('gives outputs and one gradient per float input', async () => {
    const inputs = { x: tensor([2, 1], [1, 2]), other: tensor([3], [10, 20, 30]) };
    const gradOutputs = { y: tensor([2, 3], [1, 1, 1, 1, 1, 1]) };
    const { outputs, gradInputs } = await harness.runOp({ op: 'mul', inputs, gradOutputs });
    expect(outputs.y).toEqual({ shape: [2, 3], data: [10, 20, 30, 20, 40, 60] });
    expect(gradInputs).toEqual({ x: tensor([2, 1], [60, 60]), other: tensor([3], [3, 3, 3]) });
  });

  it("takes PyTorch's names of arguments, and numbers for tensors without dimensions", async () => {
    const input = tensor([2], [2, 3]);
    const gradOutputs = { y: tensor([2], [1, 1]) };
    const power = await harness.runOp({ op: 'pow', attrs: { exponent: 2 }, inputs: { input }, gradOutputs });
    expect(power.outputs.y.data).toEqual([4, 9]);
    expect(power.gradInputs).toMatchObject({ input: tensor([2], [4, 6]) });
    const inputs = { x: tensor([1, 4], [1, 5, 2, 4]) };
    const attrs = { kernelSize: 2, returnIndices: true };
    const pooled = await harness.runOp({
      op: 'maxPool1d',
      attrs,
      inputs: { x: tensor([1, 1, 4], [1, 5, 2, 4]) },
    });
    expect(pooled.outputs.indices.data).toEqual([1, 3]);
    const variance = await harness.runOp({ op: 'var', attrs: { dim: 1, unbiased: false }, inputs });
    expect(variance.outputs.y.data).toEqual([2.5]);
  });

  it("takes PyTorch's own spelling of ops, attributes and inputs", async () => {
    const x = tensor([2], [-1, 2]);
    const leaky = await harness.runOp({
      op: 'leaky_relu',
      attrs: { negative_slope: 0.5 },
      inputs: { input: x },
      gradOutputs: { y: tensor([2], [1, 1]) },
    });
    expect(leaky.outputs.y.data).toEqual([-0.5, 2]);
    expect(leaky.gradInputs).toMatchObject({ input: tensor([2], [0.5, 1]) });
    const total = await harness.runOp({ op: 'sum', attrs: { axis: 0, keepdims: true }, inputs: { x } });
    expect(total.outputs.y).toEqual(tensor([1], [1]));
    const classes = await harness.runOp({ op: 'one_hot', inputs: { x: tensor([2], [0, 2]) } });
    expect(classes.outputs.y).toEqual(tensor([2, 3], [1, 0, 0, 0, 0, 1]));
  });

  it('stores floats as float16 where asked to and where the adapter can', async () => {
    const x = { ...tensor([3], [0.1, 65519, -3]), dtype: 'float16' };
    const gradOutputs = { y: tensor([3], [1, 1, 0.1]) };
    const run = harness.runOp({ op: 'relu', inputs: { x }, gradOutputs });
    if (!device.features.f16) {
      await expect(run).rejects.toMatchObject({ code: 'unsupported' });
      return;
    }
    const { outputs, gradInputs } = await run;
    expect(outputs.y.data).toEqual([0.0999755859375, 65504, 0]);
    expect(gradInputs).toMatchObject({ x: tensor([3], [1, 1, 0]) });
    const bad = { ...x, dtype: 'float8' };
    await expect(harness.runOp({ op: 'relu', inputs: { x: bad } })).rejects.toMatchObject({
      code: 'argument',
    });
  });

  it('takes base64 and names of special values, and gives the names back', async () => {
    const bytes = new Uint8Array(new Float32Array([1, 4]).buffer);
    const data = btoa(String.fromCharCode(...bytes));
    expect((await harness.runOp({ op: 'sqrt', inputs: { x: { shape: [2], data } } })).outputs.y.data).toEqual(
      [1, 2],
    );
    const x = tensor([3], ['NaN', 'Infinity', '-Infinity']);
    expect((await harness.runOp({ op: 'neg', inputs: { x } })).outputs.y.data).toEqual([
      'NaN',
      '-Infinity',
      'Infinity',
    ]);
  });

  it('takes lists and aliases, and several outputs', async () => {
    const tensors = [tensor([1, 2], [1, 2]), tensor([1, 2], [3, 4])];
    const gradOutputs = { y: tensor([2, 2], [1, 2, 3, 4]) };
    const result = await harness.runOp({ op: 'concat', inputs: { tensors }, gradOutputs });
    expect(result.outputs.y.data).toEqual([1, 2, 3, 4]);
    expect(result.gradInputs.tensors.map(({ data }: any) => data)).toEqual([
      [1, 2],
      [3, 4],
    ]);
    const top = await harness.runOp({ op: 'topk', attrs: { k: 2 }, inputs: { x: tensor([3], [5, 9, 7]) } });
    expect(top.outputs).toMatchObject({ values: { data: [9, 7] }, indices: { data: [1, 2] } });
  });

  it('updates running statistics in training', async () => {
    const inputs = {
      x: tensor([2, 1], [1, 3]),
      runningMean: tensor([1], [0]),
      runningVar: tensor([1], [1]),
    };
    const { outputs } = await harness.runOp({ op: 'batchNorm', inputs, training: true });
    expect(outputs.runningMean.data[0]).toBeCloseTo(0.2, 6);
    expect(outputs.runningVar.data[0]).toBeCloseTo(1.1, 6);
  });

  it('tells class indices from probabilities by shape', async () => {
    const x = tensor([1, 2], [0, 0]);
    const indices = await harness.runOp({ op: 'crossEntropy', inputs: { x, target: tensor([1], [1]) } });
    const probabilities = await harness.runOp({
      op: 'crossEntropy',
      inputs: { x, target: tensor([1, 2], [0.5, 0.5]) },
    });
    for (const { outputs } of [indices, probabilities]) expect(outputs.y.data[0]).toBeCloseTo(Math.log(2), 6);
  });

  it('rejects what is wrong by name and works on', async () => {
    const x = tensor([2], [1, 2]);
    await expect(harness.runOp({ op: 'sofmax', inputs: { x } })).rejects.toThrow(/Did you mean softmax\?/);
    await expect(harness.runOp({ op: 'softmax', attrs: { dimm: 0 }, inputs: { x } })).rejects.toThrow(
      /dimm.*Did you mean dim\?/,
    );
    await expect(harness.runOp({ op: 'softmax', inputs: { y: x } })).rejects.toThrow(/y is not an input/);
    await expect(harness.runOp({ op: 'softmax', inputs: {} })).rejects.toThrow();
    await expect(harness.runOp({ op: 'relu', inputs: { x: tensor([3], [1]) } })).rejects.toThrow(
      /1 values.*3/,
    );
    const gradOutputs = { z: x };
    await expect(harness.runOp({ op: 'relu', inputs: { x }, gradOutputs })).rejects.toThrow(/gradOutputs.z/);
    expect((await harness.runOp({ op: 'relu', inputs: { x } })).outputs.y.data).toEqual([1, 2]);
  });
});

describe('train and predict', () => {
  const model = [{ type: 'linear', inFeatures: 1, outFeatures: 1 }];
  const stateDict = { '0.weight': tensor([1, 1], [0]), '0.bias': tensor([1], [0]) };

  it('takes steps of gradient descent on batches in order', async () => {
    const {
      losses,
      stateDict: trained,
      gradients,
    } = await harness.train({
      model,
      stateDict,
      data: { x: tensor([2, 1], [1, 2]), y: tensor([2, 1], [2, 4]) },
      loss: 'mse',
      optimizer: { type: 'sgd', lr: 0.1 },
      batchSize: 1,
      steps: 2,
    });
    // Step 1 on (1, 2): loss 4, gradients -4; weight and bias 0.4. Step 2 on (2, 4): output 1.2, loss 2.8^2.
    expect(losses[0]).toBeCloseTo(4, 5);
    expect(losses[1]).toBeCloseTo(7.84, 5);
    expect(gradients['0.weight'].data[0]).toBeCloseTo(-11.2, 4);
    expect(trained['0.weight'].data[0]).toBeCloseTo(1.52, 5);
    expect(trained['0.bias'].data[0]).toBeCloseTo(0.96, 5);
    const { y } = await harness.predict({ model, stateDict: trained, x: tensor([1, 1], [1]) });
    expect(y.shape).toEqual([1, 1]);
    expect(y.data[0]).toBeCloseTo(2.48, 5);
  });

  it('clips by norm', async () => {
    const { stateDict: trained, gradNorms } = await harness.train({
      model,
      stateDict,
      data: { x: tensor([1, 1], [3]), y: tensor([1, 1], [10]) },
      loss: 'mse',
      optimizer: { type: 'sgd', lr: 1 },
      clip: { maxNorm: 1 },
      batchSize: 1,
      steps: 1,
    });
    const [weight, bias] = [trained['0.weight'].data[0] as number, trained['0.bias'].data[0] as number];
    expect(Math.hypot(weight, bias)).toBeCloseTo(1, 5);
    expect(weight / bias).toBeCloseTo(3, 4);
    // The gradients are -60 and -20.
    expect(gradNorms).toHaveLength(1);
    expect(gradNorms![0]).toBeCloseTo(Math.hypot(60, 20), 3);
  });

  it('freezes and updates parameters by groups', async () => {
    const { stateDict: trained } = await harness.train({
      model,
      stateDict,
      data: { x: tensor([1, 1], [3]), y: tensor([1, 1], [10]) },
      loss: 'mse',
      optimizer: {
        type: 'sgd',
        lr: 0.1,
        groups: [
          { params: ['*.bias'], frozen: true },
          { params: ['0.weight'], lr: 0.01 },
        ],
      },
      batchSize: 1,
      steps: 1,
    });
    expect(trained['0.bias'].data).toEqual([0]);
    expect(trained['0.weight'].data[0]).toBeCloseTo(0.6, 5);
  });

  it('goes on from a checkpoint with the next batch, bit by bit', async () => {
    const request = {
      model: [
        { type: 'linear', inFeatures: 2, outFeatures: 4 },
        { type: 'dropout', p: 0.5 },
        { type: 'linear', inFeatures: 4, outFeatures: 1 },
      ],
      data: {
        x: tensor([5, 2], [1, 2, 3, 4, 5, 6, 7, 8, 9, 1]),
        y: tensor([5, 1], [1, 2, 3, 4, 5]),
      },
      loss: 'mse' as const,
      optimizer: { type: 'adam' as const, lr: 0.01 },
      schedule: { type: 'stepLR' as const, stepSize: 4 },
      batchSize: 2,
      seed: 9,
    };
    const whole = await harness.train({ ...request, steps: 50 });
    const first = await harness.train({ ...request, steps: 30, checkpoint: true });
    const second = await harness.train({ ...request, steps: 20, resume: first.checkpoint, seed: 0 });
    expect(whole).not.toHaveProperty('checkpoint');
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expect(second.stateDict).toEqual(whole.stateDict);
    for (const resume of ['%%', btoa('no file'), 3]) {
      await expect(harness.train({ ...request, steps: 1, resume } as any)).rejects.toThrow(
        /resume|checkpoint/,
      );
    }
    await expect(harness.train({ ...request, steps: 1, checkpoint: 1 } as any)).rejects.toThrow(
      /checkpoint is 1/,
    );
  });

  it('refuses unknown keys of a request', async () => {
    const data = { x: tensor([1, 1], [3]), y: tensor([1, 1], [10]) };
    const request = { model, data, loss: 'mse', optimizer: { type: 'sgd' as const }, batchSize: 1, steps: 1 };
    await expect(harness.train({ ...request, batch_size: 2 } as any)).rejects.toThrow(
      /batch_size.*Did you mean batchSize/s,
    );
    await expect(harness.predict({ model, x: data.x, state: {} } as any)).rejects.toThrow(/state/);
  });

  it('names what is wrong with a model or its weights', async () => {
    const x = tensor([1, 1], [1]);
    await expect(harness.predict({ model: [{ type: 'liner' }], x })).rejects.toThrow(/Did you mean linear\?/);
    await expect(harness.predict({ model, stateDict: { '0.weight': x }, x })).rejects.toThrow(
      /0.bias is missing/,
    );
  });
});

describe('conformance', () => {
  it('runs the cases of the ops that match', async () => {
    const report = await harness.conformance({ filter: '=logSoftmax' });
    expect(report.failed).toBe(0);
    expect(report.passed).toBe(report.results.length);
    expect(report.passed).toBeGreaterThan(5);
  });
});
