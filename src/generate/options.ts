/** What generation can be asked for, with defaults and checks. */
import { checkCount, checkOptions, checkSeed } from '../checks';
import { GradloomError, showValue, unknownName } from '../errors';

/** The most probable token at each step. */
export interface GreedyStrategy {
  type: 'greedy';
}

/** Tokens drawn at random; temperature first, then `topK`, then `topP` of what is left. */
export interface SampleStrategy {
  type: 'sample';
  /** Divides the logits: below 1 the likely tokens gain, above 1 the unlikely ones. Default 1. */
  temperature?: number;
  /** Draws from the k most probable tokens only. */
  topK?: number;
  /** Draws from the fewest most probable tokens whose probabilities sum to at least p (Holtzman et al. 2019). */
  topP?: number;
  /** Of the random numbers; sequence i of a call has a stream of its own. Default 0. */
  seed?: number;
}

/** The best of several sequences that are followed side by side. */
export interface BeamStrategy {
  type: 'beam';
  /** Sequences that are followed. Default 4. */
  beams?: number;
  /**
   * The alpha of the length penalty of GNMT (Wu et al. 2016, equation 14, without coverage): sequences of n tokens,
   * end token included, are ranked by log probability / ((5 + n) / 6)^alpha. 0 (default) ranks by probability.
   */
  lengthPenalty?: number;
}

export type Strategy = GreedyStrategy | SampleStrategy | BeamStrategy;

export interface GenerateOptions {
  /** How tokens are chosen, by name or with options. Default `'greedy'`. */
  strategy?: Strategy | Strategy['type'];
  /** Most tokens that follow the prompt. Default 100. */
  maxNewTokens?: number;
  /** A sequence ends with this token, which is not part of the result. */
  endToken?: number;
  /** What an encoder-decoder reads: one source per prompt. */
  sources?: readonly (readonly number[])[];
  /** Prompts that are decoded at once. Default 32. */
  batchSize?: number;
  /**
   * What happens where the model's positions end: `'error'` (default) refuses before anything runs; `'slide'` goes on
   * from the last half of the positions (not with beams).
   */
  onFull?: 'error' | 'slide';
  /** Called for each new token as it is chosen, with the index of its prompt; not with beams. */
  onToken?(token: number, prompt: number): void;
  /** Ends generation after the current step; what there is by then is returned. */
  signal?: AbortSignal;
}

/** A sequence that was found. */
export interface Hypothesis {
  /** The tokens after the prompt, without the end token. */
  tokens: number[];
  /** Sum of the log probabilities of its tokens (end token included) under the model. */
  logProbability: number;
  /** What beams rank by: `logProbability` over the length penalty; else `logProbability`. */
  score: number;
  /** Whether the end token came before `maxNewTokens`. */
  ended: boolean;
}

/** What was generated for one prompt. */
export interface Generated extends Hypothesis {
  /** With beams: all that were followed to their end, the best first. */
  alternatives?: Hypothesis[];
}

/** A strategy with its defaults. */
export type CheckedStrategy =
  | GreedyStrategy
  | (SampleStrategy & { temperature: number; seed: number })
  | Required<BeamStrategy>;

/** Fills in defaults. @throws GradloomError (code `argument`) for options out of range. */
export function checkStrategy(given: GenerateOptions['strategy'] = 'greedy'): CheckedStrategy {
  const strategy = (typeof given === 'string' ? { type: given } : given) as Strategy;
  switch (strategy?.type) {
    case 'greedy':
      checkOptions('generate', strategy, ['type']);
      return strategy;
    case 'sample': {
      checkOptions('generate', strategy, ['type', 'temperature', 'topK', 'topP', 'seed']);
      const { temperature = 1, topK, topP, seed = 0 } = strategy;
      if (!(temperature > 0 && temperature < Number.POSITIVE_INFINITY)) {
        throw optionError(
          'temperature',
          temperature,
          'a number above 0',
          "For the most probable token use 'greedy'",
        );
      }
      if (topK !== undefined) checkCount('generate', 'topK', topK);
      checkSeed('generate', seed);
      if (topP !== undefined && !(topP > 0 && topP <= 1)) {
        throw optionError('topP', topP, 'a probability above 0 and at most 1');
      }
      return { type: 'sample', temperature, topK, topP, seed };
    }
    case 'beam': {
      checkOptions('generate', strategy, ['type', 'beams', 'lengthPenalty']);
      const { beams = 4, lengthPenalty = 0 } = strategy;
      checkCount('generate', 'beams', beams);
      if (!Number.isFinite(lengthPenalty))
        throw optionError('lengthPenalty', lengthPenalty, 'a finite number');
      return { type: 'beam', beams, lengthPenalty };
    }
    default: {
      const { type } = (strategy ?? {}) as { type?: unknown };
      throw unknownName('generate', 'strategy', type, ['greedy', 'sample', 'beam']);
    }
  }
}

/** An error about an argument of `generate`. */
export function optionError(argument: string, got: unknown, expected: string, fix?: string): GradloomError {
  return new GradloomError({
    code: 'argument',
    op: 'generate',
    argument,
    got: typeof got === 'string' ? got : showValue(got),
    expected,
    fix,
  });
}
