/** The workloads on tfjs-core: `variableGrads` and its Adam. Images are NHWC and filters HWIO there. */
import * as tf from '@tensorflow/tfjs-core';
import { type Model, resnetBlocks, type Start, sizeOf, type Workload } from '../workloads';
import type { Backend, Session } from './session';
import { start as startBackend } from './tfjs-backend';

type TF = any;
type Variables = Record<string, TF>;

export async function prepare({ model }: Workload, start: Start, backend: Backend): Promise<Session> {
  await startBackend(backend);
  const variables: Variables = {};
  for (const [name, { shape, data }] of start.parameters) {
    variables[name] = tf.tidy(() => tf.variable(arrange(model, name, tf.tensor(data, shape))));
  }
  for (const [name, { shape, data }] of start.buffers) {
    variables[name] = tf.tidy(() => tf.variable(tf.tensor(data, shape), false));
  }
  const dtype = start.x.dtype === 'token' ? 'int32' : 'float32';
  const plain = tf.tensor(
    start.x.dtype === 'token' ? Int32Array.from(start.x.data) : start.x.data,
    start.x.shape,
    dtype,
  );
  const x = plain.rank === 4 ? tf.transpose(plain, [0, 2, 3, 1]) : plain;
  const rows = sizeOf(start.y.shape);
  const y = tf.cast(tf.oneHot(tf.tensor1d(start.y.data, 'int32'), start.classes), 'float32');
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const trainable = [...start.parameters.keys()].map((name) => variables[name]);
  const meanLoss = () =>
    tf.losses.softmaxCrossEntropy(y, tf.reshape(forward(model, variables, x), [rows, -1]));
  let loss: TF;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        loss?.dispose();
        const { value, grads } = tf.variableGrads(meanLoss, trainable);
        optimizer.applyGradients(grads);
        tf.dispose(grads);
        loss = value;
      }
      // The queue runs in order: when the parameters can be read, the whole step is done.
      return (await loss.data())[0];
    },
    dispose() {},
  };
}

/** A parameter in TensorFlow's layout. */
function arrange(model: Model, name: string, tensor: TF): TF {
  if (tensor.rank === 4) return tf.transpose(tensor, [2, 3, 1, 0]);
  // Features come from [16, 5, 5] in PyTorch's order and from [5, 5, 16] here.
  if (model.kind === 'lenet' && name === '7.weight') {
    return tf.reshape(tf.transpose(tf.reshape(tensor, [-1, 16, 5, 5]), [0, 2, 3, 1]), [-1, 400]);
  }
  return tensor;
}

function forward(model: Model, p: Variables, x: TF): TF {
  switch (model.kind) {
    case 'mlp':
      return model.widths.slice(1).reduce((h: TF, _, i) => {
        const y = linear(p, `${2 * i + 1}`, h);
        return i === model.widths.length - 2 ? y : tf.relu(y);
      }, x);
    case 'lenet':
      return lenet(p, x);
    case 'lstm':
      return lstm(p, x, model);
    case 'gpt':
      return gpt(p, x, model);
    case 'resnet':
      return resnet(p, x, model);
  }
}

const linear = (p: Variables, name: string, x: TF) =>
  tf.add(tf.matMul(x, p[`${name}.weight`], false, true), p[`${name}.bias`]);

function lenet(p: Variables, x: TF): TF {
  const conv = (name: string, h: TF, padding: 'same' | 'valid') =>
    tf.relu(tf.add(tf.conv2d(h, p[`${name}.weight`], 1, padding), p[`${name}.bias`]));
  const pool = (h: TF) => tf.maxPool(h, 2, 2, 'valid');
  const h2 = pool(conv('3', pool(conv('0', x, 'same')), 'valid'));
  const h3 = tf.relu(linear(p, '7', tf.reshape(h2, [h2.shape[0], -1])));
  return linear(p, '11', tf.relu(linear(p, '9', h3)));
}

function resnet(p: Variables, x: TF, model: Extract<Model, { kind: 'resnet' }>): TF {
  const conv = (name: string, h: TF, stride = 1) => {
    const weight = p[`${name}.weight`];
    return tf.conv2d(h, weight, stride, (weight.shape[0] - 1) / 2);
  };
  const norm = (name: string, h: TF) => {
    const { mean, variance } = tf.moments(h, [0, 1, 2]);
    const count = h.size / mean.size;
    const track = (key: string, value: TF) => p[key].assign(tf.add(tf.mul(p[key], 0.9), tf.mul(value, 0.1)));
    track(`${name}.running_mean`, mean);
    track(`${name}.running_var`, tf.mul(variance, count / (count - 1)));
    return tf.batchNorm(h, mean, variance, p[`${name}.bias`], p[`${name}.weight`], 1e-5);
  };
  let h = tf.relu(norm('bn1', conv('conv1', x)));
  for (const { name, stride } of resnetBlocks(model)) {
    const h1 = tf.relu(norm(`${name}.bn1`, conv(`${name}.conv1`, h, stride)));
    const h2 = norm(`${name}.bn2`, conv(`${name}.conv2`, h1));
    const around = stride === 1 ? h : norm(`${name}.downsample.1`, conv(`${name}.downsample.0`, h, stride));
    h = tf.relu(tf.add(h2, around));
  }
  return linear(p, 'fc', tf.mean(h, [1, 2]));
}

function lstm(p: Variables, tokens: TF, { embedding, hidden, length }: Extract<Model, { kind: 'lstm' }>): TF {
  const batch = tokens.shape[0];
  const embedded = tf.reshape(tf.gather(p['embedding.weight'], tf.reshape(tokens, [-1])), [-1, embedding]);
  const bias = tf.add(p['lstm.bias_ih_l0'], p['lstm.bias_hh_l0']);
  // The input's share of all steps is one product.
  const inputs = tf.add(tf.matMul(embedded, p['lstm.weight_ih_l0'], false, true), bias);
  const perStep = tf.unstack(tf.reshape(inputs, [batch, length, 4 * hidden]), 1);
  let h = tf.zeros([batch, hidden]);
  let c = tf.zeros([batch, hidden]);
  const outputs = perStep.map((input: TF) => {
    const gates = tf.add(input, tf.matMul(h, p['lstm.weight_hh_l0'], false, true));
    const [i, f, g, o] = tf.split(gates, 4, 1);
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    return h;
  });
  return linear(p, 'linear', tf.reshape(tf.stack(outputs, 1), [batch * length, hidden]));
}

function gpt(p: Variables, tokens: TF, model: Extract<Model, { kind: 'gpt' }>): TF {
  const { layers, width, heads, length, tied } = model;
  const batch = tokens.shape[0];
  const rows = batch * length;
  const norm = (name: string, h: TF) => {
    const { mean, variance } = tf.moments(h, -1, true);
    const normal = tf.mul(tf.sub(h, mean), tf.rsqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(normal, p[`${name}.weight`]), p[`${name}.bias`]);
  };
  const gelu = (h: TF) => tf.mul(tf.mul(h, 0.5), tf.add(tf.erf(tf.mul(h, Math.SQRT1_2)), 1));
  const mask = tf.mul(tf.sub(tf.linalg.bandPart(tf.ones([length, length]), -1, 0), 1), 1e9);
  const table = p['transformer.wte.weight'];
  const embedded = tf.reshape(tf.gather(table, tf.reshape(tokens, [-1])), [batch, length, width]);
  let h = tf.reshape(tf.add(embedded, p['transformer.wpe.weight']), [rows, width]);
  for (let i = 0; i < layers; i++) {
    const name = `transformer.h.${i}`;
    const qkv = linear(p, `${name}.attn.c_attn`, norm(`${name}.ln_1`, h));
    const [q, k, v] = tf
      .split(qkv, 3, 1)
      .map((part: TF) => tf.transpose(tf.reshape(part, [batch, length, heads, width / heads]), [0, 2, 1, 3]));
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)), mask);
    const attended = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    h = tf.add(h, linear(p, `${name}.attn.c_proj`, tf.reshape(attended, [rows, width])));
    h = tf.add(
      h,
      linear(p, `${name}.mlp.c_proj`, gelu(linear(p, `${name}.mlp.c_fc`, norm(`${name}.ln_2`, h)))),
    );
  }
  return tf.matMul(norm('transformer.ln_f', h), tied ? table : p['lm_head.weight'], false, true);
}
