/** The modules of modules.json, whose PyTorch outputs and gradients are in fixtures/models/modules.json (see modules.py). */

import type { Tensor } from '../../src/graph/ir/graph';
import { Graph } from '../../src/graph/ir/graph';
import * as nn from '../../src/nn';
import type { EncodedArray } from '../../src/reference/fixtures';

/** Zeros and ones, of which 1 hides, or numbers that are added to the scores. */
interface Mask {
  shape: number[];
  values: number[];
  additive?: boolean;
}

/** One module with one set of inputs. */
export interface ModuleCase {
  name: string;
  /** Class in torch.nn. */
  type: string;
  /** Arguments by position; for stacks of layers sizes and their number. */
  args: (number | number[])[];
  options?: Record<string, unknown>;
  inputs: Record<string, number[]>;
  masks?: Record<string, Mask>;
  causal?: boolean;
  /** Whether the attention weights are an output, and whether as the mean over the heads. */
  weights?: boolean;
  averageAttnWeights?: boolean;
  /** What its weight is computed by. */
  parametrize?: 'weightNorm' | 'spectralNorm';
  /** Of the sequences of a recurrent module. */
  lengths?: number[];
}

/** What PyTorch gives for it. */
export interface ModuleGolden {
  name: string;
  outputs: Record<string, EncodedArray>;
  /** By input name and state_dict key. */
  gradients: Record<string, EncodedArray>;
}

/** Numbers in [-0.5, 0.5) that look random: a hash of the name and the position, multiples of 2^-24. */
export function pattern(name: string, size: number): Float32Array {
  let start = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) start = Math.imul(start ^ name.charCodeAt(i), 0x01000193);
  return Float32Array.from({ length: size }, (_, i) => {
    let x = (start + Math.imul(i, 2654435761)) >>> 0;
    x = Math.imul(x ^ (x >>> 15), 2246822519) >>> 0;
    x = Math.imul(x ^ (x >>> 13), 3266489917) >>> 0;
    return (x >>> 8) / 2 ** 24 - 0.5;
  });
}

/** The module, with the weights that belong to its state_dict keys. */
export function buildModule({ type, args, options = {}, parametrize }: ModuleCase): nn.Module {
  const [a, b, count, more] = args as number[];
  const layers = <L>(make: () => L) => Array.from({ length: count }, make);
  const makers: Record<string, () => nn.Module> = {
    MultiheadAttention: () => new nn.MultiheadAttention(a, b, options),
    TransformerEncoderLayer: () => new nn.TransformerEncoderLayer(a, b, options),
    TransformerDecoderLayer: () => new nn.TransformerDecoderLayer(a, b, options),
    TransformerEncoder: () =>
      new nn.TransformerEncoder(
        layers(() => new nn.TransformerEncoderLayer(a, b, options)),
        new nn.LayerNorm(a),
      ),
    TransformerDecoder: () =>
      new nn.TransformerDecoder(
        layers(() => new nn.TransformerDecoderLayer(a, b, options)),
        new nn.LayerNorm(a),
      ),
    Transformer: () =>
      new nn.Transformer({
        ...{ dModel: a, nhead: b, numEncoderLayers: count, numDecoderLayers: more },
        ...options,
      }),
    LSTM: () => new nn.LSTM(a, b, options),
    GRU: () => new nn.GRU(a, b, options),
    RNN: () => new nn.RNN(a, b, options),
  };
  const plain = () =>
    new (nn as unknown as Record<string, new (...args: unknown[]) => nn.Module>)[type](...args, options);
  const module = (makers[type] ?? plain)();
  if (parametrize === 'weightNorm') nn.weightNorm(module);
  if (parametrize === 'spectralNorm') {
    nn.spectralNorm(module, 'weight', { dim: type.includes('Transpose') ? 1 : 0 });
  }
  for (const [name, variable] of module.namedVariables()) variable.data = pattern(name, variable.size);
  return module;
}

/** A mask as a tensor of the graph, with its values. */
function maskTensor(graph: Graph, { shape, values, additive }: Mask, name: string, feeds: Feeds): Tensor {
  feeds[name] = Float32Array.from(values);
  return graph.input(name, shape, additive ? 'f32' : 'bool');
}

/** Values of a graph's inputs. */
export type Feeds = Record<string, Float32Array>;

/** Records the module; outputs, inputs and what to feed. */
export function recordModule(moduleCase: ModuleCase, module: nn.Module) {
  const graph = new Graph({ training: true });
  const feeds: Feeds = {};
  const inputs = Object.entries(moduleCase.inputs).map(([name, shape]) => {
    const tensor = graph.input(name, shape);
    feeds[name] = pattern(name, tensor.size).map((value) => 2 * value);
    return [name, tensor] as const;
  });
  const given = Object.fromEntries(
    Object.entries(moduleCase.masks ?? {}).map(([name, mask]) => [
      name,
      maskTensor(graph, mask, name, feeds),
    ]),
  );
  const masks = { ...given, isCausal: moduleCase.causal };
  const x = inputs.map(([, tensor]) => tensor);
  let outputs: Record<string, Tensor>;
  if (module instanceof nn.MultiheadAttention) {
    const [query, key = query, value = key] = x;
    outputs = moduleCase.weights
      ? module.forwardWithWeights(query, key, value, masks, moduleCase)
      : { y: module.forward(query, key, value, masks) };
  } else if (module instanceof nn.TransformerDecoderLayer || module instanceof nn.TransformerDecoder) {
    outputs = { y: module.forward(x[0], x[1], masks, { keyPaddingMask: given.memoryKeyPaddingMask }) };
  } else if (module instanceof nn.TransformerEncoderLayer || module instanceof nn.TransformerEncoder) {
    outputs = { y: module.forward(x[0], masks) };
  } else if (module instanceof nn.Transformer) {
    const src = { attnMask: given.srcAttnMask, keyPaddingMask: given.srcKeyPaddingMask };
    const memory = { keyPaddingMask: given.memoryKeyPaddingMask };
    outputs = { y: module.forward(x[0], x[1], { src, tgt: masks, memory }) };
  } else if (module instanceof nn.LSTMCell) {
    outputs = module.forward(x[0], x[1], x[2]);
  } else if (!(module instanceof nn.LSTM || module instanceof nn.GRU || module instanceof nn.RNN)) {
    outputs = { y: module.forward(x[0], ...x.slice(1)) };
  } else {
    const { h0, c0 } = Object.fromEntries(inputs);
    const { y, hn, cn } = (module as nn.LSTM).forward(x[0], { h0, c0, lengths: moduleCase.lengths });
    outputs = cn ? { y, hn, cn } : { y, hn };
  }
  return { graph, inputs: Object.fromEntries(inputs), outputs, feeds };
}
