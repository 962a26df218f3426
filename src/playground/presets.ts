/** Playgrounds to begin with, named after models and data sets. */
import { unknownName } from '../errors';
import { cnnSpec } from '../models/cnn';
import { lenetSpec } from '../models/lenet';
import { mlpSpec } from '../models/mlp';
import { bilstmClassifierSpec, seriesRegressorSpec } from '../models/sequence-specs';
import { NAME_LANGUAGES } from './data/names';
import { type PlaneShape, type PlaygroundState, readState } from './recipe';

/** Layers of the plane's classifiers: small, so that every neuron can be seen. */
function planeModel(hidden: number[], outputs = 2, activation = 'tanh'): unknown[] {
  const widths = [2, ...hidden];
  return [
    ...hidden.flatMap((width, i) => [
      { type: 'linear', inFeatures: widths[i], outFeatures: width },
      { type: activation },
    ]),
    { type: 'linear', inFeatures: widths.at(-1), outFeatures: outputs },
  ];
}

const plane = (shape: PlaneShape, hidden: number[], more: object = {}, training: object = {}) => ({
  model: planeModel(hidden, shape === 'function' ? 1 : 2),
  data: { kind: 'plane', shape, ...more },
  training: {
    lr: 0.03,
    batchSize: 32,
    epochs: 1000,
    loss: shape === 'function' ? 'mseLoss' : 'crossEntropy',
    ...training,
  },
});

const encoder = [
  { type: 'flatten' },
  { type: 'linear', inFeatures: 784, outFeatures: 64 },
  { type: 'relu' },
  { type: 'linear', inFeatures: 64, outFeatures: 16 },
  { type: 'relu' },
  { type: 'linear', inFeatures: 16, outFeatures: 64 },
  { type: 'relu' },
  { type: 'linear', inFeatures: 64, outFeatures: 784 },
  { type: 'sigmoid' },
  { type: 'unflatten', dim: 1, sizes: [1, 28, 28] },
];

/** By name, in the order of menus. */
const PRESETS = {
  spiral: () => plane('spiral', [8, 8], { noise: 0.5 }),
  circles: () => plane('circles', [4]),
  xor: () => plane('xor', [4, 2]),
  gauss: () => plane('gauss', [2]),
  moons: () => plane('moons', [6, 4], { noise: 1.5 }),
  function: () => plane('function', [8, 8], { noise: 0 }, { lr: 0.01 }),
  digits: () => ({
    model: lenetSpec(),
    data: { kind: 'digits' },
    training: { lr: 0.002, batchSize: 32, epochs: 20 },
  }),
  'digits-mlp': () => ({
    model: mlpSpec({ hidden: [64] }),
    data: { kind: 'digits' },
    training: { lr: 0.002, batchSize: 32, epochs: 20 },
  }),
  'digits-cnn': () => ({
    model: cnnSpec({ widths: [8, 16] }),
    data: { kind: 'digits' },
    training: { lr: 0.003, batchSize: 32, epochs: 10 },
  }),
  autoencoder: () => ({
    model: encoder,
    data: { kind: 'digits', task: 'reconstruct' },
    training: { lr: 0.003, batchSize: 32, epochs: 30, loss: 'mseLoss' },
  }),
  series: () => ({
    model: seriesRegressorSpec({ hiddenSize: 16 }),
    data: { kind: 'series', shape: 'mackeyGlass' },
    training: { lr: 0.01, batchSize: 32, epochs: 100, loss: 'mseLoss' },
  }),
  names: () => ({
    model: bilstmClassifierSpec({
      ...{ vocabSize: 27, embeddingDim: 16, hiddenSize: 24, dense: 24 },
      ...{ numClasses: NAME_LANGUAGES.length, dropout: 0.2 },
    }),
    data: { kind: 'names' },
    training: { lr: 0.01, batchSize: 32, epochs: 60 },
  }),
  'char-gpt': () => ({
    model: { type: 'gpt', vocabSize: 28, blockSize: 32, nLayer: 2, nHead: 2, nEmbd: 48, dropout: 0 },
    data: { kind: 'text', blockSize: 32 },
    training: { lr: 0.003, optimizer: 'adamW', batchSize: 16, epochs: 10 },
  }),
  'char-lstm': () => ({
    model: { type: 'recurrentLM', vocabSize: 28 },
    data: { kind: 'text', blockSize: 32 },
    training: { lr: 0.005, batchSize: 16, epochs: 10 },
  }),
};
export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/** @throws GradloomError `argument` naming the nearest. */
export function presetState(name: string): PlaygroundState {
  if (!Object.hasOwn(PRESETS, name)) throw unknownName('playground', 'preset', name, PRESET_NAMES);
  return readState({ version: 1, preset: name, ...PRESETS[name as PresetName]() });
}
