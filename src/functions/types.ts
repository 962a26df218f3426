/** Types of functions of tensors, and of what they become on a device. */
import type { TensorData } from '../data/host-tensor';
import type { DeviceTensor } from '../graph/ir/device-tensor';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';

/** What stands for an argument where a function runs on values: tensors in lists and records become values. */
export type Values<T> = T extends Tensor
  ? DeviceTensor | Variable | TensorData | Tensor
  : T extends readonly unknown[]
    ? { [K in keyof T]: Values<T[K]> }
    : T extends Record<string, unknown>
      ? { [K in keyof T]: Values<T[K]> }
      : T;

/** What a result becomes where a function runs on values. */
export type Results<T> = T extends Tensor
  ? DeviceTensor
  : T extends readonly unknown[]
    ? { [K in keyof T]: Results<T[K]> }
    : T extends Record<string, unknown>
      ? { [K in keyof T]: Results<T[K]> }
      : T;
