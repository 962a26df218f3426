/**
 * Intermediate representation: symbolic tensors over storages, ops, and the graph that records their applications.
 * Nodes are in recording order, which is a valid execution order; forward, backward, optimizer and metrics of a step
 * are nodes of one graph.
 */
import { checkOptions } from '../../checks';
import { formatShape, GradloomError, showValue } from '../../errors';
import type { BufferSlice } from '../../gpu/buffers';
import type { Device } from '../../gpu/device';
import type { SomeKernel, UniformValue } from '../../kernels/kernel';
import { checkConstant, checkNumber, checkSlice, notATensor } from './leaf-checks';
import type { ReluVariant } from './relu-variant';
import { bytesOf, type Leaf, type Shape, Storage, sizeOf } from './storage';
import { type DType, isFloat, Variable } from './variable';

export type { ReluVariant } from './relu-variant';
export { bytesOf, type Leaf, type Shape, Storage, sizeOf } from './storage';

export class Tensor {
  constructor(
    readonly graph: Graph,
    readonly shape: Shape,
    readonly dtype: DType,
    /** The memory of the values. */
    readonly storage: Storage,
    /** The node that computes it, unless it is a leaf. */
    readonly node?: Node,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }
}

/** y = f(v), y = f'(aux) v, or y = v + aux. */
export interface Epilogue {
  kind: 'activation' | 'gradient' | 'add';
  /** Number of the activation. */
  activation: number;
  /** Another tensor of the same size. */
  aux?: Tensor;
}

/** The epilogue of a node; `before` is where the values before the activation go, when others read them. */
export interface NodeEpilogue extends Epilogue {
  before?: Tensor;
}

/** Input of an op: a symbolic tensor, or a parameter that the graph turns into one. */
export type TensorLike = Tensor | Variable;

export interface TensorSpec {
  shape: Shape;
  dtype: DType;
  /** The output is this input's memory: a reshape, or state that the kernel updates in place. */
  viewOf?: Tensor;
}

/** An output that is `x` with another shape. */
export const viewOf = (x: Tensor, shape: Shape): TensorSpec => ({ shape, dtype: x.dtype, viewOf: x });

/** An output that is float32 whatever the inputs are: statistics and what else needs its precision and range. */
export const inFloat32 = (shape: Shape): TensorSpec => ({ shape, dtype: 'f32' });

/** A shape stands for floats: float16 where all float inputs are (`promotedType`), else float32. */
export type OutputSpec = Shape | TensorSpec;

/** Workgroup counts in x, y and z. */
export type Workgroups = readonly [number, number, number];

/**
 * How much a dispatch runs: workgroups by dimension, or a number of workgroups or of threads, which the kernel's workgroup
 * size turns into workgroups. Large numbers fold into two dimensions (`grid`).
 */
export type DispatchSize = Workgroups | { workgroups: number } | { threads: number };

/** Context of a lowering, which turns one node into dispatches. */
export interface Lowering {
  /** Dispatches a kernel; bindings go by the names in the shader. */
  dispatch<R extends string, W extends string, U extends string, C extends string>(
    kernel: SomeKernel<R, W, U, C>,
    reads: Record<NoInfer<R>, Tensor>,
    writes: Record<NoInfer<W>, Tensor>,
    params: Record<NoInfer<U>, UniformValue>,
    size: DispatchSize,
    options?: {
      /** Values in place of those that `const` declarations of the shader have: compile-time constants. */
      constants?: { [N in NoInfer<C>]?: number };
      /** Tensors read through a binding that covers them, such as a whole arena. */
      alsoReads?: Tensor[];
      /** Which step struct the kernel reads, where parameter groups have their own. Default 0. */
      stepSlot?: number;
    },
  ): void;
  /** Intermediate memory of this node. */
  scratch(shape: Shape, dtype?: DType): Tensor;
  /** 1 when the node must add to what the output already holds instead of overwriting it, else 0. */
  accumulate(output: string): 0 | 1;
  /** Bound in place of an absent optional input: a small readable buffer of zeros. */
  readonly emptyBuffer: Tensor;
  /** Seeds the node's random stream. */
  readonly nodeId: number;
  readonly device: Device;
  readonly training: boolean;
  /** Epilogue fused into output `y`. */
  readonly epilogue?: NodeEpilogue;
}

/** Inputs and outputs of a node by name. Optional inputs may be missing. */
export type NamedTensors = Record<string, any>;

/** Declares to the fusion pass (`compiler/fusion`) how the op fuses. */
export interface Fusion<T = NamedTensors, A = any, O extends string = string> {
  /** Outputs whose kernels can add to existing values (`k.accumulate`). */
  accumulates?: readonly O[];
  /** The kernels can apply an epilogue to output `y` (`k.epilogue`) and then store the values before it too. */
  takesEpilogue?: boolean;
  /** The node as an epilogue of the kernel that computes its input `through`; undefined if it is none. */
  asEpilogue?(tensors: T, attrs: A, through: string): Epilogue | undefined;
  relu?: ReluVariant;
  /** The matrix whose column sums an op computes along with y, as its further output `sums`. */
  withColumnSums?(tensors: T, attrs: A): { of: Tensor; op: Op } | undefined;
  /** The matrix whose column sums are all that the node computes. */
  columnSumsOf?(tensors: T, attrs: A): Tensor | undefined;
  /** y = a + b, for gradients of one tensor. */
  sumsGradients?: true;
}

/** The recorded behaviour of an op, as graph, autodiff and plan see it. */
export interface Op {
  name: string;
  /** Output shapes (and types) from input shapes. */
  shape(inputs: NamedTensors, attrs: any, graph: Graph): Record<string, OutputSpec>;
  /** Dispatches that compute the outputs; absent for views. Inputs and outputs are in one record. */
  lower?(tensors: NamedTensors, attrs: any, k: Lowering): void;
  fusion?: Fusion;
  /**
   * Gradients of the inputs by input name, from inputs, outputs and output gradients (`d` + output name; missing
   * when the output is not used). A missing gradient means zero. `needs` tells which inputs want one.
   */
  backward?:
    | ((tensors: NamedTensors, attrs: any, needs: Record<string, boolean>) => NamedTensors)
    | NotDifferentiable;
}

/** Why an op has no gradient. */
export class NotDifferentiable {
  constructor(
    readonly reason: string,
    /** Whether a gradient that is wanted through the op is an error instead of nothing. */
    readonly isError = false,
  ) {}
}

/** Marks an op as not differentiable: its inputs get no gradient through it. */
export const notDifferentiable = (reason: string): NotDifferentiable => new NotDifferentiable(reason);

/** One application of an op. */
export interface Node {
  index: number;
  op: Op;
  attrs: any;
  inputs: Record<string, Tensor | Tensor[]>;
  outputs: Record<string, Tensor>;
  /** Outputs that add to what their storage already holds (set by fusion). */
  accumulate: Set<string>;
  /** Epilogue fused into output `y` (set by fusion). */
  epilogue?: NodeEpilogue;
}

/** Along one spatial dimension: an output sees `kernel` positions, and neighbouring outputs are `stride` apart, below 1 where images grow. */
export interface Windows {
  kernel: number;
  stride: number;
}

/** Rules of an op for model summaries, from its declaration. */
export interface OpRules {
  /** Multiply-adds of a call, from inputs and outputs by name; 0 unless given. */
  multAdds?(tensors: NamedTensors): number;
  /** Which positions of the input an output sees along a spatial dimension of `[N, C, ...]`; undefined: all of them. */
  receptiveField?(call: Pick<OpCall, 'inputs' | 'attrs' | 'outputs'>, dim: number): Windows | undefined;
}

/** Gives inputs and outputs of a node as its gradient is to see them, when the nodes from `first` on are differentiated. */
export type RecomputationOf = (
  first: number,
  targets: readonly Tensor[],
) => (node: Node, position: number) => NamedTensors;

/** One call of a public op. */
export interface OpCall {
  op: string;
  /** Records the op in another graph. */
  call(inputs: NamedTensors, attrs: any, graph: Graph): Record<string, Tensor>;
  rules: OpRules;
  inputs: NamedTensors;
  attrs: any;
  outputs: Record<string, Tensor>;
  /** Position of the first call that this one made itself: those up to its own are nested in it. */
  first: number;
  /** The first node that it recorded. */
  firstNode: number;
  /** What was called in the place of the op, where that is no op: its tensors and options by name. */
  standsFor?: { name: string; inputs: NamedTensors; attrs: any; outputs: Record<string, Tensor> };
}

/** Throws when values are not what an op can take. */
export type ValueCheck = (values: Float32Array | Int32Array | Uint32Array) => void;

const DTYPES: readonly DType[] = ['f32', 'f16', 'i32', 'bool'];

export interface GraphOptions {
  /** Whether dropout drops and batch norm uses batch statistics. Default false. */
  training?: boolean;
  /** Where the values of a variable lie instead of its own place, such as an average of it; they are not differentiated. */
  valuesOf?(variable: Variable): BufferSlice | undefined;
}

export class Graph {
  readonly nodes: Node[] = [];
  /** The public ops that were recorded; an op that is written with others comes after them. */
  readonly calls: OpCall[] = [];
  readonly inputs = new Map<string, Tensor>();
  /** Value checks by input name. */
  readonly checks = new Map<string, ValueCheck[]>();
  /** Whether what is recorded now is for training. */
  training: boolean;
  private readonly valuesOf: GraphOptions['valuesOf'];
  /** Set when it was compiled, which changes it: once is all. */
  isCompiled = false;
  /** What gradients see of nodes; set where they do not see what the forward pass computed. */
  recomputation: RecomputationOf | undefined;
  /** The node whose gradient is being recorded. */
  differentiating: Node | undefined;
  /** Called after each node is recorded. */
  onNode: ((node: Node) => void) | undefined;
  private readonly variables = new Map<Variable, Tensor>();
  private readonly scalars = new Map<string, Tensor>();

  constructor(options: GraphOptions = {}) {
    checkOptions('Graph', options, ['training', 'valuesOf']);
    this.training = options.training ?? false;
    this.valuesOf = options.valuesOf;
  }

  /** Records what `record` calls in evaluation mode, also within training: no dropout, statistics that stay as they are. */
  evaluating<T>(record: () => T): T {
    const before = this.training;
    this.training = false;
    try {
      return record();
    } finally {
      this.training = before;
    }
  }

  /** A tensor whose values are written before each run. */
  input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    if (typeof name !== 'string') throw inputError('name', showValue(name), 'a text');
    if (!DTYPES.includes(dtype)) throw inputError('dtype', showValue(dtype), DTYPES.join(', '));
    if (this.inputs.has(name)) {
      const got = `${JSON.stringify(name)} for a second input`;
      throw inputError('name', got, 'a name of its own for every input');
    }
    const tensor = this.leaf(shape, dtype, { kind: 'input', name });
    this.inputs.set(name, tensor);
    return tensor;
  }

  /** The tensor of a variable, one per graph; tensors of this graph pass through. */
  tensor(value: TensorLike): Tensor {
    if (value instanceof Tensor) {
      if (value.graph === this) return value;
      throw new GradloomError({
        code: 'argument',
        op: 'Graph.tensor',
        got: `a tensor ${formatShape(value.shape)} of another graph`,
        expected: 'tensors of the graph that is being recorded',
      });
    }
    let tensor = this.variables.get(value);
    if (!tensor) {
      if (!(value instanceof Variable)) throw notATensor('Graph.tensor', value);
      const slice = this.valuesOf?.(value);
      tensor = this.leaf(
        value.shape,
        'f32',
        slice ? { kind: 'external', slice } : { kind: 'variable', variable: value },
      );
      this.variables.set(value, tensor);
    }
    return tensor;
  }

  /** The variables that the graph uses, with their tensors. */
  get usedVariables(): ReadonlyMap<Variable, Tensor> {
    return this.variables;
  }

  /** Values known at compile time, uploaded once. */
  constant(
    data: Float32Array | Int32Array | Uint32Array,
    shape: Shape,
    dtype: DType = data instanceof Float32Array ? 'f32' : 'i32',
  ): Tensor {
    const tensor = this.leaf(shape, dtype, { kind: 'constant', data });
    checkConstant(data, shape);
    return tensor;
  }

  /** A number as a constant without dimensions; equal ones share their memory. */
  scalar(value: number, dtype: 'f32' | 'i32' | 'bool' = 'f32'): Tensor {
    checkNumber(value);
    const key = `${dtype} ${Object.is(value, -0) ? '-0' : value}`;
    let tensor = this.scalars.get(key);
    if (!tensor) {
      const data = dtype === 'i32' ? Int32Array.of(value) : Float32Array.of(value);
      tensor = this.constant(data, [], dtype);
      this.scalars.set(key, tensor);
    }
    return tensor;
  }

  /** Values in an external buffer, such as a data set on the device or an arena. */
  external(slice: BufferSlice, shape: Shape, dtype: DType = 'f32'): Tensor {
    checkSlice(slice);
    return this.leaf(shape, dtype, { kind: 'external', slice });
  }

  /** The same values, without a gradient: `tensor.detach()` of PyTorch. */
  detach(tensor: Tensor): Tensor {
    if (!(tensor instanceof Tensor)) throw notATensor('Graph.detach', tensor);
    return new Tensor(this, tensor.shape, tensor.dtype, tensor.storage);
  }

  /**
   * Checks values as far as the host knows them: constants now, inputs whenever they are written. What the GPU computes
   * is not checked. `check` throws.
   */
  checkValues({ storage: { leaf } }: Tensor, check: ValueCheck): void {
    if (leaf?.kind === 'constant') check(leaf.data);
    if (leaf?.kind === 'input') this.checks.set(leaf.name, [...(this.checks.get(leaf.name) ?? []), check]);
  }

  /** Records one application of an op; outputs by name. */
  apply(op: Op, inputs: NamedTensors, attrs: any): Record<string, Tensor> {
    const node: Node = { index: this.nodes.length, op, attrs, inputs, outputs: {}, accumulate: new Set() };
    const specs = op.shape(inputs, attrs, this);
    for (const [name, spec] of Object.entries(specs)) {
      const { shape, dtype, viewOf } = asSpec(spec, inputs);
      const storage = viewOf?.storage ?? new Storage(bytesOf(shape, dtype));
      node.outputs[name] = new Tensor(this, shape, dtype, storage, node);
    }
    this.nodes.push(node);
    this.onNode?.(node);
    return node.outputs;
  }

  private leaf(shape: Shape, dtype: DType, leaf: Leaf): Tensor {
    if (!Array.isArray(shape) || !shape.every((n) => Number.isSafeInteger(n) && n >= 0)) {
      throw new GradloomError({
        code: 'shape',
        op: 'Graph',
        argument: leaf.kind === 'input' ? leaf.name : 'shape',
        got: showValue(shape),
        expected: 'sizes that are whole numbers from 0',
      });
    }
    return new Tensor(this, [...shape], dtype, new Storage(bytesOf(shape, dtype), leaf));
  }
}

const inputError = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'Graph.input', argument, got, expected });

function asSpec(spec: OutputSpec, inputs: NamedTensors): TensorSpec {
  return 'shape' in spec ? spec : { shape: spec, dtype: promotedType(Object.values(inputs).flat()) };
}

/**
 * The float type of what is computed from tensors: float16 where all floats among them are. As in PyTorch constants,
 * which are its numbers, do not count, and tensors without dimensions only where there are no others.
 */
export function promotedType(values: readonly unknown[]): 'f32' | 'f16' {
  const floats = values.filter(
    (value): value is Tensor =>
      value instanceof Tensor && isFloat(value.dtype) && value.storage.leaf?.kind !== 'constant',
  );
  const dimensioned = floats.filter((tensor) => tensor.rank > 0);
  const decisive = dimensioned.length > 0 ? dimensioned : floats;
  return decisive.length > 0 && decisive.every((tensor) => tensor.dtype === 'f16') ? 'f16' : 'f32';
}
