/** Reads weights of any format that we know, told by the first bytes. */
import { bytesOf } from './bytes';
import { readNpz } from './numpy';
import { readSafetensors } from './safetensors';
import type { StateDict } from './state-dict';
import { readTorch, type TorchOptions } from './torch';
import { isZip, readZip } from './zip';

/**
 * A state dict from safetensors, from `torch.save` (`.pt`, `.pth`) or from NumPy (`.npz`); see `readSafetensors`, `readTorch`
 * and `readNpz`. A page that needs one format loads less with the reader of that format.
 * @param name shown in errors, for example the file's name
 * @param options of `readTorch`
 * @throws GradloomError (code `data`) as these readers do.
 */
export async function readWeights(
  given: Uint8Array | ArrayBuffer,
  name = 'file',
  options: TorchOptions = {},
): Promise<StateDict> {
  const bytes = bytesOf(given, 'readWeights', name);
  if (isZip(bytes)) return isNpz(bytes) ? readNpz(bytes, name) : readTorch(bytes, name, options).tensors;
  return bytes[0] === 0x80 && bytes[8] !== 0x7b
    ? readTorch(bytes, name, options).tensors
    : readSafetensors(bytes, name).tensors;
}

/** Damaged archives go to the reader of torch.save, which says what is wrong. */
function isNpz(bytes: Uint8Array): boolean {
  try {
    const names = [...readZip(bytes, (got) => new Error(got)).keys()];
    return names.every((name) => name.endsWith('.npy'));
  } catch {
    return false;
  }
}
