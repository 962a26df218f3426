/**
 * The recorded behaviour of an op, as graph, autodiff and plan see it: shape rule, lowering to dispatches, backward.
 */
import type { Device } from '../gpu/device';
import type { Kernel, UniformValue } from '../kernels/kernel';
import type { AsEpilogue, NodeEpilogue } from './epilogue';
import type { Graph } from './graph';
import type { Shape, Tensor } from './tensor';
import type { DType, Variable } from './variable';

/** What ops accept as an input: a symbolic tensor, or a parameter that the graph turns into one. */
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

/** What a lowering may use: it turns one node into dispatches. */
export interface Lowering {
  /** Dispatches a kernel; bindings go by the names in the shader. */
  run<R extends string, W extends string, U extends string, O extends string>(
    kernel: Kernel<R, W, U, O>,
    reads: Record<NoInfer<R>, Tensor>,
    writes: Record<NoInfer<W>, Tensor>,
    params: Record<NoInfer<U>, UniformValue>,
    workgroups: Workgroups,
    options?: {
      overrides?: Partial<Record<NoInfer<O>, number>>;
      /** Values for `const` declarations of the shader that are specialized by name. */
      constants?: Record<string, number>;
      /** Tensors read through a binding that covers them, such as a whole arena. */
      alsoReads?: Tensor[];
    },
  ): void;
  /** A temporary of this node. */
  temp(shape: Shape, dtype?: DType): Tensor;
  /** 1 when the node must add to what the output already holds instead of overwriting it, else 0. */
  accumulate(output: string): 0 | 1;
  /** Stands for an optional input that is absent: a small readable buffer of zeros. */
  readonly none: Tensor;
  /** Tells the random streams of nodes in one graph apart. */
  readonly nodeId: number;
  readonly device: Device;
  readonly training: boolean;
  /** What the node makes of output `y` before it is stored. */
  readonly epilogue?: NodeEpilogue;
}

/** Inputs and outputs of a node by name. Optional inputs may be missing. */
export type NamedTensors = Record<string, any>;

/**
 * What fusion with relu asks of an op: an attribute `relu`. With `takesRelu` the op also has an optional input `residual`,
 * and its backward, which reads the output `stats`, attributes `relu` and `residual`, an optional input `y` and an output
 * `dresidual`. A backward of an op that selects reads the output `index`, which then says where no gradient passes.
 */
export interface FusedBackward {
  /** Name of the backward op. */
  backward: string;
}

/** The recorded behaviour of an op, as graph, autodiff and plan see it. */
export interface Op {
  name: string;
  /** Output shapes (and types) from input shapes. */
  shape(inputs: NamedTensors, attrs: any, graph: Graph): Record<string, OutputSpec>;
  /** Dispatches that compute the outputs; absent for views. Inputs and outputs are in one record. */
  lower?(tensors: NamedTensors, attrs: any, k: Lowering): void;
  /** Outputs whose kernels can add to existing values (`k.accumulate`). */
  accumulates?: readonly string[];
  /** The kernels can apply an epilogue to output `y` (`k.epilogue`) and then store the values before it too. */
  takesEpilogue?: boolean;
  /** What a node of this op is as the epilogue of the node that computes one of its inputs; undefined if it is none. */
  asEpilogue?(tensors: NamedTensors, attrs: any): AsEpilogue | undefined;
  /** Its kernels can also compute a residual addition and relu behind the output `y` (fuse-relu.ts). */
  takesRelu?: FusedBackward;
  /** Each element of its output `y` is one of its input `x`; its kernels can also take relu(x) (fuse-relu.ts). */
  selects?: FusedBackward;
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
  constructor(readonly reason: string) {}
}

/** Marks an op as not differentiable: its inputs get no gradient through it. */
export const notDifferentiable = (reason: string): NotDifferentiable => new NotDifferentiable(reason);
