/**
 * What a model that can be decoded token by token offers, and what it is given for it. The model records one step
 * with symbolic tensors, as `forward` does; `src/generate` compiles, keeps the state in GPU buffers and runs it.
 */
import type { Shape, Tensor } from '../graph/ir/graph';
import { Module } from './module';

/** What one decoding step works on: N sequences, T new tokens of each (padded at the end), and state. */
export interface DecodeContext {
  /** The new tokens, int32 `[N, T]`. */
  readonly tokens: Tensor;
  /** Position of each new token in its sequence, from 0; -1 at padding. int32 `[N, T]`. */
  readonly positions: Tensor;
  /** Number of new tokens of each sequence, int32 `[N]`, at least 1. */
  readonly lengths: Tensor;
  /** The sequence that each sequence continues, int32 `[N]`: beams branch off one another. */
  readonly parents: Tensor;
  /** Which sequence wrote the state of each position, int32 `[N, capacity]`: for state that stays where it is. */
  readonly sources: Tensor;
  /** State as the step before left it; zeros at first. */
  state(name: string): Tensor;
  /** The state of the sequences that are continued: row `parents[n]` for sequence n, along dimension `dim`. */
  continued(name: string, dim: number): Tensor;
  /** Keeps `value` as the state of this name; recorded after all that reads the old one. */
  keep(name: string, value: Tensor): void;
  /** From `[N, T, ...]` what belongs to each sequence's last new token, `[N, ...]`. */
  last(x: Tensor): Tensor;
}

/** Sizes that state depends on. */
export interface DecodeSizes {
  /** Sequences that are decoded side by side. */
  rows: number;
  /** Most positions of a sequence. */
  capacity: number;
  /** Positions of the source, for models that have one. */
  sourceLength: number;
}

/** A model whose next token depends on the tokens before it. */
export abstract class Decodable extends Module {
  /** Number of tokens that it knows. */
  abstract readonly vocabSize: number;
  /** Most positions of a sequence; undefined where there is no limit. */
  readonly maxPositions?: number;

  /** `forward` gives logits `[N, T, vocabSize]`. */
  override get classesLast() {
    return true;
  }

  /** Shapes of the state that is kept from step to step, by name. */
  abstract decodeState(sizes: DecodeSizes): Record<string, Shape>;

  /** Records one step: logits `[N, vocabSize]` of the token that follows each sequence. */
  abstract decode(context: DecodeContext): Tensor;
}

/** A decodable model that first reads a source: `encode` fills state that all decoding steps read. */
export abstract class EncoderDecoder extends Decodable {
  /** Number of tokens that sources are made of. */
  abstract readonly sourceVocabSize: number;
  /** Most positions of a source; undefined where there is no limit. */
  readonly maxSourceLength?: number;

  /** Records the reading of sources, int32 `[N, sourceLength]`, padded at the end with token 0. */
  abstract encode(source: Tensor, context: Pick<DecodeContext, 'keep'>): void;
}
