/** The workloads on Gradloom, through its public API as an application would. */
import {
  ArrayDataset,
  type Device,
  GPT,
  lenet,
  mlp,
  nn,
  ops,
  ResNet,
  requestDevice,
  type Tensor,
  Trainer,
} from '../../../src';
import type { Model, Start, Workload } from '../workloads';
import type { Session } from './session';

export async function prepare(workload: Workload, start: Start): Promise<Session> {
  return prepareOn(await requestDevice({ selfCheck: false }), workload, start);
}

/** The session on a device that is then the session's. */
export function prepareOn(device: Device, workload: Workload, start: Start): Session {
  const model = build(workload.model);
  model.loadStateDict(Object.fromEntries([...start.parameters, ...start.buffers]));
  const trainer = new Trainer(device, model, {
    loss: (output, target) => ops.crossEntropy(output, ops.flatten(target)),
    optimizer: { type: 'adam', lr: 1e-3 },
  });
  const data = ArrayDataset.fromArrays({
    x: start.x.data,
    xShape: start.x.shape.slice(1),
    y: start.y.data,
    yShape: start.y.shape.slice(1),
    classCount: start.classes,
  });
  return {
    async run(count) {
      const losses = await trainer.fitSteps(data, { steps: count, batchSize: workload.batch, sync: false });
      return losses.at(-1)!;
    },
    async dispose() {
      await trainer.dispose();
      device.destroy();
    },
  };
}

function build(model: Model): nn.Module {
  switch (model.kind) {
    case 'mlp':
      return mlp({
        inFeatures: model.widths[0],
        hidden: model.widths.slice(1, -1),
        numClasses: model.widths.at(-1),
      });
    case 'lenet':
      return lenet();
    case 'resnet':
      return new ResNet({
        layers: model.layers,
        width: model.width,
        numClasses: model.classes,
        smallImages: true,
      });
    case 'lstm':
      return new CharLSTM(model);
    case 'gpt':
      return new LanguageModel(model);
  }
}

/** Predicts a character at each step: `[N, T]` to logits `[N * T, vocabulary]`. */
class CharLSTM extends nn.Module {
  readonly embedding: nn.Embedding;
  readonly lstm: nn.LSTM;
  readonly linear: nn.Linear;

  constructor({ vocabulary, embedding, hidden }: Extract<Model, { kind: 'lstm' }>) {
    super();
    this.embedding = new nn.Embedding(vocabulary, embedding);
    this.lstm = new nn.LSTM(embedding, hidden, { batchFirst: true });
    this.linear = new nn.Linear(hidden, vocabulary);
  }

  override forward(tokens: Tensor): Tensor {
    const { y } = this.lstm.forward(this.embedding.forward(tokens));
    return this.linear.forward(ops.flatten(y, { endDim: 1 }));
  }
}

/** A GPT with one row of logits per position: `[N, T]` to `[N * T, vocabulary]`. */
class LanguageModel extends GPT {
  constructor({ layers, width, heads, length, vocabulary, tied }: Extract<Model, { kind: 'gpt' }>) {
    super({ vocabSize: vocabulary, blockSize: length, nLayer: layers, nHead: heads, nEmbd: width, tied });
  }

  override forward(tokens: Tensor): Tensor {
    return ops.flatten(super.forward(tokens), { endDim: 1 });
  }
}
