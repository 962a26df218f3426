/** How LoRA adapts each kind of layer: what its `forward` adds, and what merging adds to its weight. */
import type { Tensor } from '../graph/ir/graph';
import { type Initializer, Variable } from '../graph/ir/variable';
import { MultiheadAttention } from '../nn/attention';
import { Conv1d, Conv2d, Conv3d } from '../nn/conv';
import { Embedding } from '../nn/embedding';
import { fanInUniform, normal, zeros } from '../nn/init';
import { Linear } from '../nn/linear';
import { Module, parameter } from '../nn/module';
import { graphOf, overrideMethod } from '../nn/override';
import {
  add,
  cast,
  conv1d,
  conv2d,
  conv3d,
  dropout,
  embedding,
  linear,
  matmul,
  mul,
  transpose,
} from '../ops';

/** How a layer is adapted. */
export interface Adaptation {
  rank: number;
  scaling: number;
  dropout: number;
}

/** A layer with its matrices. */
export interface AdaptedLayer {
  /** By their names below the layer: PEFT's, without the adapter's. */
  matrices: Readonly<Record<string, Variable>>;
  /** Adds the matrices to the weight and takes them off the layer; returns what undoes it. */
  merge(): () => void;
  /** Takes the matrices off the layer. */
  detach(): void;
}

/** Holds a matrix under its name in state dicts, `lora_A.weight`; the adapted layer applies it. */
class Factor extends Module {
  readonly weight: Variable;

  constructor(shape: readonly number[], initialize: Initializer) {
    super();
    this.weight = parameter(shape, initialize);
  }

  override forward(x: Tensor): Tensor {
    return linear(x, this.weight);
  }
}

type Conv = Conv1d | Conv2d | Conv3d;
const isConv = (module: Module): module is Conv =>
  [Conv1d, Conv2d, Conv3d].some((kind) => module instanceof kind);

/** Why a module cannot be adapted; undefined where it can. */
export function canAdapt(module: Module, rank: number): string | undefined {
  const { weight } = module as { weight?: unknown };
  if (module instanceof MultiheadAttention) {
    return module.inProjWeight instanceof Variable
      ? undefined
      : 'an attention with weights for keys and values of their own';
  }
  const known = module instanceof Linear || module instanceof Embedding || isConv(module);
  if (!known) return `a ${module.typeName}`;
  if (!(Object.getOwnPropertyDescriptor(module, 'weight')?.value instanceof Variable))
    return 'a layer with a parametrized weight';
  if (isConv(module) && (module.attrs.groups ?? 1) !== 1) return 'a convolution with groups';
  const { shape } = weight as Variable;
  const most = Math.min(
    shape[0],
    shape.slice(1).reduce((a, b) => a * b, 1),
  );
  return rank > most ? `whose weight [${shape}] has a rank of ${most} at most, less than ${rank}` : undefined;
}

/** Adapts one layer. */
export function adapt(module: Module, how: Adaptation): AdaptedLayer {
  if (module instanceof Embedding) return adaptEmbedding(module, how);
  if (module instanceof MultiheadAttention) return adaptAttention(module, how);
  return isConv(module) ? adaptConv(module, how) : adaptLinear(module as Linear, how);
}

const dropped = (x: Tensor, { dropout: p }: Adaptation): Tensor =>
  p > 0 && x.graph.training ? dropout(x, { p }) : x;

function adaptLinear(module: Linear, how: Adaptation): AdaptedLayer {
  const [outputs, inputs] = module.weight.shape;
  const down = new Factor([how.rank, inputs], fanInUniform(inputs));
  const up = new Factor([outputs, how.rank], zeros);
  return attach(module, { lora_A: down, lora_B: up }, how, {
    weight: module.weight,
    delta: () => product(up.weight, down.weight),
    forward: (forward) => (x: Tensor) => {
      const low = up.forward(down.forward(dropped(x, how)));
      return add(forward(x), mul(low, how.scaling));
    },
  });
}

/** A is a convolution of the layer's kernel and stride to `rank` channels, B one of size 1. */
function adaptConv(module: Conv, how: Adaptation): AdaptedLayer {
  const [outputs, inputs, ...kernel] = module.weight.shape;
  const fanIn = kernel.reduce((a, b) => a * b, inputs);
  const down = new Factor([how.rank, inputs, ...kernel], fanInUniform(fanIn));
  const up = new Factor([outputs, how.rank, ...kernel.map(() => 1)], zeros);
  const conv = [conv1d, conv2d, conv3d][kernel.length - 1];
  return attach(module, { lora_A: down, lora_B: up }, how, {
    weight: module.weight,
    delta: () => product(up.weight, down.weight),
    forward: (forward) => (x: Tensor) => {
      const low = conv(conv(dropped(x, how), down.weight, undefined, module.attrs), up.weight, undefined, {});
      return add(forward(x), mul(low, how.scaling));
    },
  });
}

/** Rows of A^T, times B^T; A starts at 0 instead of B. */
function adaptEmbedding(module: Embedding, how: Adaptation): AdaptedLayer {
  const [rows, columns] = module.weight.shape;
  const down = parameter([how.rank, rows], zeros);
  const up = parameter([columns, how.rank], normal());
  return attach(module, { lora_embedding_A: down, lora_embedding_B: up }, how, {
    weight: module.weight,
    delta: () => transposed(product(up, down), columns, rows),
    forward: (forward) => (x: Tensor) => {
      const table = transpose(x.graph.tensor(down), { dim0: 0, dim1: 1 });
      const indices = x.dtype === 'i32' ? x : cast(x, { dtype: 'i32' });
      const low = linear(embedding(indices, table, { paddingIdx: module.paddingIdx }), up);
      return add(forward(x), mul(low, how.scaling));
    },
  });
}

/** The packed projection to query, key and value: its weight is adapted while the module runs. */
function adaptAttention(module: MultiheadAttention, how: Adaptation): AdaptedLayer {
  const weight = module.inProjWeight!;
  const [outputs, inputs] = weight.shape;
  const down = new Factor([how.rank, inputs], fanInUniform(inputs));
  const up = new Factor([outputs, how.rank], zeros);
  const fields = module as { inProjWeight?: Variable | Tensor };
  const forward =
    (method: (...args: any[]) => any) =>
    (...args: any[]) => {
      const graph = graphOf(args);
      // A call for a batch of one is made within a call without a batch.
      if (!graph || fields.inProjWeight !== weight) return method(...args);
      const delta = mul(matmul(graph.tensor(up.weight), graph.tensor(down.weight)), how.scaling);
      fields.inProjWeight = add(graph.tensor(weight), delta);
      try {
        return method(...args);
      } finally {
        fields.inProjWeight = weight;
      }
    };
  return attach(module, { lora_A: down, lora_B: up }, how, {
    weight,
    delta: () => product(up.weight, down.weight),
    forward,
    methods: ['forward', 'forwardWithWeights'],
  });
}

interface Adapter {
  /** What is adapted. */
  weight: Variable;
  /** B A, in the order of the weight. */
  delta(): Float64Array;
  /** The method that takes the place of `forward` (of each of `methods`). */
  forward(method: (...args: any[]) => any): (...args: any[]) => any;
  methods?: readonly string[];
}

/** Puts the matrices on a layer and overrides its methods. */
function attach(
  module: Module,
  parts: Readonly<Record<string, Factor | Variable>>,
  { scaling }: Adaptation,
  { weight, delta, forward, methods = ['forward'] }: Adapter,
): AdaptedLayer {
  const fields = module as unknown as Record<string, unknown>;
  let isActive = false;
  const put = () => {
    Object.assign(fields, parts);
    isActive = true;
  };
  const detach = () => {
    for (const name of Object.keys(parts)) delete fields[name];
    isActive = false;
  };
  for (const name of methods) {
    overrideMethod(module, name, (method) => {
      const adapted = forward(method);
      return (...args) => (isActive ? adapted : method)(...args);
    });
  }
  put();
  const matrices: Record<string, Variable> = {};
  for (const [name, part] of Object.entries(parts)) {
    if (part instanceof Variable) matrices[name] = part;
    else matrices[`${name}.weight`] = part.weight;
  }
  return {
    matrices,
    detach,
    merge() {
      const before = weight.data!;
      const kept = Object.values(matrices).map((matrix) => [matrix, matrix.data!] as const);
      const update = delta();
      weight.data = before.map((value, i) => value + scaling * update[i]);
      // Steps that were compiled before still add the matrices: nothing from now on.
      for (const [matrix] of kept) matrix.data = new Float32Array(matrix.size);
      detach();
      return () => {
        weight.data = before;
        for (const [matrix, data] of kept) matrix.data = data;
        put();
      };
    },
  };
}

/** B A in float64, from B `[out, rank, 1...]` and A `[rank, ...]`. */
function product(up: Variable, down: Variable): Float64Array {
  const [outputs, rank] = up.shape;
  const inner = down.size / rank;
  const [b, a] = [up.data!, down.data!];
  const result = new Float64Array(outputs * inner);
  for (let o = 0; o < outputs; o++)
    for (let r = 0; r < rank; r++) {
      const factor = b[o * rank + r];
      for (let i = 0; i < inner; i++) result[o * inner + i] += factor * a[r * inner + i];
    }
  return result;
}

function transposed(values: Float64Array, rows: number, columns: number): Float64Array {
  const result = new Float64Array(values.length);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) result[c * rows + r] = values[r * columns + c];
  return result;
}
