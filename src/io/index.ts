/** Files of weights and arrays: safetensors, PyTorch's own, NumPy. */
export { type NumpyArray, type NumpyValues, readNpy, readNpz, writeNpy, writeNpz } from './numpy';
export type { TorchValue } from './python-values';
export { readSafetensors, type SafetensorsFile, writeSafetensors } from './safetensors';
export type { HostTensor, StateDict } from './state-dict';
export { readTorch, type TorchFile, type TorchOptions } from './torch';
export { TorchTensor } from './torch-tensors';
export { readWeights } from './weights';
