/**
 * The workloads on jax-js: forward, gradients and Adam in one jit. An array is consumed by its use; `.ref` takes
 * another reference.
 */
import {
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  tree,
  valueAndGrad,
} from '@jax-js/jax';
import { type Model, resnetBlocks, type Start, sizeOf, type Workload } from '../workloads';
import { type Backend, type Session, Unsupported } from './session';

type NDArray = any;
type Parameters = Record<string, NDArray>;

const BETA1 = 0.9;
const BETA2 = 0.999;

export async function prepare({ model }: Workload, start: Start, backend: Backend): Promise<Session> {
  const devices = await init();
  if (!devices.includes(backend)) throw new Unsupported(`jax-js has no ${backend} here: ${devices}`);
  defaultDevice(backend);
  const host = (data: ArrayLike<number>, shape: number[], dtype = np.float32) =>
    np.array(dtype === np.int32 ? Int32Array.from(data) : Float32Array.from(data), { shape, dtype });
  const parameters: Parameters = {};
  for (const [name, { shape, data }] of start.parameters) parameters[name] = host(data, shape);
  const buffers: Parameters = {};
  for (const [name, { shape, data }] of start.buffers) buffers[name] = host(data, shape);
  const zeros = () => tree.map((p: NDArray) => np.zeros(p.shape), parameters);
  const x = host(start.x.data, start.x.shape, start.x.dtype === 'token' ? np.int32 : np.float32);
  const rows = sizeOf(start.y.shape);
  const y = host(oneHot(start), [rows, start.classes]);

  const step = jit((state: any, x: NDArray, y: NDArray) => {
    const meanLoss = (p: Parameters, old: Parameters) => {
      const buffers = { ...old };
      const logProbabilities = nn.logSoftmax(forward(model, p, buffers, x), -1);
      return [
        logProbabilities
          .mul(y)
          .sum()
          .mul(-1 / rows),
        buffers,
      ];
    };
    const withGradients = valueAndGrad(meanLoss, { hasAux: true });
    const [[loss, buffers], gradients] = withGradients(tree.ref(state.p), state.buffers);
    const beta1 = state.beta1.mul(BETA1);
    const beta2 = state.beta2.mul(BETA2);
    const p: Parameters = {};
    const m: Parameters = {};
    const v: Parameters = {};
    for (const name of Object.keys(state.p)) {
      const g = gradients[name];
      m[name] = state.m[name].mul(BETA1).add(g.ref.mul(1 - BETA1));
      v[name] = state.v[name].mul(BETA2).add(np.square(g).mul(1 - BETA2));
      const mean = m[name].ref.div(np.subtract(1, beta1.ref));
      const deviation = np.sqrt(v[name].ref.div(np.subtract(1, beta2.ref))).add(1e-8);
      p[name] = state.p[name].sub(mean.div(deviation).mul(1e-3));
    }
    return [{ p, m, v, buffers, beta1, beta2 }, loss];
  });

  const ones = { beta1: np.array(1), beta2: np.array(1) };
  let state: any = { p: parameters, m: zeros(), v: zeros(), buffers, ...ones };
  let loss: NDArray;
  return {
    async run(count) {
      for (let i = 0; i < count; i++) {
        loss?.dispose();
        [state, loss] = step(state, x.ref, y.ref);
        // Nothing runs before it is asked for. The first step compiles its kernels, which only waiting does well.
        if (backend === 'wasm') await blockUntilReady(state);
        else if (i < count - 1) loss.ref.gpuBufferSync();
      }
      return (await loss.ref.data())[0];
    },
    dispose() {},
  };
}

function oneHot({ y, classes }: Start): Float32Array {
  const hot = new Float32Array(y.data.length * classes);
  for (const [i, label] of y.data.entries()) hot[i * classes + label] = 1;
  return hot;
}

/** Logits, one row per label; running statistics are replaced in `buffers`. */
function forward(model: Model, p: Parameters, buffers: Parameters, x: NDArray): NDArray {
  switch (model.kind) {
    case 'mlp':
      return model.widths.slice(1).reduce((h: NDArray, _, i) => {
        const y = linear(p, `${2 * i + 1}`, h);
        return i === model.widths.length - 2 ? y : nn.relu(y);
      }, x);
    case 'lenet':
      return lenet(p, x);
    case 'lstm':
      return lstm(p, x, model);
    case 'gpt':
      return gpt(p, x, model);
    case 'resnet':
      return resnet(p, buffers, x, model);
  }
}

const product = (x: NDArray, weight: NDArray) => np.matmul(x, np.transpose(weight));
const linear = (p: Parameters, name: string, x: NDArray) =>
  product(x, p[`${name}.weight`]).add(p[`${name}.bias`]);

function lenet(p: Parameters, x: NDArray): NDArray {
  const conv = (name: string, h: NDArray, padding: number) => {
    const pad = [padding, padding];
    const y = lax.conv(h, p[`${name}.weight`], [1, 1], [pad, pad]);
    return y.add(p[`${name}.bias`].reshape([1, -1, 1, 1]));
  };
  const pool = (h: NDArray) => lax.reduceWindow(h, np.max, [2, 2], [2, 2]);
  const h1 = pool(nn.relu(conv('0', x, 2)));
  const h2 = pool(nn.relu(conv('3', h1, 0)));
  const h3 = nn.relu(linear(p, '7', h2.reshape([h2.shape[0], -1])));
  return linear(p, '11', nn.relu(linear(p, '9', h3)));
}

function resnet(
  p: Parameters,
  buffers: Parameters,
  x: NDArray,
  model: Extract<Model, { kind: 'resnet' }>,
): NDArray {
  const conv = (name: string, h: NDArray, stride = 1) => {
    const weight = p[`${name}.weight`];
    const padding = (weight.shape[2] - 1) / 2;
    return lax.conv(
      h,
      weight,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
    );
  };
  const perChannel = (values: NDArray) => values.reshape([1, -1, 1, 1]);
  const axes = [0, 2, 3];
  const norm = (name: string, h: NDArray) => {
    const mean = np.mean(h.ref, axes);
    const centred = h.sub(perChannel(mean.ref));
    const variance = np.mean(np.square(centred.ref), axes);
    const count = sizeOf(centred.shape) / variance.shape[0];
    const track = (key: string, value: NDArray) => {
      buffers[key] = buffers[key].mul(0.9).add(lax.stopGradient(value).mul(0.1));
    };
    track(`${name}.running_mean`, mean);
    track(`${name}.running_var`, variance.ref.mul(count / (count - 1)));
    const normal = centred.div(np.sqrt(perChannel(variance).add(1e-5)));
    return normal.mul(perChannel(p[`${name}.weight`])).add(perChannel(p[`${name}.bias`]));
  };
  let h = nn.relu(norm('bn1', conv('conv1', x)));
  for (const { name, stride } of resnetBlocks(model)) {
    const h1 = nn.relu(norm(`${name}.bn1`, conv(`${name}.conv1`, h.ref, stride)));
    const h2 = norm(`${name}.bn2`, conv(`${name}.conv2`, h1));
    const around = stride === 1 ? h : norm(`${name}.downsample.1`, conv(`${name}.downsample.0`, h, stride));
    h = nn.relu(h2.add(around));
  }
  return linear(p, 'fc', np.mean(h, [2, 3]));
}

/** Rows of a table. Negating twice keeps the lookup out of the fusion, where its gradient fails. */
const lookUp = (table: NDArray, tokens: NDArray) => np.take(table, tokens, 0).neg().neg();

function lstm(p: Parameters, tokens: NDArray, { hidden, length }: Extract<Model, { kind: 'lstm' }>): NDArray {
  const batch = tokens.shape[0];
  const embedded = lookUp(p['embedding.weight'], tokens);
  const bias = p['lstm.bias_ih_l0'].add(p['lstm.bias_hh_l0']);
  // The input's share of all steps is one product.
  const inputs = product(embedded, p['lstm.weight_ih_l0']).add(bias);
  const recurrent = np.transpose(p['lstm.weight_hh_l0']);
  let h: NDArray = np.zeros([batch, hidden]);
  let c: NDArray = np.zeros([batch, hidden]);
  const outputs: NDArray[] = [];
  for (let t = 0; t < length; t++) {
    const gates = inputs.ref.slice([], t, []).add(np.matmul(h, recurrent.ref));
    const [i, f, g, o] = np.split(gates, 4, 1);
    c = nn
      .sigmoid(f)
      .mul(c)
      .add(nn.sigmoid(i).mul(np.tanh(g)));
    h = nn.sigmoid(o).mul(np.tanh(c.ref));
    outputs.push(h.ref);
  }
  for (const left of [inputs, recurrent, h, c]) left.dispose();
  return linear(p, 'linear', np.stack(outputs, 1).reshape([batch * length, hidden]));
}

function gpt(p: Parameters, tokens: NDArray, model: Extract<Model, { kind: 'gpt' }>): NDArray {
  const { layers, width, heads, length, vocabulary, tied } = model;
  const batch = tokens.shape[0];
  const norm = (name: string, h: NDArray) =>
    nn.standardize(h, -1, { epsilon: 1e-5 }).mul(p[`${name}.weight`]).add(p[`${name}.bias`]);
  const table = p['transformer.wte.weight'];
  let h = lookUp(tied ? table.ref : table, tokens).add(p['transformer.wpe.weight']);
  for (let i = 0; i < layers; i++) {
    const name = `transformer.h.${i}`;
    const qkv = linear(p, `${name}.attn.c_attn`, norm(`${name}.ln_1`, h.ref));
    const [q, k, v] = np
      .split(qkv, 3, -1)
      .map((part: NDArray) => part.reshape([batch, length, heads, width / heads]));
    const attended = nn.dotProductAttention(q, k, v, { isCausal: true }).reshape([batch, length, width]);
    h = h.add(linear(p, `${name}.attn.c_proj`, attended));
    const up = nn.gelu(linear(p, `${name}.mlp.c_fc`, norm(`${name}.ln_2`, h.ref)), { approximate: false });
    h = h.add(linear(p, `${name}.mlp.c_proj`, up));
  }
  const logits = product(norm('transformer.ln_f', h), tied ? table : p['lm_head.weight']);
  return logits.reshape([batch * length, vocabulary]);
}
