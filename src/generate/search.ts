/** The strategies as state machines on the host: each is told the logits of its sequences and says how they go on. */
import { Random } from '../random';
import {
  type BeamStrategy,
  checkStrategy,
  type Generated,
  type GenerateOptions,
  type Hypothesis,
} from './options';
import { argmax, descending, draw, logSoftmax, samplingDistribution } from './sampling';

/** How the sequences of a search go on: the token of each, and which of the sequences before it follows. */
export interface Continuation {
  tokens: number[];
  parents: number[];
}

/** The search for what follows one prompt. */
export interface Search {
  /** Sequences that it follows side by side. */
  readonly width: number;
  /**
   * Takes the logits after each of its sequences; nothing when the search is over.
   * @throws GradloomError (code `data`) for logits that are NaN, as those of a model that has diverged.
   */
  advance(logits: (sequence: number) => ArrayLike<number>): Continuation | undefined;
  /** What it has found so far. */
  result(): Generated;
}

/** What all searches of a call share. */
export interface SearchOptions {
  maxNewTokens: number;
  endToken?: number;
}

/** A function that makes the search for the prompt of an index. @throws as `checkStrategy`. */
export function searchFor(
  strategy: GenerateOptions['strategy'],
  options: SearchOptions,
  onToken?: GenerateOptions['onToken'],
): (prompt: number) => Search {
  const checked = checkStrategy(strategy);
  if (checked.type === 'beam') return () => new BeamSearch(checked, options);
  return (prompt) => {
    const heard = (token: number) => onToken?.(token, prompt);
    if (checked.type === 'greedy') return new SingleSearch(argmax, options, heard);
    const random = new Random(checked.seed, `generate ${prompt}`);
    return new SingleSearch((logits) => draw(samplingDistribution(logits, checked), random), options, heard);
  };
}

/** One sequence; `choose` picks each token from the logits. */
export class SingleSearch implements Search {
  readonly width = 1;
  private readonly tokens: number[] = [];
  private logProbability = 0;
  private ended = false;

  constructor(
    private readonly choose: (logits: ArrayLike<number>) => number,
    private readonly options: SearchOptions,
    private readonly onToken?: (token: number) => void,
  ) {}

  advance(logits: (sequence: number) => ArrayLike<number>): Continuation | undefined {
    const values = logits(0);
    const logProbabilities = logSoftmax(values);
    const token = this.choose(values);
    this.logProbability += logProbabilities[token];
    if (token === this.options.endToken) {
      this.ended = true;
      return undefined;
    }
    this.tokens.push(token);
    this.onToken?.(token);
    return this.tokens.length < this.options.maxNewTokens ? { tokens: [token], parents: [0] } : undefined;
  }

  result(): Generated {
    const { tokens, logProbability, ended } = this;
    return { tokens: [...tokens], logProbability, score: logProbability, ended };
  }
}

/**
 * Beam search: of all continuations of the live sequences the best stay, as many as there are beams; one that has
 * ended keeps its beam, so that the search is over when all have ended. One beam is greedy search, and as many beams
 * as there are sequences find the best of all. Sources: Sutskever et al., "Sequence to Sequence Learning with Neural
 * Networks", 2014, section 3.2; length penalty: Wu et al., "Google's Neural Machine Translation System", 2016.
 */
export class BeamSearch implements Search {
  readonly width: number;
  private live: { tokens: number[]; logProbability: number }[] = [{ tokens: [], logProbability: 0 }];
  private readonly done: Hypothesis[] = [];

  constructor(
    private readonly strategy: Required<BeamStrategy>,
    private readonly options: SearchOptions,
  ) {
    this.width = strategy.beams;
  }

  advance(logits: (sequence: number) => ArrayLike<number>): Continuation | undefined {
    const { endToken, maxNewTokens } = this.options;
    const scores = this.live.map(({ logProbability }, parent) =>
      logSoftmax(logits(parent)).map((value) => value + logProbability),
    );
    const wanted = this.width - this.done.length;
    const candidates = scores
      .flatMap((row, parent) =>
        descending(row)
          .slice(0, wanted)
          .map((token) => ({ parent, token, logProbability: row[token] })),
      )
      .sort((a, b) => b.logProbability - a.logProbability)
      .slice(0, wanted);
    const next: { parent: number; token: number; tokens: number[]; logProbability: number }[] = [];
    for (const { parent, token, logProbability } of candidates) {
      const { tokens } = this.live[parent];
      if (token === endToken) this.done.push(this.hypothesis(tokens, logProbability, true));
      else next.push({ parent, token, tokens: [...tokens, token], logProbability });
    }
    this.live = next;
    if (next.length === 0 || next[0].tokens.length >= maxNewTokens) return undefined;
    return { tokens: next.map(({ token }) => token), parents: next.map(({ parent }) => parent) };
  }

  result(): Generated {
    const open = this.live.map(({ tokens, logProbability }) =>
      this.hypothesis(tokens, logProbability, false),
    );
    const alternatives = [...this.done, ...open].sort((a, b) => b.score - a.score);
    return { ...alternatives[0], alternatives };
  }

  private hypothesis(tokens: number[], logProbability: number, ended: boolean): Hypothesis {
    const length = tokens.length + (ended ? 1 : 0);
    const score = logProbability / ((5 + length) / 6) ** this.strategy.lengthPenalty;
    return { tokens, logProbability, score, ended };
  }
}
