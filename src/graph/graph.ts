/**
 * A recorded computation: nodes in the order in which they were recorded, which is an order in which they can run.
 * Forward, backward, optimizer and metrics of a step are nodes of one graph.
 */
import { formatShape, GradloomError } from '../errors';
import type { BufferSlice } from '../gpu/buffers';
import type { NodeEpilogue } from './epilogue';
import type { NamedTensors, Op, OutputSpec, TensorLike, TensorSpec } from './op';
import { bytesOf, type Leaf, type Shape, Storage, Tensor } from './tensor';
import { type DType, isFloat, type Variable } from './variable';

/** One application of an op. */
export interface Node {
  index: number;
  op: Op;
  attrs: any;
  inputs: Record<string, Tensor | Tensor[]>;
  outputs: Record<string, Tensor>;
  /** Outputs that add to what their storage already holds (set by the accumulation pass). */
  accumulate: Set<string>;
  /** What is made of output `y` before it is stored (set by the fusion pass). */
  epilogue?: NodeEpilogue;
}

/** One call of a public op. */
export interface OpCall {
  op: string;
  inputs: NamedTensors;
  attrs: any;
  outputs: Record<string, Tensor>;
  /** Position of the first call that this one made itself: those up to its own are nested in it. */
  first: number;
}

/** Throws when values are not what an op can take. */
export type ValueCheck = (values: Float32Array | Int32Array | Uint32Array) => void;

export interface GraphOptions {
  /** Whether dropout drops and batch norm uses batch statistics. Default false. */
  training?: boolean;
}

export class Graph {
  readonly nodes: Node[] = [];
  /** The public ops that were recorded; an op that is written with others comes after them. */
  readonly calls: OpCall[] = [];
  readonly inputs = new Map<string, Tensor>();
  /** What the values of inputs must satisfy, by the input's name. */
  readonly checks = new Map<string, ValueCheck[]>();
  readonly training: boolean;
  private readonly variables = new Map<Variable, Tensor>();

  constructor(options: GraphOptions = {}) {
    this.training = options.training ?? false;
  }

  /** A tensor whose values are written before each run. */
  input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    if (this.inputs.has(name)) {
      throw new GradloomError({ code: 'internal', op: 'Graph.input', got: `a second input named ${name}` });
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
      tensor = this.leaf(value.shape, 'f32', { kind: 'variable', variable: value });
      this.variables.set(value, tensor);
    }
    return tensor;
  }

  /** The variables that the graph uses, with their tensors. */
  get usedVariables(): ReadonlyMap<Variable, Tensor> {
    return this.variables;
  }

  /** Values known at compile time, uploaded once. */
  constant(data: Float32Array | Int32Array | Uint32Array, shape: Shape): Tensor {
    return this.leaf(shape, data instanceof Float32Array ? 'f32' : 'i32', { kind: 'constant', data });
  }

  /** Values that live in a buffer of somebody else, such as a resident data set or an arena. */
  external(slice: BufferSlice, shape: Shape, dtype: DType = 'f32'): Tensor {
    return this.leaf(shape, dtype, { kind: 'external', slice });
  }

  /** The same values, without a gradient: `tensor.detach()` of PyTorch. */
  detach(tensor: Tensor): Tensor {
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
    return node.outputs;
  }

  private leaf(shape: Shape, dtype: DType, leaf: Leaf): Tensor {
    for (const n of shape) {
      if (!Number.isInteger(n) || n < 0) {
        throw new GradloomError({
          code: 'shape',
          op: 'Graph',
          argument: leaf.kind === 'input' ? leaf.name : 'shape',
          got: formatShape(shape),
          expected: 'sizes that are whole numbers from 0',
        });
      }
    }
    return new Tensor(this, [...shape], dtype, new Storage(bytesOf(shape, dtype), leaf));
  }
}

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
