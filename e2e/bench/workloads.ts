/**
 * The training workloads: model, batch, initial weights and data of each, the same for every library. Parameters have
 * PyTorch's names, layouts and shapes; who needs others turns them around.
 */

/** A model as settings that each library builds with its own means. */
export type Model =
  | { kind: 'mlp'; widths: readonly number[] }
  | { kind: 'lenet' }
  | { kind: 'resnet'; layers: readonly number[]; width: number; classes: number }
  | { kind: 'lstm'; vocabulary: number; embedding: number; hidden: number; length: number }
  | {
      kind: 'gpt';
      layers: number;
      width: number;
      heads: number;
      length: number;
      vocabulary: number;
      tied: boolean;
    };

export interface Workload {
  name: string;
  model: Model;
  batch: number;
  /** Steps that are timed one by one, and rounds of 20 that are timed together; fewer with `--quick`. */
  steps: { fenced: number; rounds: number };
  /** Too much for a CPU adapter: runs only when it is asked for by name. */
  large?: boolean;
}

/** Steps before anything is timed. */
export const WARM_UP = 10;
/** Steps between two fences of the pipelined figure. */
export const ROUND = 20;

const often = { fenced: 60, rounds: 5 };
const few = { fenced: 10, rounds: 2 };

const gpt = { kind: 'gpt', layers: 2, width: 64, heads: 4, length: 64, vocabulary: 64, tied: false } as const;

export const workloads: readonly Workload[] = [
  { name: 'mlp-s', model: { kind: 'mlp', widths: [64, 32, 32, 10] }, batch: 32, steps: often },
  { name: 'mlp', model: { kind: 'mlp', widths: [784, 256, 128, 10] }, batch: 64, steps: often },
  { name: 'lenet', model: { kind: 'lenet' }, batch: 16, steps: few },
  {
    name: 'resnet',
    model: { kind: 'resnet', layers: [2, 2, 2], width: 16, classes: 10 },
    batch: 8,
    steps: few,
  },
  {
    name: 'lstm',
    model: { kind: 'lstm', vocabulary: 64, embedding: 32, hidden: 64, length: 32 },
    batch: 8,
    steps: few,
  },
  { name: 'gpt', model: gpt, batch: 4, steps: few },
  {
    name: 'gpt-m',
    model: { ...gpt, layers: 4, width: 256, heads: 8, length: 256 },
    batch: 8,
    steps: few,
    large: true,
  },
  {
    name: 'distilgpt2',
    model: { ...gpt, layers: 6, width: 768, heads: 12, length: 512, vocabulary: 50257, tied: true },
    batch: 1,
    steps: few,
    large: true,
  },
];

/** One parameter or buffer with its initial values. */
export interface HostTensor {
  shape: number[];
  data: Float32Array;
}

/** Everything that a library starts from. Inputs are floats, or token numbers; labels are class numbers. */
export interface Start {
  parameters: Map<string, HostTensor>;
  /** Not trained: running statistics of batch norms. */
  buffers: Map<string, HostTensor>;
  x: { shape: number[]; data: Float32Array | Uint8Array; dtype: 'f32' | 'token' };
  y: { shape: number[]; data: Int32Array };
  /** Classes of the labels. */
  classes: number;
}

/** Initial weights and data of a workload: the same numbers on every machine. */
export function makeStart({ model, batch }: Workload): Start {
  const start = modelStart(model);
  const random = randomNumbers(7);
  const { xShape, tokens, yShape, classes } = dataOf(model);
  const x = new Float32Array(sizeOf([batch, ...xShape]));
  for (let i = 0; i < x.length; i++) x[i] = tokens ? Math.floor(random() * tokens) : 2 * random() - 1;
  const y = new Int32Array(sizeOf([batch, ...yShape])).map(() => Math.floor(random() * classes));
  return {
    ...start,
    x: { shape: [batch, ...xShape], data: x, dtype: tokens ? 'token' : 'f32' },
    y: { shape: [batch, ...yShape], data: y },
    classes,
  };
}

function dataOf(model: Model): { xShape: number[]; tokens?: number; yShape: number[]; classes: number } {
  switch (model.kind) {
    case 'mlp':
      return { xShape: [model.widths[0]], yShape: [], classes: model.widths.at(-1)! };
    case 'lenet':
      return { xShape: [1, 28, 28], yShape: [], classes: 10 };
    case 'resnet':
      return { xShape: [3, 32, 32], yShape: [], classes: model.classes };
    default: {
      const { length, vocabulary } = model;
      return { xShape: [length], tokens: vocabulary, yShape: [length], classes: vocabulary };
    }
  }
}

/** Uniform numbers in [0, 1) with 24 bits, exact in float32 (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 8) / 2 ** 24;
  };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

function modelStart(model: Model): Pick<Start, 'parameters' | 'buffers'> {
  const random = randomNumbers(1);
  const parameters = new Map<string, HostTensor>();
  const buffers = new Map<string, HostTensor>();
  const constant = (shape: number[], value: number) => ({
    shape,
    data: new Float32Array(sizeOf(shape)).fill(value),
  });
  const uniform = (name: string, shape: number[], bound: number) => {
    const data = new Float32Array(sizeOf(shape)).map(() => bound * (2 * random() - 1));
    parameters.set(name, { shape, data });
  };
  /** Weight and bias uniform within 1/sqrt(fan in), as PyTorch's default for linear layers and convolutions. */
  const layer = (name: string, shape: number[], bias = true) => {
    const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
    uniform(`${name}.weight`, shape, bound);
    if (bias) uniform(`${name}.bias`, [shape[0]], bound);
  };
  const norm = (name: string, size: number, running = false) => {
    parameters.set(`${name}.weight`, constant([size], 1));
    parameters.set(`${name}.bias`, constant([size], 0));
    if (!running) return;
    buffers.set(`${name}.running_mean`, constant([size], 0));
    buffers.set(`${name}.running_var`, constant([size], 1));
  };
  switch (model.kind) {
    case 'mlp':
      for (let i = 0; i + 1 < model.widths.length; i++)
        layer(`${2 * i + 1}`, [model.widths[i + 1], model.widths[i]]);
      break;
    case 'lenet':
      layer('0', [6, 1, 5, 5]);
      layer('3', [16, 6, 5, 5]);
      layer('7', [120, 400]);
      layer('9', [84, 120]);
      layer('11', [10, 84]);
      break;
    case 'resnet': {
      layer('conv1', [model.width, 3, 3, 3], false);
      norm('bn1', model.width, true);
      for (const { name, inChannels, channels, stride } of resnetBlocks(model)) {
        layer(`${name}.conv1`, [channels, inChannels, 3, 3], false);
        norm(`${name}.bn1`, channels, true);
        layer(`${name}.conv2`, [channels, channels, 3, 3], false);
        norm(`${name}.bn2`, channels, true);
        if (stride === 1) continue;
        layer(`${name}.downsample.0`, [channels, inChannels, 1, 1], false);
        norm(`${name}.downsample.1`, channels, true);
      }
      layer('fc', [model.classes, model.width * 2 ** (model.layers.length - 1)]);
      break;
    }
    case 'lstm': {
      const { vocabulary, embedding, hidden } = model;
      uniform('embedding.weight', [vocabulary, embedding], 1);
      const bound = 1 / Math.sqrt(hidden);
      uniform('lstm.weight_ih_l0', [4 * hidden, embedding], bound);
      uniform('lstm.weight_hh_l0', [4 * hidden, hidden], bound);
      for (const kind of ['ih', 'hh']) uniform(`lstm.bias_${kind}_l0`, [4 * hidden], bound);
      layer('linear', [vocabulary, hidden]);
      break;
    }
    case 'gpt': {
      const { vocabulary, width: d, length, layers } = model;
      /** As wide as a normal distribution with deviation 0.02. */
      const bound = 0.02 * Math.sqrt(3);
      const linear = (name: string, shape: number[]) => {
        uniform(`${name}.weight`, shape, bound);
        parameters.set(`${name}.bias`, constant([shape[0]], 0));
      };
      uniform('transformer.wte.weight', [vocabulary, d], bound);
      uniform('transformer.wpe.weight', [length, d], bound);
      for (let i = 0; i < layers; i++) {
        const name = `transformer.h.${i}`;
        norm(`${name}.ln_1`, d);
        linear(`${name}.attn.c_attn`, [3 * d, d]);
        linear(`${name}.attn.c_proj`, [d, d]);
        norm(`${name}.ln_2`, d);
        linear(`${name}.mlp.c_fc`, [4 * d, d]);
        linear(`${name}.mlp.c_proj`, [d, 4 * d]);
      }
      norm('transformer.ln_f', d);
      if (!model.tied) uniform('lm_head.weight', [vocabulary, d], bound);
    }
  }
  return { parameters, buffers };
}

/** The blocks of a ResNet in order, by torchvision's names. */
export function resnetBlocks({ layers, width }: Extract<Model, { kind: 'resnet' }>) {
  return layers.flatMap((count, stage) =>
    Array.from({ length: count }, (_, i) => {
      const channels = width * 2 ** stage;
      const down = stage > 0 && i === 0;
      return {
        name: `layer${stage + 1}.${i}`,
        inChannels: down ? channels / 2 : channels,
        channels,
        stride: down ? 2 : 1,
      };
    }),
  );
}

/** Floating point operations of a training step: three times those of the products and convolutions of forward. */
export function stepFlops({ model, batch }: Workload): number {
  const { parameters } = modelStart(model);
  const isMatrix = ([name, { shape }]: [string, HostTensor]) =>
    shape.length > 1 && !/wte|wpe|embedding/.test(name);
  const matrices = [...parameters].filter(isMatrix);
  /** How often a weight is used per sample: at each position of its output. */
  const uses = (name: string): number => {
    if (model.kind === 'lenet') return name === '0.weight' ? 28 * 28 : name === '3.weight' ? 10 * 10 : 1;
    if (model.kind === 'resnet') {
      const stage = Number(/layer(\d)/.exec(name)?.[1] ?? 1) - 1;
      return name === 'fc.weight' ? 1 : (32 / 2 ** stage) ** 2;
    }
    return model.kind === 'mlp' ? 1 : model.length;
  };
  const perSample = matrices.reduce((sum, [name, { shape }]) => sum + 2 * sizeOf(shape) * uses(name), 0);
  if (model.kind !== 'gpt') return 3 * batch * perSample;
  const { layers, length, width, vocabulary, tied } = model;
  const attention = layers * 2 * length * length * width;
  const head = tied ? 2 * length * width * vocabulary : 0;
  return 3 * batch * (perSample + attention + head);
}
