/**
 * What the kernels around the ops compute, in float64, on small synthetic values: updates of optimizers, clipping, batches and
 * metrics. Loaded by the self-check when a plan has such kernels.
 */
import { optimizer } from '../kernels/constants.generated';
import type { UniformValue } from '../kernels/kernel';
import { Random } from '../random';
import type { Launch } from './kernel-mode';

type Values = Record<string, number>;
type Arrays = Record<string, number[]>;

/** A run of a kernel with what it must write. */
export interface StateCase {
  /** Values of all bindings before. */
  before: Arrays;
  /** Values of the written bindings after. */
  after: Arrays;
  params: Record<string, UniformValue>;
  /** Fields of the step struct. */
  step: Values;
  workgroups: number;
}

/** `v` are the values of an element, `u` the uniforms, `h` what the optimizer derives per step, `g` its gradient. */
interface Update {
  v: Values;
  u: Values;
  lr: number;
  h: readonly number[];
  g: number;
  variant: string;
}

interface Rule {
  h?: readonly number[];
  apply(update: Update): { [name: string]: number | undefined };
}

/** Adam and its relatives: the new mean and square, and the decayed parameter. */
function moments({ v, u, lr, g }: Update, beta1: number, oneMinusBeta1: number) {
  const m = beta1 * v.m + oneMinusBeta1 * g;
  return { m, square: u.beta2 * v.v + u.one_minus_beta2 * g * g, kept: v.p * (1 - lr * (u.decay ?? 0)) };
}

/** Updates by the kernel's file; formulas and sources are in the shaders. */
const RULES: Record<string, Rule> = {
  sgd: {
    h: [0, 0.9],
    apply({ v, u, lr, h, g, variant }) {
      if (!variant.includes('momentum')) return { p: v.p - lr * g };
      const buf = h[1] * v.buf + u.undamped * g;
      return { buf, p: v.p - lr * (u.nesterov ? g + h[1] * buf : buf) };
    },
  },
  adam: {
    h: [0.02, 1.7, 0.9, 0.1],
    apply(update) {
      const { v, u, h, variant } = update;
      const { m, square, kept } = moments(update, h[2], h[3]);
      const most = variant.includes('amsgrad') ? { v_max: Math.max(v.v_max, square) } : undefined;
      return {
        m,
        v: square,
        ...most,
        p: kept - (h[0] * m) / (Math.sqrt(most?.v_max ?? square) * h[1] + u.eps),
      };
    },
  },
  adamax: {
    h: [0.02, 0.9, 0.1],
    apply({ v, u, h, g }) {
      const m = h[1] * v.m + h[2] * g;
      const norm = Math.max(u.beta2 * v.u, Math.abs(g) + u.eps);
      return { m, u: norm, p: v.p - (h[0] * m) / norm };
    },
  },
  nadam: {
    h: [0.01, 0.02, 1.3, 0.9, 0.1],
    apply(update) {
      const { u, h, g } = update;
      const { m, square, kept } = moments(update, h[3], h[4]);
      const root = Math.sqrt(square * h[2]) + u.eps;
      return { m, v: square, p: kept - (h[0] * g) / root - (h[1] * m) / root };
    },
  },
  radam: {
    h: [0.02, 0.7, 0.9, 0.1],
    apply(update) {
      const { u, h } = update;
      const { m, square, kept } = moments(update, h[2], h[3]);
      return { m, v: square, p: kept - (h[0] * m * h[1]) / (Math.sqrt(square) + u.eps) };
    },
  },
  rmsprop: {
    h: [0.9],
    apply({ v, u, lr, h, g, variant }) {
      const square = u.alpha * v.v + u.one_minus_alpha * g * g;
      const mean = variant.includes('centered')
        ? { mean: u.alpha * v.mean + u.one_minus_alpha * g }
        : undefined;
      const step = g / (Math.sqrt(square - (mean?.mean ?? 0) ** 2) + u.eps);
      if (!variant.includes('momentum')) return { v: square, ...mean, p: v.p - lr * step };
      const buf = h[0] * v.buf + step;
      return { v: square, ...mean, buf, p: v.p - lr * buf };
    },
  },
  adagrad: {
    h: [0.05, 0],
    apply({ v, u, h, g }) {
      const sum = v.sum + g * g;
      return { sum, p: v.p - (h[0] * g) / (Math.sqrt(sum) + u.eps) };
    },
  },
  adadelta: {
    apply({ v, u, lr, g }) {
      const square = u.rho * v.v + u.one_minus_rho * g * g;
      const delta = (Math.sqrt(v.acc + u.eps) / Math.sqrt(square + u.eps)) * g;
      return { v: square, acc: u.rho * v.acc + u.one_minus_rho * delta * delta, p: v.p - lr * delta };
    },
  },
  asgd: {
    h: [0.02, 0.99, 0.3],
    apply({ v, h, g }) {
      const p = v.p * h[1] - h[0] * g;
      return { p, ax: v.ax + (p - v.ax) * h[2] };
    },
  },
  rprop: {
    h: [0],
    apply({ v, u, g }) {
      const product = g * v.prev;
      const change = product > 0 ? u.eta_plus : product < 0 ? u.eta_minus : 1;
      const sizes = Math.min(Math.max(v.sizes * change, u.least), u.most);
      const prev = product < 0 ? 0 : g;
      return { sizes, prev, p: v.p - Math.sign(prev) * sizes };
    },
  },
  lion: {
    h: [0.2, 0.8],
    apply({ v, u, lr, h, g }) {
      const direction = h[0] * v.m + h[1] * g;
      return {
        m: u.beta2 * v.m + u.one_minus_beta2 * g,
        p: v.p * (1 - lr * u.decay) - lr * Math.sign(direction),
      };
    },
  },
  average: { h: [0.3], apply: ({ v, h }) => ({ average: v.average + (v.p - v.average) * h[0] }) },
};

/** State that is never negative. */
const POSITIVE = ['v', 'v_max', 'sum', 'acc', 'sizes', 'u'];
const BLOCK_VECTORS = optimizer.BLOCK;
const BLOCK = 4 * BLOCK_VECTORS;
const BLOCKS = 7;
/** Vectors of the run: the last block is not whole, and there is more than a workgroup. */
const VECTORS = 5 * BLOCK_VECTORS + 3;
const STEP = { lr: 0.05, grad_scale: 0.5 };
const SCALE = [0.7, 0, 0, 0];

const random = (name: string) => new Random(1, `state ${name}`);
const signed = (name: string, n: number) => {
  const draw = random(name);
  return Array.from({ length: n }, () =>
    Math.fround(draw.uniform(0.2, 1) * (draw.integer(2) === 1 ? 1 : -1)),
  );
};
const positive = (name: string, n: number) => signed(name, n).map(Math.abs);
const numbersOf = (params: Launch['params']): Values =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, Number(value)]));

function optimizerCase(file: string, { kernel, params }: Launch): StateCase | undefined {
  const rule = RULES[file];
  if (!rule) return undefined;
  const u = numbersOf(params);
  const before: Arrays = {};
  for (const { name } of kernel.storage) {
    if (name === 'scale') before.scale = SCALE;
    else if (name === 'blocks')
      before.blocks = Array.from({ length: BLOCKS }, (_, i) => [
        (5 * i + 2) % BLOCKS,
        (3 * i + 1) % BLOCKS,
      ]).flat();
    else before[name] = (POSITIVE.includes(name) ? positive : signed)(name, BLOCKS * BLOCK);
  }
  // A mean whose square is below that of the squares.
  if (before.mean) before.mean = before.mean.map((value) => Math.fround(0.1 * value));
  const written = kernel.storage.filter(({ access }) => access !== 'read').map(({ name }) => name);
  const after = Object.fromEntries(written.map((name) => [name, [...before[name]]]));
  const h = rule.h ?? [];
  for (let i = 0; i < 4 * VECTORS; i++) {
    const block = Math.floor(i / BLOCK);
    const [own, state] = before.blocks ? before.blocks.slice(2 * block, 2 * block + 2) : [block, block];
    const at = (name: string) => BLOCK * (name === 'p' ? own : state) + (i % BLOCK);
    const v = Object.fromEntries(written.concat('p').map((name) => [name, before[name][at(name)]]));
    let g = before.grad ? (u.sign ?? 1) * STEP.grad_scale * SCALE[0] * before.grad[at('grad')] : 0;
    if (u.clip_value >= 0) g = Math.min(Math.max(g, -u.clip_value), u.clip_value);
    if (kernel.params?.fields.l2) g += u.l2 * v.p;
    for (const [name, value] of Object.entries(
      rule.apply({ v, u, lr: STEP.lr, h, g, variant: kernel.variant }),
    )) {
      after[name][at(name)] = value!;
    }
  }
  const step = { ...STEP, ...Object.fromEntries(h.map((value, i) => [`h${i}`, value])) };
  return { before, after, params: { ...params, n4: VECTORS }, step, workgroups: 2 };
}

/** p of a norm as the variants of clipping name it. */
const normOf = (variant: string, params: Launch['params']): number =>
  variant === 'one'
    ? 1
    : variant === 'two'
      ? 2
      : variant === 'most'
        ? Number.POSITIVE_INFINITY
        : Number(params.p);

function partialsCase({ kernel, params }: Launch): StateCase {
  const grad = signed('grad', 4 * VECTORS);
  const p = normOf(kernel.variant, params);
  const parts = 3;
  const partials = Array.from({ length: parts }, (_, w) => {
    const own = grad.filter((_, i) => Math.floor(i / 256) % parts === w).map(Math.abs);
    return p === Number.POSITIVE_INFINITY ? Math.max(0, ...own) : own.reduce((sum, g) => sum + g ** p, 0);
  });
  const before = { grad, partials: [7, 7, 7, 7] };
  const after = { partials: [7, ...partials] };
  return { before, after, params: { ...params, n4: VECTORS, parts, offset: 1 }, step: {}, workgroups: parts };
}

function scaleCase({ kernel, params }: Launch): StateCase {
  const partials = positive('partials', 5);
  const p = normOf(kernel.variant, params);
  const total =
    p === Number.POSITIVE_INFINITY
      ? Math.max(...partials)
      : partials.reduce((sum, x) => sum + x, 0) ** (1 / p);
  const norm = STEP.grad_scale * total;
  // A limit that counts, whatever that of the plan is.
  const limit = 0.4 * norm;
  const before = { partials, scale: [0, 0, 0, 0], norm: [0] };
  const after = { scale: [limit / (norm + 1e-6), 0, 0, 0], norm: [norm] };
  return { before, after, params: { ...params, count: 5, max_norm: limit }, step: STEP, workgroups: 1 };
}

const order = (n: number) => Array.from({ length: n }, (_, i) => (3 * i + 2) % n);

function batchCase({ kernel, constants }: Launch): StateCase {
  const [batch, size, plane, channels, length, labelSize, start] = [13, 6, 2, 3, 7, 2, 4];
  const isBytes = kernel.variant === 'bytes';
  const draw = random('bytes');
  const pixels = Array.from({ length: length * size + 2 }, () => draw.integer(256));
  const x = isBytes
    ? Array.from({ length: pixels.length / 4 }, (_, i) =>
        pixels.slice(4 * i, 4 * i + 4).reduceRight((word, byte) => word * 256 + byte, 0),
      )
    : signed('x', length * size);
  const values = isBytes ? pixels : x;
  const [multiply, add] = [positive('multiply', channels), signed('add', channels)];
  const labels = Array.from({ length: length * labelSize }, (_, i) => 5 * i + 1);
  const sample = (b: number) => order(length)[(start + b) % length];
  const affine = (constants.AFFINE ?? 1) === 1;
  const y = Array.from({ length: batch * size }, (_, i) => {
    const value = values[sample(Math.floor(i / size)) * size + (i % size)];
    const c = Math.floor((i % size) / plane) % channels;
    return affine ? value * multiply[c] + add[c] : value;
  });
  const targets = Array.from(
    { length: batch * labelSize },
    (_, i) => labels[sample(Math.floor(i / labelSize)) * labelSize + (i % labelSize)],
  );
  return {
    before: {
      x,
      order: order(length),
      multiply,
      add,
      labels,
      y: y.map(() => 0),
      targets: targets.map(() => 0),
    },
    after: { y, targets },
    params: { batch, size, plane, channels, length, label_size: labelSize },
    step: { batch_start: start },
    workgroups: 2,
  };
}

function windowsCase(): StateCase {
  const [batch, block, stride, length, start] = [9, 8, 3, 7, 4];
  const text = Array.from({ length: stride * length + block + 1 }, (_, i) => (7 * i) % 31);
  const at = (i: number) => stride * order(length)[(start + Math.floor(i / block)) % length] + (i % block);
  const places = Array.from({ length: batch * block }, (_, i) => at(i));
  const [x, y] = [places.map((i) => text[i]), places.map((i) => text[i + 1])];
  const before = { text, order: order(length), x: x.map(() => 0), y: y.map(() => 0) };
  return {
    before,
    after: { x, y },
    params: { batch, block, stride, length },
    step: { batch_start: start },
    workgroups: 2,
  };
}

/** The Feistel network of shuffle.permute.wgsl. */
function shuffleCase(): StateCase {
  const n = 77;
  const halfBits = 4;
  const [seed, epoch] = [12345, 3];
  const mix = (value: number) => {
    let h = value >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) >>> 0;
  };
  const mask = 2 ** halfBits - 1;
  const permute = (value: number) => {
    let [left, right] = [value >>> halfBits, value & mask];
    for (let round = 0; round < 6; round++) {
      const key = mix(seed ^ mix(mix(epoch * 8 + round)));
      [left, right] = [right, left ^ (mix(right ^ key) & mask)];
    }
    return (left << halfBits) | right;
  };
  const places = Array.from({ length: n }, (_, i) => {
    let place = permute(i);
    while (place >= n) place = permute(place);
    return place;
  });
  return {
    ...{ before: { order: places.map(() => 0) }, after: { order: places } },
    ...{ params: { n, half_bits: halfBits }, step: { seed_lo: seed, epoch }, workgroups: 2 },
  };
}

function recordCase(): StateCase {
  const history = signed('history', 16);
  const before = { loss: [0.7], total: [11, 16], norm: [1.3], history };
  return {
    before,
    after: { history: history.toSpliced(8, 4, 0.7, 11, 16, 1.3) },
    params: {},
    step: { slot: 2 },
    workgroups: 1,
  };
}

const OTHERS: Record<string, (launch: Launch) => StateCase> = {
  'optimizer/grad_norm.partial.wgsl': partialsCase,
  'optimizer/grad_norm.scale.wgsl': scaleCase,
  'data/batch.gather.wgsl': batchCase,
  'data/windows.gather.wgsl': windowsCase,
  'data/shuffle.permute.wgsl': shuffleCase,
  'metrics/record.step.wgsl': recordCase,
};

/** The case of a launch; undefined for kernels of ops. */
export function stateCase(launch: Launch): StateCase | undefined {
  const { file } = launch.kernel;
  if (OTHERS[file]) return OTHERS[file](launch);
  const [, rule] = /^optimizer\/(\w+)\.step\.wgsl$/.exec(file) ?? [];
  return rule === undefined ? undefined : optimizerCase(rule, launch);
}
