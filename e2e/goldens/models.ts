/** What the entries of fixtures/models/models.json start from: weights and inputs that follow from their names (models.py). */
import type { Module } from '../../src/nn/module';

/** One model in PyTorch: `values` is every `step`-th output, `norm` the Euclidean norm of all. */
export interface ModelEntry {
  spec: { type: string } & Record<string, unknown>;
  input: number[];
  /** In training mode the outputs that are graded lie side by side. */
  training: boolean;
  parameters: number;
  output: number[];
  norm: number;
  step: number;
  values: number[];
}

export interface ModelFixture {
  /** Inputs of token models are in `0 .. tokens - 1`. */
  tokens: number;
  entries: ModelEntry[];
}

/** Uniform in [-1, 1): a hash (murmur3's finalizer) of the position, started from the name's FNV-1a hash. */
function values(name: string, count: number): Float64Array {
  let seed = 0x811c9dc5;
  for (const letter of name) seed = Math.imul(seed ^ letter.charCodeAt(0), 0x01000193);
  const result = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b9) + seed) | 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    result[i] = ((h ^ (h >>> 16)) >>> 0) / 2 ** 31 - 1;
  }
  return result;
}

/** Fills all parameters and buffers: kaiming-uniform weights, norms near the identity, small biases. */
export function fillModel(model: Module): void {
  for (const variable of model.variables()) {
    const { name, shape } = variable;
    const fanIn = shape.slice(1).reduce((product, n) => product * n, 1);
    const [center, spread] = name.endsWith('running_var')
      ? [1, 0.5]
      : shape.length > 1
        ? [0, Math.sqrt(6 / fanIn)]
        : [name.endsWith('weight') ? 1 : 0, 0.1];
    variable.data = Float32Array.from(values(name, variable.size), (u) => center + spread * u);
  }
}

/** The input of an entry; those of rank 2 are tokens. */
export function inputOf({ input }: ModelEntry, tokens: number): Float32Array {
  const size = input.reduce((product, n) => product * n, 1);
  const toToken = (u: number) => Math.floor((Math.fround(u) + 1) * (tokens / 2));
  return Float32Array.from(values('x', size), (u) => (input.length === 2 ? toToken(u) : u));
}
