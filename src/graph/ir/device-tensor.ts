/**
 * A tensor with values on a device, outside of any graph: what jitted functions take and give. Ops that are called with
 * one run at once (`applyOp`), on plans of single ops.
 */
import { GradloomError } from '../../errors';
import { type Graph, type Shape, sizeOf, type Tensor } from './graph';
import type { DType } from './variable';

/** Numbers in lists, as deep as the tensor has dimensions. */
export type NestedNumbers = number | NestedNumbers[];

/** An op as a device tensor runs it. */
export interface RecordableOp {
  name: string;
  call(inputs: any, attrs?: object, graph?: Graph): Record<string, Tensor>;
}

/** The inputs of an op by name: what `EagerOperand` says, or lists of that. */
export type OpOperands = Record<string, unknown>;

export abstract class DeviceTensor {
  constructor(
    readonly shape: Shape,
    readonly dtype: DType,
  ) {}

  get size(): number {
    return sizeOf(this.shape);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** The values, row-major: Int32Array for int32, else float32 (bool is 0 or 1). Rejects with the error of its computation. */
  abstract data(): Promise<Float32Array | Int32Array>;

  /** The values in nested lists. */
  abstract array(): Promise<NestedNumbers>;

  /** The only value of a tensor of one element. */
  abstract item(): Promise<number>;

  /** The part at these indices of the first dimensions; negative ones count from the end. */
  abstract at(...indices: number[]): DeviceTensor;

  /** `x[start:end:step]` along a dimension, by Python's rules. */
  abstract slice(start: number, end?: number | null, options?: { dim?: number; step?: number }): DeviceTensor;

  /** Prints the values as PyTorch does. */
  abstract print(): Promise<void>;

  /** Frees the memory now, instead of when nobody refers to the tensor any more. */
  abstract dispose(): void;

  /** Runs an op on this and other values; outputs by name. */
  abstract applyOp(op: RecordableOp, inputs: OpOperands, attrs: object): Record<string, DeviceTensor>;

  /** Values have no graph. @throws GradloomError */
  get graph(): never {
    throw new GradloomError({
      code: 'argument',
      op: 'DeviceTensor.graph',
      got: 'a tensor on the device',
      expected: 'a symbolic tensor, whose operations are recorded',
      fix: 'Call the function through jit(device, fn) or evaluate(device, fn, ...)',
    });
  }
}
