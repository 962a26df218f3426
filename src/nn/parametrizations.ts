/**
 * torch.nn.utils.parametrizations: weights that are computed of others whenever a module runs. Names in the state dict are
 * PyTorch's: `parametrizations.weight.original0` and `original1` (weightNorm), `parametrizations.weight.original` with the
 * buffers `parametrizations.weight.0._u` and `._v` (spectralNorm).
 */
import { GradloomError } from '../errors';
import type { Graph, Tensor } from '../graph/ir/graph';
import { type Initializer, Variable } from '../graph/ir/variable';
import { div, matmul, mul, norm, normalize, permute, reshape, sum } from '../ops';
import { assign } from '../ops/layout/assign';
import { buffer, Module, parameter } from './module';
import { stateName } from './names';
import { graphOf, overrideMethod } from './override';

/** How a weight comes about. */
abstract class Parametrization extends Module {
  /** The weight in a graph; called once per call of the module. */
  abstract compute(graph: Graph): Tensor;

  override forward(x: Tensor): Tensor {
    return this.compute(x.graph);
  }
}

/** Sizes of everything but one dimension as 1; of all dimensions nothing. */
const lengthShape = (shape: readonly number[], dim: number | null): number[] =>
  dim === null ? [] : shape.map((n, d) => (d === dim ? n : 1));

class WeightNorm extends Parametrization {
  /** Lengths. */
  readonly original0: Variable;
  /** Directions, of any length. */
  readonly original1: Variable;
  readonly #dim: number | null;

  constructor(weight: Variable, dim: number | null) {
    super();
    this.#dim = dim;
    this.original1 = weight;
    this.original0 = parameter(lengthShape(weight.shape, dim), (data, _, random) => {
      const values = weight.ensureData(random.seed);
      const inner = dim === null ? 1 : weight.shape.slice(dim + 1).reduce((a, b) => a * b, 1);
      const squares = new Float64Array(data.length);
      values.forEach((value, i) => {
        squares[dim === null ? 0 : Math.floor(i / inner) % weight.shape[dim]] += value * value;
      });
      data.set(squares.map(Math.sqrt));
    });
  }

  override compute(graph: Graph): Tensor {
    const [lengths, directions] = [graph.tensor(this.original0), graph.tensor(this.original1)];
    const others = directions.shape.flatMap((_, d) => (d === this.#dim ? [] : [d]));
    return mul(directions, div(lengths, norm(directions, { dim: others, keepdim: this.#dim !== null })));
  }
}

/** State of the power iteration of a spectral norm: singular vectors of the largest singular value. */
class SingularVectors extends Module {
  readonly _u: Variable;
  readonly _v: Variable;

  constructor(rows: number, columns: number, initialize: (which: 'u' | 'v') => Initializer) {
    super();
    this._u = buffer([rows], initialize('u'));
    this._v = buffer([columns], initialize('v'));
  }

  override forward(x: Tensor): Tensor {
    return x;
  }
}

/** Options of `spectralNorm`. */
export interface SpectralNormOptions {
  /** Power iterations per call in training; 1 unless given. */
  nPowerIterations?: number;
  eps?: number;
  /** The dimension of the outputs; 0 unless given, 1 for transposed convolutions. */
  dim?: number;
}

class SpectralNorm extends Parametrization {
  readonly original: Variable;
  readonly '0': SingularVectors;
  readonly #options: Required<SpectralNormOptions>;

  constructor(weight: Variable, options: Required<SpectralNormOptions>) {
    super();
    this.#options = options;
    this.original = weight;
    const rows = weight.shape[options.dim];
    const columns = weight.size / rows;
    this['0'] = new SingularVectors(rows, columns, (which) => (data, _, random) => {
      const vectors = this.#iterated(weight.ensureData(random.seed), rows, columns);
      data.set(vectors[which]);
    });
  }

  /** Fifteen power iterations on the host, from a vector that no singular vector is likely to be orthogonal to. */
  #iterated(values: Float32Array, rows: number, columns: number): { u: Float64Array; v: Float64Array } {
    const { dim, eps } = this.#options;
    const inner = this.original.shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    // Place of row r and column c: the columns are the other dimensions in their order.
    const at = (r: number, c: number) => (Math.floor(c / inner) * rows + r) * inner + (c % inner);
    const unit = (x: Float64Array) => {
      const length = Math.max(Math.hypot(...x), eps);
      return x.map((value) => value / length);
    };
    let v = unit(Float64Array.from({ length: columns }, (_, i) => Math.cos(1.7 * i + 0.3)));
    let u = new Float64Array(rows);
    for (let i = 0; i < 15; i++) {
      u = unit(u.map((_, r) => v.reduce((total, x, c) => total + values[at(r, c)] * x, 0)));
      v = unit(v.map((_, c) => u.reduce((total, x, r) => total + values[at(r, c)] * x, 0)));
    }
    return { u, v };
  }

  override compute(graph: Graph): Tensor {
    const { dim, eps, nPowerIterations } = this.#options;
    const weight = graph.tensor(this.original);
    const order = [dim, ...weight.shape.flatMap((_, d) => (d === dim ? [] : [d]))];
    const [rows, columns] = [weight.shape[dim], weight.size / weight.shape[dim]];
    const matrix = reshape(permute(weight, { dims: order }), { shape: [rows, columns] });
    const { _u, _v } = this['0'];
    const state = { u: graph.tensor(_u), v: graph.tensor(_v) };
    let [u, v] = [state.u, state.v];
    if (graph.training) {
      const fixed = graph.detach(matrix);
      const unit = (x: Tensor) => normalize(x, { dim: 0, eps });
      for (let i = 0; i < nPowerIterations; i++) {
        u = unit(matmul(fixed, v));
        v = unit(matmul(u, fixed));
      }
      u = graph.detach(u);
      v = graph.detach(v);
      assign({ value: u, state: state.u }, {});
      assign({ value: v, state: state.v }, {});
    }
    return div(weight, sum(mul(u, matmul(matrix, v))));
  }
}

interface Parametrized {
  parametrizations?: Record<string, Parametrization>;
}

/** Puts what `make` makes of a parameter in its place. */
function parametrize<M extends Module>(
  op: string,
  module: M,
  name: string,
  make: (weight: Variable) => Parametrization,
): M {
  const fields = module as unknown as Record<string, unknown> & Parametrized;
  const weight = Object.getOwnPropertyDescriptor(module, name)?.value;
  if (!(weight instanceof Variable) || !weight.trainable) {
    throw new GradloomError({
      ...{ code: 'argument', op, argument: 'name', got: JSON.stringify(name) },
      expected: `the property of a parameter of ${module.typeName} that is not parametrized yet`,
    });
  }
  const parametrization = make(weight);
  const key = stateName(name);
  fields.parametrizations = { ...fields.parametrizations, [key]: parametrization };
  let current: Tensor | undefined;
  Object.defineProperty(module, name, {
    configurable: true,
    enumerable: false,
    get(): Tensor {
      if (current) return current;
      throw new GradloomError({
        ...{ code: 'unsupported', op: module.typeName, argument: name, got: `read outside of forward` },
        expected: `parametrizations.${key}, whose parameters it is computed of`,
      });
    },
  });
  overrideMethod(module, 'forward', (forward) => (...args) => {
    const graph = graphOf(args);
    if (!graph) return forward(...args);
    current = parametrization.compute(graph);
    try {
      return forward(...args);
    } finally {
      current = undefined;
    }
  });
  return module;
}

/**
 * Weight normalization: the parameter `name` becomes g v / |v| with lengths g (`original0`) and directions v (`original1`),
 * |v| over all dimensions but `dim`, or over all with null. The weight itself stays as it is at first.
 * @returns the module, changed.
 * @throws GradloomError `argument`: the module has no such parameter.
 * Source: Salimans and Kingma, 2016; torch.nn.utils.parametrizations.weight_norm.
 */
export function weightNorm<M extends Module>(module: M, name = 'weight', dim: number | null = 0): M {
  return parametrize('weightNorm', module, name, (weight) => {
    const at = dim === null ? null : dim < 0 ? dim + weight.shape.length : dim;
    checkDim('weightNorm', weight, at);
    return new WeightNorm(weight, at);
  });
}

/**
 * Spectral normalization: the parameter `name` is divided by its largest singular value, seen as a matrix whose rows are
 * dimension `dim`. That is u W v for vectors u and v (the buffers `0._u` and `0._v`), which a power iteration moves on
 * whenever the module runs in training, and only then.
 * @returns the module, changed.
 * @throws GradloomError `argument`: the module has no such parameter.
 * Source: Miyato et al., 2018; torch.nn.utils.parametrizations.spectral_norm.
 */
export function spectralNorm<M extends Module>(
  module: M,
  name = 'weight',
  { nPowerIterations = 1, eps = 1e-12, dim = 0 }: SpectralNormOptions = {},
): M {
  return parametrize('spectralNorm', module, name, (weight) => {
    const at = dim < 0 ? dim + weight.shape.length : dim;
    checkDim('spectralNorm', weight, at);
    return new SpectralNorm(weight, { nPowerIterations, eps, dim: at });
  });
}

function checkDim(op: string, { shape }: Variable, dim: number | null): void {
  if (dim === null || (Number.isInteger(dim) && dim >= 0 && dim < shape.length)) return;
  throw new GradloomError({
    ...{ code: 'argument', op, argument: 'dim', got: String(dim) },
    expected: `a dimension of the weight [${shape}]`,
  });
}
