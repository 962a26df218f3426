/** Models whose first 20 losses PyTorch's are known (model_curves.py, fixtures/models/model-curves.json): what they start from. */
import { ArrayDataset } from '../../src/data/dataset';
import type { Tensor } from '../../src/graph/ir/graph';
import { GPT, ResNet } from '../../src/models';
import * as nn from '../../src/nn';
import * as ops from '../../src/ops';
import { pattern } from './modules';

export const curveSteps = { steps: 20, batchSize: 4 };
const SAMPLES = 16;
const POSITIONS = 9;
const CHARACTERS = 11;

/** [N, T, classes] to one row per position. */
const rows = (x: Tensor): Tensor => ops.reshape(x, { shape: [x.size / x.shape.at(-1)!, x.shape.at(-1)!] });

class CharLSTM extends nn.Module {
  readonly embedding = new nn.Embedding(CHARACTERS, 6);
  readonly lstm = new nn.LSTM(6, 12, { batchFirst: true });
  readonly fc = new nn.Linear(12, CHARACTERS);
  override forward(x: Tensor): Tensor {
    return rows(this.fc.forward(this.lstm.forward(this.embedding.forward(x)).y));
  }
}

class BiLSTM extends nn.Module {
  readonly embedding = new nn.Embedding(CHARACTERS, 6);
  readonly lstm = new nn.LSTM(6, 8, { bidirectional: true, batchFirst: true });
  readonly fc = new nn.Linear(16, 4);
  override forward(x: Tensor): Tensor {
    const { hn } = this.lstm.forward(this.embedding.forward(x));
    const states = [0, 1].map((index) => ops.select(hn, { dim: 0, index }));
    return this.fc.forward(ops.cat(states, { dim: 1 }));
  }
}

class CharGPT extends GPT {
  override forward(x: Tensor): Tensor {
    return rows(super.forward(x));
  }
}

const MODELS = {
  charLstm: () => new CharLSTM(),
  biLstm: () => new BiLSTM(),
  gpt: () =>
    new CharGPT({ vocabSize: CHARACTERS, blockSize: POSITIONS, nLayer: 2, nHead: 2, nEmbd: 16, tied: true }),
  resnet: () => new ResNet({ layers: [1, 1], width: 4, channels: 3, numClasses: 5, smallImages: true }),
};

export type CurveModelName = keyof typeof MODELS;

/** The model with its initial weights, which follow from their names. */
export function curveModel(name: CurveModelName): nn.Module {
  const model = MODELS[name]();
  for (const variable of model.parameters()) {
    const values = pattern(variable.name, variable.size);
    const { shape } = variable;
    const factor = shape.length > 1 ? 2 / Math.sqrt(variable.size / shape[0]) : 0.2;
    const start = shape.length === 1 && variable.name.endsWith('weight') ? 1 : 0;
    variable.data = values.map((value) => start + factor * value);
  }
  return model;
}

/** Whole numbers from 0 to count - 1. */
const numbers = (name: string, size: number, count: number): Int32Array =>
  Int32Array.from(pattern(name, size), (value) => Math.floor((value + 0.5) * count));

/** The samples of a model: images, or sequences with a class or with the next character of each. */
export function curveData(name: CurveModelName): ArrayDataset {
  if (name === 'resnet') {
    const x = pattern('x', SAMPLES * 3 * 64).map((value) => 2 * value);
    return ArrayDataset.fromArrays({ x, xShape: [3, 8, 8], y: numbers('y', SAMPLES, 5) });
  }
  const text = numbers('x', SAMPLES * POSITIONS, CHARACTERS);
  const x = Float32Array.from(text);
  if (name === 'biLstm') {
    return ArrayDataset.fromArrays({ x, xShape: [POSITIONS], y: numbers('y', SAMPLES, 4) });
  }
  const y = text.map((_, i) => text[i % POSITIONS === POSITIONS - 1 ? i - POSITIONS + 1 : i + 1]);
  return ArrayDataset.fromArrays({ x, xShape: [POSITIONS], y, yShape: [POSITIONS] });
}
