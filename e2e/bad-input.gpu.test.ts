/** What users can get wrong in training: each gives its own error, and the device works on. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ArrayDataset, makeDigits, parseIdx } from '../src/data';
import { GradloomError } from '../src/errors';
import { type Device, requestDevice } from '../src/gpu/device';
import { fromSpec, lenet, mlp } from '../src/spec';
import { Trainer, type TrainerOptions } from '../src/train';
import { testDevice } from './support/device';

let device: Device;
const errors: GradloomError[] = [];
beforeAll(async () => {
  device = await testDevice();
  device.onError((error) => errors.push(error));
});
afterAll(() => device.destroy());

const { train } = makeDigits({ train: 64, test: 8 });
const options: TrainerOptions = { loss: 'crossEntropy', optimizer: { type: 'adam' } };

async function failure(work: () => unknown): Promise<GradloomError> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    return error as GradloomError;
  }
  throw new Error('nothing was refused');
}

describe('bad input', () => {
  // After each of them the same device still trains.
  afterEach(async () => {
    const trainer = new Trainer(device, mlp({ hidden: [8] }), options);
    const [loss] = await trainer.fitSteps(train, { steps: 1, batchSize: 8 });
    expect(loss).toBeGreaterThan(0);
    await trainer.dispose();
    expect(errors).toEqual([]);
  });

  it('refuses inputs of the wrong shape, naming op and shapes', async () => {
    const data = ArrayDataset.fromArrays({ x: new Float32Array(4 * 12), xShape: [12], y: new Int32Array(4) });
    const trainer = new Trainer(device, lenet(), options);
    const error = await failure(() => trainer.fit(data, { batchSize: 2 }));
    expect(error.code).toBe('shape');
    expect(error.message).toMatch(/conv2d: .*\[2, 12\]/);
    await trainer.dispose();
  });

  it('refuses labels that the model has no output for', async () => {
    const y = Int32Array.from([0, 1, 2, 11]);
    const data = ArrayDataset.fromArrays({ x: new Float32Array(4 * 784), xShape: [1, 28, 28], y });
    const trainer = new Trainer(device, lenet(), options);
    const error = await failure(() => trainer.fit(data, { batchSize: 2 }));
    expect(error.code).toBe('data');
    expect(error.message).toMatch(/11/);
    expect(error.message).toMatch(/10/);
    await trainer.dispose();
  });

  it('refuses an empty data set and NaN', async () => {
    const empty = await failure(() =>
      ArrayDataset.fromArrays({ x: new Float32Array(0), xShape: [784], y: new Int32Array(0) }),
    );
    expect(empty.code).toBe('data');
    const x = new Float32Array(8);
    x[5] = Number.NaN;
    const nan = await failure(() => ArrayDataset.fromArrays({ x, xShape: [4], y: new Int32Array(2) }));
    expect(nan.message).toMatch(/sample 1, position 1/);
  });

  it('refuses truncated IDX', async () => {
    const bytes = new Uint8Array([0, 0, 8, 1, 0, 0, 0, 9, 1, 2]);
    expect((await failure(() => parseIdx(bytes, 'labels'))).code).toBe('data');
  });

  it('refuses a batch larger than the data', async () => {
    const trainer = new Trainer(device, lenet(), options);
    const error = await failure(() => trainer.fit(train, { batchSize: 65 }));
    expect(error.message).toMatch(/batchSize is 65; expected at most 64/);
    await trainer.dispose();
  });

  it('refuses a model that does not fit, with the bytes needed and allowed', async () => {
    const limit = device.limits.maxStorageBufferBindingSize;
    const wide = Math.ceil(limit / 4 / 1000) + 1;
    const model = fromSpec([{ type: 'flatten' }, { type: 'linear', inFeatures: 1000, outFeatures: wide }]);
    const error = await failure(() => new Trainer(device, model, options));
    expect(error.code).toBe('out-of-memory');
    expect(error.message).toContain(`${limit} bytes`);
    expect(error.message).toMatch(/needs .*\d+ bytes/);
  });

  it('refuses an unknown layer and names the nearest', async () => {
    const error = await failure(() =>
      fromSpec([{ type: 'conv2', inChannels: 1, outChannels: 2, kernelSize: 3 }]),
    );
    expect(error.code).toBe('spec');
    expect(error.message).toMatch(/Did you mean conv[123]d\?/);
  });

  it('says what to do without WebGPU', async () => {
    const gpu = { requestAdapter: async () => null } as unknown as GPU;
    expect((await failure(() => requestDevice({ gpu }))).code).toBe('no-webgpu');
  });
});
