/** Constant arrays of a model: written once each, as base64, at the end of model.py. */
import { GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';

/** How values are stored here, and the type that they get. */
const TYPES: Record<string, string> = {
  f32: 'torch.float32, torch.float32',
  f16: 'torch.float32, torch.float16',
  i32: 'torch.int32, torch.int64',
  bool: 'torch.float32, torch.bool',
};

export class ConstantTable {
  private readonly known = new Map<string, { name: string; text: string; tensor: Tensor; shape: number[] }>();

  /**
   * The attribute of a module for a constant, and the line that registers it.
   * @param fixed dimensions that do not follow the batch; along the others all entries have to be the same, and one is kept
   */
  add(tensor: Tensor, fixed: readonly boolean[]): { name: string; line: string } {
    const { leaf } = tensor.storage;
    if (leaf?.kind !== 'constant') throw new Error('internal: no constant');
    const shape = tensor.shape.map((size, d) => (fixed[d] ? size : 1));
    const data = sliceOf(leaf.data, tensor.shape, shape);
    const text = base64(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    const key = `${tensor.dtype} ${shape} ${text}`;
    let found = this.known.get(key);
    if (!found) {
      found = { name: `constant${this.known.size + 1}`, text, tensor, shape };
      this.known.set(key, found);
    }
    const { name } = found;
    return { name, line: `self.register_buffer("${name}", constant("${name}"), persistent=False)` };
  }

  get isEmpty(): boolean {
    return this.known.size === 0;
  }

  /** The function that decodes them, and the table. */
  get lines(): string[] {
    const entries = [...this.known.values()].flatMap(({ name, text, tensor, shape }) => {
      const chunks = text.match(/.{1,88}/g) ?? [''];
      return [
        `    "${name}": (`,
        ...TYPES[tensor.dtype].split(', ').map((type) => `        ${type},`),
        `        (${shape.map((size) => `${size},`).join(' ')}),`,
        ...chunks.map((chunk, i) => `        "${chunk}"${i === chunks.length - 1 ? ',' : ''}`),
        '    ),',
      ];
    });
    return ['CONSTANTS = {', ...entries, '}'];
  }
}

/** The first entries along the dimensions that are cut to 1. */
function sliceOf<T extends Float32Array | Int32Array | Uint32Array>(
  data: T,
  from: readonly number[],
  to: readonly number[],
): T {
  if (from.join() === to.join()) return data;
  const size = to.reduce((product, n) => product * n, 1);
  checkRepeats(data, from, to);
  const result = data.slice(0, size) as T;
  for (let i = 0; i < size; i++) {
    let [rest, at, stride] = [i, 0, 1];
    for (let d = to.length - 1; d >= 0; d--) {
      at += (rest % to[d]) * stride;
      rest = Math.floor(rest / to[d]);
      stride *= from[d];
    }
    result[i] = data[at];
  }
  return result;
}

/** @throws GradloomError `unsupported` where entries along the batch differ. */
function checkRepeats(data: ArrayLike<number>, from: readonly number[], to: readonly number[]): void {
  for (let i = 0; i < data.length; i++) {
    let [rest, at, stride] = [i, 0, 1];
    for (let d = from.length - 1; d >= 0; d--) {
      if (to[d] !== 1) at += (rest % from[d]) * stride;
      rest = Math.floor(rest / from[d]);
      stride *= from[d];
    }
    if (Object.is(data[i], data[at])) continue;
    throw new GradloomError({
      ...{ code: 'unsupported', op: 'exportTorch', argument: 'model' },
      got: `a constant [${from}] with other values for each sample of the batch`,
      expected: 'constants that are the same for every sample',
    });
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}
