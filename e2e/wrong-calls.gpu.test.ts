/**
 * Wrong calls of the public API: values of the wrong kind, unknown options, the wrong order. Each is refused at once by a
 * named error that is no fault of ours, and the device works on.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Device, GradloomError, Tensor } from '../src';
import * as api from '../src';
import { testDevice } from './support/device';

// Calls that TypeScript refuses are what this is about.
const g = api as any;
const { nn, ops, ArrayDataset, Trainer, TrainStep, Predictor, Graph, compile, jit, tensor } = g;

let device: Device;
const errors: GradloomError[] = [];
beforeAll(async () => {
  device = await testDevice();
  device.onError((error) => errors.push(error));
});
afterAll(() => {
  expect(errors).toEqual([]);
  device.destroy();
});

const data = ArrayDataset.fromArrays({
  x: [
    [1, 2],
    [3, 4],
    [5, 6],
  ],
  y: [0, 1, 0],
});
const model = () => new nn.Linear(2, 2);
const options = { loss: 'crossEntropy', optimizer: { type: 'sgd', lr: 0.1 } };
const tr = () => new Trainer(device, model(), options);
const st = () => {
  const m = model();
  const loss = ({ x, y }: Record<string, Tensor>) => ops.mseLoss(m.forward(x), y);
  return new TrainStep(device, loss, { parameters: m, optimizer: options.optimizer });
};
const B = { x: [[1, 2]], y: [[1, 2]] };

const plan = () => {
  const graph = new Graph();
  return compile(device, graph, { outputs: { y: ops.relu(graph.input('x', [2])) } });
};

type Calls = Record<string, () => unknown>;

async function refusal(call: () => unknown): Promise<GradloomError> {
  try {
    await call();
  } catch (error) {
    return error as GradloomError;
  }
  throw new Error('accepted');
}

function refused(calls: Calls) {
  it.each(Object.entries(calls))('%s', async (_, call) => {
    const error = await refusal(call);
    expect(error).toBeInstanceOf(api.GradloomError);
    expect(error.code).not.toBe('internal');
    expect(error.message.length).toBeLessThan(1000);
  });
}

describe('trainers', () => {
  refused({
    'fit null': () => tr().fit(null),
    'fit undefined': () => tr().fit(),
    'fit {}': () => tr().fit({}),
    'fit array': () => tr().fit([1, 2]),
    'fit batch 0': () => tr().fit(data, { batchSize: 0 }),
    'fit batch 2.5': () => tr().fit(data, { batchSize: 2.5 }),
    'fit batch NaN': () => tr().fit(data, { batchSize: NaN }),
    'batch -1': () => tr().fit(data, { batchSize: -1 }),
    'fit null opts': () => tr().fit(data, null),
    'fit epochs 0': () => tr().fit(data, { epochs: 0 }),
    'validationSplit 2': () => tr().fit(data, { validationSplit: 2 }),
    'validationSplit NaN': () => tr().fit(data, { validationSplit: NaN }),
    'validationSplit text': () => tr().fit(data, { validationSplit: '0.5' }),
    'validation {}': () => tr().fit(data, { validation: {} }),
    'onStep text': () => tr().fit(data, { onStep: 'x' }),
    'signal text': () => tr().fit(data, { signal: 'x' }),
    'shuffle text': () => tr().fit(data, { shuffle: 'no' }),
    'stepsPerEpoch 0': () => tr().fit(data, { stepsPerEpoch: 0 }),
    'fitSteps none': () => tr().fitSteps(data),
    'fitSteps {}': () => tr().fitSteps(data, {}),
    'fitSteps -1': () => tr().fitSteps(data, { steps: -1 }),
    'fitSteps null': () => tr().fitSteps(null, { steps: 1 }),
    'evaluate null': () => tr().evaluate(null),
    'evaluate batch 0': () => tr().evaluate(data, { batchSize: 0 }),
    'evaluate array': () => tr().evaluate([[1]]),
    'predict null': () => tr().predict(null),
    'predict text': () => tr().predict('x'),
    'predict wrong shape': () => tr().predict([[1, 2, 3]]),
    'predict batch 0': () => tr().predict([[1, 2]], { batchSize: 0 }),
    'predict null opts': () => tr().predict([[1, 2]], null),
    'stateDict null opts': () => tr().stateDict(null),
    'stateDict opts': () => tr().stateDict({ average: true }),
    'restore opts': () => tr().restore(new Uint8Array(4), { stric: false }),
    'predict scalar': () => tr().predict(3),
    'predict []': () => tr().predict([]),
    'trainingPlan null': () => tr().trainingPlan(null),
    'trainingPlan 0': () => tr().trainingPlan(data, 0),
    'loadStateDict null': () => tr().loadStateDict(null),
    'Trainer no opts': () => new Trainer(device, model()),
    'Trainer null model': () => new Trainer(device, null, { loss: 'mse', optimizer: { type: 'sgd', lr: 1 } }),
    'Trainer no device': () => new Trainer(null, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 } }),
    'Trainer model {}': () => new Trainer(device, {}, { loss: 'mse', optimizer: { type: 'sgd', lr: 1 } }),
    'Trainer loss missing': () => new Trainer(device, model(), { optimizer: { type: 'sgd', lr: 1 } }),
    'Trainer loss bad': () =>
      new Trainer(device, model(), { loss: 'foo', optimizer: { type: 'sgd', lr: 1 } }).fit(data),
    'loss number': () =>
      new Trainer(device, model(), { loss: 3, optimizer: { type: 'sgd', lr: 1 } }).fit(data),
    'loss {}': () => new Trainer(device, model(), { loss: {}, optimizer: { type: 'sgd', lr: 1 } }).fit(data),
    'loss bad opt': () =>
      new Trainer(device, model(), {
        loss: { type: 'crossEntropy', labelSmoothin: 1 },
        optimizer: { type: 'sgd', lr: 1 },
      }).fit(data),
    'loss type proto': () =>
      new Trainer(device, model(), { loss: '__proto__', optimizer: { type: 'sgd', lr: 1 } }).fit(data),
    'optimizer missing': () => new Trainer(device, model(), { loss: 'mse' }),
    'optimizer text': () => new Trainer(device, model(), { loss: 'mse', optimizer: 'adam' }),
    'optimizer null': () => new Trainer(device, model(), { loss: 'mse', optimizer: null }),
    'optimizer lr text': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: '1' } }),
    'optimizer lr NaN': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: NaN } }),
    'optimizer toString': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'toString', lr: 1 } }),
    'clip null': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, clip: null }),
    'clip -1': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, clip: { maxNorm: -1 } }),
    'clip opts': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, clip: { max_norm: 1 } }),
    'schedule text': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, schedule: 'cosine' }),
    'schedule bad': () =>
      new Trainer(device, model(), {
        loss: 'mse',
        optimizer: { type: 'sgd', lr: 1 },
        schedule: { type: 'foo' },
      }),
    'schedule null': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, schedule: null }),
    'schedule nan': async () => {
      const t = new Trainer(device, model(), {
        loss: 'crossEntropy',
        optimizer: { type: 'sgd', lr: 1 },
        schedule: () => NaN,
      });
      return t.fit(data);
    },
    'schedule negative': async () => {
      const t = new Trainer(device, model(), {
        loss: 'crossEntropy',
        optimizer: { type: 'sgd', lr: 1 },
        schedule: () => 'x',
      });
      return t.fit(data);
    },
    'seed -1': () =>
      new Trainer(device, model(), { loss: 'mse', optimizer: { type: 'sgd', lr: 1 }, seed: -1 }),
    'trainer after dispose fit': async () => {
      const t = tr();
      await t.dispose();
      return t.fit(data);
    },
    'tad evaluate': async () => {
      const t = tr();
      await t.dispose();
      return t.evaluate(data);
    },
    'tad predict': async () => {
      const t = tr();
      await t.dispose();
      return t.predict([[1, 2]]);
    },
    'tad stateDict': async () => {
      const t = tr();
      await t.dispose();
      return t.stateDict();
    },
    'tad gradientDict': async () => {
      const t = tr();
      await t.dispose();
      return t.gradientDict();
    },
    'tad trainingPlan': async () => {
      const t = tr();
      await t.dispose();
      return t.trainingPlan(data);
    },
    'tad fitSteps': async () => {
      const t = tr();
      await t.dispose();
      return t.fitSteps(data, { steps: 1 });
    },
    'tad checkpoint': async () => {
      const t = tr();
      await t.dispose();
      return t.checkpoint();
    },
    'trainer dispose during fit': async () => {
      const t = tr();
      const fitting = t.fit(data, { epochs: 5 });
      // The fit goes on, and ends before the device does.
      return t.dispose().finally(() => fitting);
    },
  });
});

describe('steps', () => {
  refused({
    'step run null': () => st().run(null),
    'step run {}': () => st().run({}),
    'step run array': () => st().run([1]),
    'step lr NaN': () => st().run(B, { lr: NaN }),
    'step run null opts': () => st().run(B, null),
    'step x shape': () => st().run({ x: [[1, 2, 3]], y: [[1]] }),
    'step apply first': () => st().apply(),
    'step read first': () => st().read(),
    'step apply null': () => st().apply(null),
    'step scale': async () => {
      const s = st();
      await s.accumulate(B);
      return s.apply({ scale: NaN });
    },
    'step evaluate null': () => st().evaluate(null),
    'step plan mode': () => st().plan(B, 'foo'),
    'step null in x': () => st().run({ x: [[1, null]], y: [[1, 2]] }),
    'step after dispose run': async () => {
      const s = st();
      await s.dispose();
      return s.run(B);
    },
    'step after dispose gradients': async () => {
      const s = st();
      await s.dispose();
      return s.gradients();
    },
    'step after dispose plan': async () => {
      const s = st();
      await s.dispose();
      return s.plan(B);
    },
  });
});

describe('graphs and functions', () => {
  refused({
    'predictor null': () => new Predictor(device, null),
    'predictor after dispose': async () => {
      const p = new Predictor(device, model());
      p.dispose();
      p.dispose();
      return p.predict([[1, 2]]);
    },
    'activations text': () => new Predictor(device, model()).activations([[1, 2]], 'foo'),
    'activations none': () => new Predictor(device, model()).activations([[1, 2]]),
    'predictor seed': () => new Predictor(device, model(), { seed: 0.5 }),
    'predictor opt': () => new Predictor(device, model(), { sed: 0.5 }),
    'predict fn': () => g.predict(device, model(), [[1, 2]], { sed: 1 } as any),
    'activations opt': () => new Predictor(device, model()).activations([[1, 2]], [''], { batchsize: 1 }),
    'compile null': () => compile(device, null),
    'compile opts': () => {
      const gr = new Graph();
      const x = gr.input('x', [2]);
      return compile(device, gr, { output: { y: ops.relu(x) } });
    },
    'Graph opts': () => new Graph({ train: true }),
    'input shape': () => new Graph().input('x', [1.5]),
    'input shape text': () => new Graph().input('x', '2'),
    'input shape none': () => new Graph().input('x'),
    'input dtype': () => new Graph().input('x', [1], 'float'),
    'input name': () => new Graph().input(undefined, [1]),
    'relu null': () => ops.relu(null),
    'relu none': () => ops.relu(),
    'relu text': () => ops.relu('x'),
    'relu list': () => ops.relu([1, 2]),
    'constant list': () => new Graph().constant([1, 2], [2]),
    'scalar text': () => new Graph().scalar('x'),
    'tensor number': () => new Graph().tensor(3),
    'detach number': () => new Graph().detach(3),
    'external null': () => new Graph().external(null, [2]),
    'external text': () => new Graph().external({ buffer: 'x', offset: 0, size: 8 }, [2]),
    'plan runs': async () => (await plan()).time(0),
    'plan encoder': async () => (await plan()).encode(null),
    'jit null': () => jit(device, null)([1]),
    'jit fn': () => jit(device, (x: Tensor) => x)(() => 1),
    'jit opts': () => jit(device, (x: Tensor) => x, { trainin: true }),
    'jit maxPlans': () => jit(device, (x: Tensor) => x, { maxPlans: -1 })([1]),
    'jit seed': () => jit(device, (x: Tensor) => x, { seed: 0.5 })([1]),
    'tensor opts': () => tensor(device, [1], { dtyp: 'float32' }),
    'tensor null': () => tensor(device, null),
    'tensor shape': () => tensor(device, [1, 2], { shape: 3 }),
    'tensor item': () => tensor(device, [1, 2]).item(),
    'tensor at': () => tensor(device, [1, 2]).at(5),
    'tensor disposed': () => {
      const t = tensor(device, [1]);
      t.dispose();
      t.dispose();
      return t.data();
    },
    'grad null': () => g.grad(null as any)(tensor(device, [1])),
    'grad opts': () => g.grad((x: Tensor) => ops.sum(x), { argnum: 1 } as any)(tensor(device, [1])),
    'evaluate fn': () => g.evaluate(device, null as any, [1]),
  });
});

describe('modules', () => {
  refused({
    'Linear neg': () => new nn.Linear(-1, 2),
    'Linear 1.5': () => new nn.Linear(1.5, 2),
    'Linear text': () => new nn.Linear('2', 2),
    'Linear none': () => new nn.Linear(),
    'Linear opts': () => new nn.Linear(2, 2, { biass: false }),
    'Linear bool': () => new nn.Linear(2, 2, false),
    'Conv2d none': () => new nn.Conv2d(),
    'Conv2d opts': () => new nn.Conv2d(1, 2, 3, { paddin: 1 }),
    'Conv2d groups': () => new nn.Conv2d(3, 2, 3, { groups: 2 }),
    'Conv2d number': () => new nn.Conv2d(1, 2, 3, 1),
    'BN opts': () => new nn.BatchNorm1d(3, { epss: 1 }),
    'BN number': () => new nn.BatchNorm1d(3, 1e-3),
    'LN opts': () => new nn.LayerNorm(3, { epsilon: 1 }),
    'Emb opts': () => new nn.Embedding(3, 2, { padding_idx: 0 }),
    'Emb pad': () => new nn.Embedding(3, 2, { paddingIdx: 5 }),
    'LSTM opts': () => new nn.LSTM(2, 3, { hidden: 3 }),
    'GRU num': () => new nn.GRU(2, 3, 2),
    'MHA opts': () => new nn.MultiheadAttention(4, 2, { drop: 1 }),
    'TEL opts': () => new nn.TransformerEncoderLayer(4, 2, { dim_feedforward: 3 }),
    'Seq null': () => new nn.Sequential(null),
    'Seq fn': () => new nn.Sequential(() => 1),
    'Seq class': () => new nn.Sequential(nn.ReLU),
    'ML null': () => new nn.ModuleList(),
    'Concat opts': () => new nn.Concat([new nn.ReLU()], { axis: 1 }),
    'PReLU opts': () => new nn.PReLU(1, { initial: 2 }),
    'Dropout 2': () => new nn.Dropout(2),
    'Dropout text': () => new nn.Dropout('x'),
    'CEL opts': () => new nn.CrossEntropyLoss({ labelSmoothin: 1 }),
    'buffer neg': () => nn.buffer([-1], () => {}),
    'Transformer opts': () => new nn.Transformer({ nHead: 2 }),
    'init seed': () => model().initialize(0.5),
    'GPT opts': () => new g.GPT({ vocabsize: 3 } as any),
    'GPT none': () => new g.GPT(),
    'ResNet opts': () => new g.ResNet({ dept: 18 }),
    'lenet opts': () => g.lenet({ classes: 3 }),
    'mlp opts': () => g.mlp({ inFeature: 3 }),
    'VGG depth': () => new g.VGG({ depth: 12 }),
    'GPT gelu': () => new g.GPT({ vocabSize: 3, blockSize: 4, gelu: 'fast' }),
    'Seq2Seq opts': () => new g.Seq2Seq({ vocabSize: 3, sourceLength: 4, hidden: 3 }),
    'Seq2Seq sizes': () => new g.Seq2Seq({ vocabSize: 3 }),
    'Ensemble opts first': () => new g.Ensemble({ members: [model()] }),
    'cnnSpec opts': () => g.cnnSpec({ width: [3] }),
    'autoencoderSpec opts': () => g.autoencoderSpec({ width: [3] }),
    'mobilenetV1Spec opts': () => g.mobilenetV1Spec({ numclasses: 3 }),
    'seriesRegressorSpec opts': () => g.seriesRegressorSpec({ hidden: 3 }),
    'bilstmClassifierSpec opts': () => g.bilstmClassifierSpec({ vocab: 3 }),
    'encoderClassifierSpec opts': () => g.encoderClassifierSpec({ vocab: 3 }),
    'convAttentionLstmSpec opts': () => g.convAttentionLstmSpec({ heads: 3 }),
    'Flatten opts': () => new nn.Flatten({ startDim: 1 }),
    'ZeroPad text': () => new nn.ZeroPad2d('1'),
    'ZeroPad 0.5': () => new nn.ZeroPad2d(0.5),
    'ConstantPad opts': () => new nn.ConstantPad2d(1, { value: 2 }),
    'LearnedPositions -1': () => new nn.LearnedPositions(-1, 2),
    'TransformerEncoder norm': () => new nn.TransformerEncoder([new nn.ReLU()], { norm: true }),
    'triplet opts': () => new nn.TripletMarginWithDistanceLoss({ distance: 1 }),
    'triplet distance': () => new nn.TripletMarginWithDistanceLoss({ distanceFunction: 'cosine' }),
    'rrelu limits': () => new nn.RReLU(0.5, 0.1).forward(new Graph({ training: true }).input('x', [2])),
  });
});

describe('data', () => {
  refused({
    'makeDigits opts': () => g.makeDigits({ trian: 5 }),
    'makeDigits -1': () => g.makeDigits({ train: -1 }),
    'makeDigits seed': () => g.makeDigits({ train: 5, test: 5, seed: 0.5 }),
    'makeSeries opts': () => g.makeSeries({ len: 5 }),
    'parseCsv null': () => g.parseCsv(null),
    'parseCsv opts': () => g.parseCsv('1,2\n3,4', { label: 1 }),
    'parseCsv delim': () => g.parseCsv('1,2\n3,4', { delimiter: 'x' }),
    'parseCsv task': () => g.parseCsv('1,2\n3,4', { task: 'x' }),
    'loadCsv null': () => g.loadCsv(null),
    'loadIdx null': () => g.loadIdx(null),
    'loadIdx opts': () => g.loadIdx({ image: 'x' }),
    'parseIdx null': () => g.parseIdx(null),
    'loadCifar null': () => g.loadCifar10(null),
    'loadCifar []': () => g.loadCifar10([]),
    'digitImage null': () => g.toDigitImage(null),
    'digitImage opts': () => g.toDigitImage({ width: 1, height: 1, data: new Uint8Array(1) }, { siz: 3 }),
    'digitImage size': () => g.toDigitImage({ width: 1, height: 1, data: new Uint8Array(1) }, { size: -3 }),
    'digitImage ink': () => g.toDigitImage({ width: 1, height: 1, data: new Uint8Array(1) }, { ink: 'x' }),
    'split seed': () => data.split(0.4, 0.5),
    'subset null': () => data.subset(null),
    'slice NaN': () => data.slice(NaN),
    'normal null': () => data.withNormalization(null, 1),
    'readSource 5': () => g.readSource(5),
    'decodeTags null': () => g.decodeTags(null, 2),
    'write null': () => g.writeSafetensors(null),
    'readTorch opts first': () => g.readTorch(new Uint8Array(4), { key: 'model' }),
    'readSafetensors opts': () => g.readSafetensors(new Uint8Array(9), { strict: true }),
    'decodePng opts': () => g.decodePng(new Uint8Array(4), {}),
    'csvLog none': () => g.csvLog(),
    'csvLog opts': () => g.csvLog({ wirte: () => {} }),
    'jsonLog text': () => g.jsonLog({ write: 'log' }),
    'progress opts': () => g.progress({ every: 2 }),
    'autosave opts': () => g.autosave('run', { second: 2 }),
    'autosave opts first': () => g.autosave({ seconds: 2 }),
    'parseCsv missing': () => g.parseCsv('1,2\n3,4', { missing: 'zero' }),
    'parseCsv dayFirst': () => g.parseCsv('1,2\n3,4', { dayFirst: 'yes' }),
  });
});
