/** PyTorch's own spellings of what ops and arguments are called here: `leaky_relu`, `negative_slope`, `axis`. */
import type { OpInfo } from '../../src/graph/ir/op';
import { findOp } from '../../src/ops/registry';

/** `negative_slope` as `negativeSlope`, `weight_ih_l0` as `weightIhL0`. */
const camelCase = (name: string) =>
  name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Names that PyTorch takes for others, or that differ between a function and the method of the same name. */
const SYNONYMS: Record<string, readonly string[]> = {
  axis: ['dim', 'dims'],
  axes: ['dim', 'dims'],
  dim: ['dims'],
  dims: ['dim'],
  keepdims: ['keepdim'],
  splitSize: ['splitSizeOrSections'],
  splitSizes: ['splitSizeOrSections'],
  padding: ['pad'],
  repeats: ['sizes'],
  shape: ['size', 'sizes'],
  size: ['shape', 'sizes'],
  sizes: ['size', 'shape'],
  axis0: ['dim0'],
  axis1: ['dim1'],
};

/** An op by any of its names, also with underscores. */
export const opNamed = (name: unknown): OpInfo | undefined =>
  typeof name === 'string' ? (findOp(name) ?? findOp(camelCase(name))) : undefined;

/** The names that `info` has for those in a request; what it does not know stays, for its error to name. */
export function attributeName(info: OpInfo, name: string): string {
  const known = (candidate: string) => candidate in info.attrs.shape;
  const plain = camelCase(name);
  if (known(name) || info.inputs.some((input) => input.name === plain)) return plain;
  if (plain in info.inputAliases) return plain;
  return [plain, ...(SYNONYMS[plain] ?? [])].find(known) ?? name;
}

/** The name of an input in a request. */
export function inputName(info: OpInfo, name: string, attrs: object): string {
  const plain = camelCase(name);
  const inputs = [...info.inputs, ...info.moreInputs(attrs)];
  return inputs.some((input) => input.name === plain) || plain in info.inputAliases ? plain : name;
}
