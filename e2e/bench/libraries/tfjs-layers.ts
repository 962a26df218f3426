/** The workloads on tfjs-layers: its layers, `fit` and `trainOnBatch`. Images are NHWC, kernels `[in, out]` there. */
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import { type HostTensor, type Model, resnetBlocks, type Start, sizeOf, type Workload } from '../workloads';
import { type Backend, type Session, Unsupported } from './session';
import { start as startBackend } from './tfjs-backend';

type TF = any;

const { layers: layer } = layers as TF;

/** Layers whose weights come from the start, by PyTorch's name of the layer. */
class Builder {
  private readonly weights: { layer: TF; values: TF[] }[] = [];

  constructor(private readonly start: Start) {}

  /** Applies a layer; its weights are set once all layers are built. */
  apply(made: TF, x: TF, values: TF[] = []): TF {
    this.weights.push({ layer: made, values });
    return made.apply(x);
  }

  linear(name: string, x: TF, activation?: string, arrange = (weight: TF) => weight): TF {
    const weight = arrange(this.tensor(`${name}.weight`));
    const made = layer.dense({ units: weight.shape[0], activation });
    return this.apply(made, x, [tf.transpose(weight), this.tensor(`${name}.bias`)]);
  }

  conv(name: string, x: TF, { stride = 1, bias = false, padding = 0, activation }: TF = {}): TF {
    const weight = tf.transpose(this.tensor(`${name}.weight`), [2, 3, 1, 0]);
    const [kernelSize, , , filters] = weight.shape;
    const padded = padding ? layer.zeroPadding2d({ padding }).apply(x) : x;
    const made = layer.conv2d({ filters, kernelSize, strides: stride, useBias: bias, activation });
    return this.apply(made, padded, bias ? [weight, this.tensor(`${name}.bias`)] : [weight]);
  }

  norm(name: string, x: TF): TF {
    const parts = ['weight', 'bias', 'running_mean', 'running_var'].map((part) =>
      this.tensor(`${name}.${part}`),
    );
    return this.apply(layer.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }), x, parts);
  }

  tensor(name: string): TF {
    const { data, shape } = (this.start.parameters.get(name) ?? this.start.buffers.get(name)) as HostTensor;
    return tf.tensor(data, shape);
  }

  setWeights(): void {
    for (const { layer, values } of this.weights) layer.setWeights(values);
  }
}

export async function prepare({ model, batch }: Workload, start: Start, backend: Backend): Promise<Session> {
  if (model.kind === 'gpt') throw new Unsupported('tfjs-layers has no attention');
  await startBackend(backend);
  const plain = tf.tensor(start.x.data, start.x.shape);
  const x = plain.rank === 4 ? tf.transpose(plain, [0, 2, 3, 1]) : plain;
  const labels = tf.oneHot(tf.tensor1d(start.y.data, 'int32'), start.classes);
  const y = tf.reshape(tf.cast(labels, 'float32'), [...start.y.shape, start.classes]);
  const inputs = [layers.input({ shape: x.shape.slice(1) })];
  const data = [x];
  if (model.kind === 'lstm') {
    inputs.push(layers.input({ shape: [model.length, 2] }));
    data.push(tf.ones([batch, model.length, 2]));
  }
  const builder = new Builder(start);
  const network = layers.model({ inputs, outputs: forward(model, builder, inputs) });
  builder.setWeights();
  network.compile({
    optimizer: tf.train.adam(1e-3, 0.9, 0.999, 1e-8),
    loss: (target: TF, output: TF) => {
      const rows = [sizeOf(start.y.shape), start.classes];
      return tf.losses.softmaxCrossEntropy(tf.reshape(target, rows), tf.reshape(output, rows));
    },
  });
  return {
    async run(count) {
      if (count === 1) return network.trainOnBatch(data, y);
      const options = { epochs: count, batchSize: batch, shuffle: false, verbose: 0, yieldEvery: 'never' };
      const { history } = await network.fit(data, y, options);
      return history.loss.at(-1);
    },
    dispose() {},
  };
}

function forward(model: Model, build: Builder, [x, ones]: TF[]): TF {
  const relu = (h: TF) => layer.activation({ activation: 'relu' }).apply(h);
  switch (model.kind) {
    case 'mlp':
      return model.widths.slice(1).reduce((h: TF, _, i) => {
        return build.linear(`${2 * i + 1}`, h, i === model.widths.length - 2 ? undefined : 'relu');
      }, x);
    case 'lenet': {
      const pool = (h: TF) => layer.maxPooling2d({ poolSize: 2 }).apply(h);
      const h1 = pool(build.conv('0', x, { bias: true, padding: 2, activation: 'relu' }));
      const h2 = pool(build.conv('3', h1, { bias: true, activation: 'relu' }));
      // Features come from [16, 5, 5] in PyTorch's order and from [5, 5, 16] here.
      const arrange = (weight: TF) =>
        tf.reshape(tf.transpose(tf.reshape(weight, [-1, 16, 5, 5]), [0, 2, 3, 1]), [-1, 400]);
      const h3 = build.linear('7', layer.flatten().apply(h2), 'relu', arrange);
      return build.linear('11', build.linear('9', h3, 'relu'));
    }
    case 'resnet': {
      let h = relu(build.norm('bn1', build.conv('conv1', x, { padding: 1 })));
      for (const { name, stride } of resnetBlocks(model)) {
        const h1 = relu(build.norm(`${name}.bn1`, build.conv(`${name}.conv1`, h, { stride, padding: 1 })));
        const h2 = build.norm(`${name}.bn2`, build.conv(`${name}.conv2`, h1, { padding: 1 }));
        const around =
          stride === 1
            ? h
            : build.norm(`${name}.downsample.1`, build.conv(`${name}.downsample.0`, h, { stride }));
        h = relu(layer.add().apply([h2, around]));
      }
      return build.linear('fc', layer.globalAveragePooling2d({}).apply(h));
    }
    case 'lstm': {
      const { vocabulary, embedding, hidden } = model;
      const embed = layer.embedding({ inputDim: vocabulary, outputDim: embedding });
      const embedded = build.apply(embed, x, [build.tensor('embedding.weight')]);
      // PyTorch's two biases as weights of inputs that are always 1: Adam moves them as it moves two biases.
      const withOnes = layer.concatenate().apply([embedded, ones]);
      const kernel = tf.concat(
        [
          tf.transpose(build.tensor('lstm.weight_ih_l0')),
          tf.stack([build.tensor('lstm.bias_ih_l0'), build.tensor('lstm.bias_hh_l0')]),
        ],
        0,
      );
      const options = {
        units: hidden,
        returnSequences: true,
        useBias: false,
        recurrentActivation: 'sigmoid',
      };
      const recurrent = tf.transpose(build.tensor('lstm.weight_hh_l0'));
      const h = build.apply(layer.lstm(options), withOnes, [kernel, recurrent]);
      return build.linear('linear', h);
    }
    default:
      throw new Unsupported(`${model.kind} is not written for tfjs-layers`);
  }
}
