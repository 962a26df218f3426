/** The form in which weights leave and enter a model: by PyTorch's parameter names, on the host. */

/** A tensor on the host: `data.length` is the product of `shape`; row-major, as in PyTorch. */
export interface HostTensor {
  shape: readonly number[];
  data: Float32Array;
}

/** Tensors by PyTorch's `state_dict()` keys, for example `conv1.weight`. */
export type StateDict = Record<string, HostTensor>;
