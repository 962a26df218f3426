/** Reference references of the activation functions, those that work element by element and `prelu`. */
import { type UnaryOptions, withCases } from './cases';
import { mapElements } from './ndarray';
import type { Reference } from './types';
import { elementwise, erf } from './unary';

const NON_FINITE = ['NaN', 'Infinity', '-Infinity'];
/** Far out on both sides, where a careless formula overflows or loses everything. */
const FAR = [...NON_FINITE, 0, '-0', 20, -20, 88, -88, 104, -104, 1e4, -1e4, 1e-6, -1e-6];
/** Input beyond the bends of relu6 and the hard functions at 1, 3 and 6. */
const WIDE: UnaryOptions = { fill: 'uniform', range: [-8, 8] };

// The constants of Klambauer et al., "Self-Normalizing Neural Networks", 2017.
const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;

/** 1 / (1 + exp(-x)). */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** x * sigmoid(x); NaN at -Infinity, as in PyTorch. */
export function silu(x: number): number {
  return x * sigmoid(x);
}

function softplus(x: number, beta = 1, threshold = 20): number {
  return beta * x > threshold ? x : Math.log1p(Math.exp(beta * x)) / beta;
}

function gelu(x: number, approximate = 'none'): number {
  if (approximate === 'none') return 0.5 * x * (1 + erf(x / Math.SQRT2));
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)));
}

const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const elu = (x: number, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x));
const celu = (x: number, alpha = 1) => (x > 0 ? x : alpha * Math.expm1(x / alpha));
const hardtanh = (x: number, low = -1, high = 1) => clip(x, low, high);

/** At a bend differences cannot tell which one-sided derivative PyTorch takes: forward only. */
function withKinks(reference: Reference, values: number[], attrs?: Record<string, unknown>): Reference {
  reference.cases.push({
    name: 'at the kinks',
    attrs,
    inputs: { x: { shape: [values.length], values } },
    gradient: false,
  });
  return reference;
}

/** max(0, x) + weight * min(0, x), one weight for all or one per channel (dim 1). */
const prelu: Reference = {
  forward({ x, weight }) {
    const shape = x.shape.map((_: number, d: number) => (d === 1 ? weight.data.length : 1));
    const one = weight.data.length === 1;
    const slopes = { shape: one ? [] : weight.shape.length > 1 ? weight.shape : shape, data: weight.data };
    return { y: mapElements((value, slope) => (value > 0 ? value : slope * value), x, slopes) };
  },
  cases: [
    { inputs: { x: [4, 3, 5], weight: [3] } },
    { inputs: { x: [4, 3], weight: [3] } },
    { inputs: { x: [2, 3, 4, 5], weight: [3] } },
    { inputs: { x: [2, 3, 2, 3, 2], weight: [3] } },
    { name: 'one weight', inputs: { x: [2, 3, 4], weight: [1] } },
    { inputs: { x: [7], weight: [1] } },
    { inputs: { x: [5, 1], weight: [1] } },
    { name: 'more than 64 channels', inputs: { x: [3, 70, 5], weight: [70] } },
    { name: 'many elements per channel', inputs: { x: [5, 2, 1031], weight: [2] } },
    { name: 'more than 65,535 rows', inputs: { x: [70001, 3], weight: [3] }, gradient: false },
    {
      name: 'special values',
      inputs: { x: { shape: [5], values: [...NON_FINITE, 0, '-0'] }, weight: { shape: [1], values: [0.25] } },
      gradient: false,
    },
    { name: 'a weight that broadcasts', inputs: { x: [2, 3, 4, 5], weight: [3, 1, 5] } },
  ],
};

/** The references of this family. */
export const references: Record<string, Reference> = {
  relu: withKinks(
    elementwise((x) => (x > 0 || Number.isNaN(x) ? x : 0), { special: FAR, big: true }),
    [0, 1, -1],
  ),
  leakyRelu: withKinks(
    elementwise((x, { negativeSlope = 0.01 }) => (x > 0 ? x : x * negativeSlope), {
      attrs: [{ negativeSlope: 0.3 }, { negativeSlope: 0 }],
      special: FAR,
    }),
    [0, 1, -1],
  ),
  prelu,
  elu: elementwise((x, { alpha }) => elu(x, alpha), { attrs: [{ alpha: 0.5 }, { alpha: 2 }], special: FAR }),
  selu: elementwise((x) => SELU_SCALE * elu(x, SELU_ALPHA), { special: FAR }),
  celu: elementwise((x, { alpha }) => celu(x, alpha), {
    attrs: [{ alpha: 0.5 }, { alpha: 2 }],
    special: FAR,
  }),
  gelu: elementwise((x, { approximate }) => gelu(x, approximate), {
    attrs: [{ approximate: 'none' }, { approximate: 'tanh' }],
    big: true,
    special: FAR,
  }),
  silu: elementwise(silu, { special: FAR }),
  mish: elementwise((x) => x * Math.tanh(softplus(x)), { special: FAR }),
  softplus: elementwise((x, { beta, threshold }) => softplus(x, beta, threshold), {
    attrs: [{ beta: 2 }, { beta: 0.5, threshold: 0.6 }, { beta: 30 }],
    special: FAR,
  }),
  softsign: elementwise((x) => x / (1 + Math.abs(x)), { special: FAR }),
  hardsigmoid: withCases(
    withKinks(
      elementwise((x, { alpha = 1 / 6, beta = 0.5 }) => clip(alpha * x + beta, 0, 1), {
        ...WIDE,
        special: FAR,
      }),
      [-3, 3, 0],
    ),
    { attrs: { alpha: 0.2 }, inputs: { x: [5, 13] } },
    { attrs: { alpha: -0.7, beta: 0.25 }, inputs: { x: [5, 13] } },
  ),
  hardswish: withKinks(
    elementwise((x) => (x * clip(x + 3, 0, 6)) / 6, { ...WIDE, special: FAR }),
    [-3, 3, 0],
  ),
  hardtanh: withKinks(
    elementwise((x, { minVal, maxVal }) => hardtanh(x, minVal, maxVal), {
      ...WIDE,
      attrs: [{ minVal: -2, maxVal: 0.5 }, { maxVal: 3 }],
      special: FAR,
    }),
    [-1, 1, 0],
  ),
  relu6: withKinks(
    elementwise((x) => clip(x, 0, 6), { ...WIDE, special: FAR }),
    [0, 6, 3],
  ),
  sigmoid: elementwise(sigmoid, { special: FAR }),
  tanh: elementwise(Math.tanh, { special: FAR }),
  logsigmoid: elementwise((x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), { special: FAR }),
  tanhshrink: elementwise((x) => x - Math.tanh(x), { special: FAR }),
  softshrink: withKinks(
    elementwise((x, { lambd = 0.5 }) => (x > lambd ? x - lambd : x < -lambd ? x + lambd : x * 0), {
      attrs: [{ lambd: 0.1 }, { lambd: 0 }],
      // Without NaN: versions of PyTorch differ (0 or NaN).
      special: FAR.slice(1),
    }),
    [0.5, -0.5, 0],
  ),
  hardshrink: withKinks(
    elementwise((x, { lambd = 0.5 }) => (x >= -lambd && x <= lambd ? 0 : x), {
      attrs: [{ lambd: 0.1 }, { lambd: 0 }],
      special: FAR,
    }),
    [0.5, -0.5, 0],
  ),
  threshold: withKinks(
    elementwise((x, { threshold, value }) => (x <= threshold ? value : x), {
      required: { threshold: 0.1, value: -7 },
      attrs: [{ threshold: -0.5, value: 0 }],
      special: FAR,
    }),
    [0.5, 0.25, 0.75],
    { threshold: 0.5, value: 20 },
  ),
};
