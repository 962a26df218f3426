/** A long text as training data: windows of neighbouring tokens, each predicting the token after it. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import { type AnyTypedArray, wholesOf } from '../../numbers';
import { checkToken } from './tokenizer';

export interface TokenWindowsOptions {
  /** Tokens per window. */
  blockSize: number;
  /** Number of tokens that exist. */
  vocabSize: number;
  /** Tokens from the start of a window to the start of the next; default 1, so that windows start everywhere. */
  stride?: number;
  /** Shown in logs and errors; default `text`. */
  name?: string;
}

const OPTIONS = ['blockSize', 'vocabSize', 'stride', 'name', 'tokens', 'length'];

/**
 * Sample i is `x = tokens[i * stride ..][0 .. blockSize - 1]` with the target `y`, the same one token later. The text
 * is kept once, on the host and on the GPU: windows are cut out of it by a kernel.
 */
export class TokenWindows {
  readonly tokens: Int32Array;
  readonly blockSize: number;
  readonly vocabSize: number;
  readonly stride: number;
  readonly name: string;
  /** Number of windows. */
  readonly length: number;

  /**
   * @throws GradloomError (code `data`): a text shorter than one window and its target, a token out of vocabulary
   * (says where); code `argument`: sizes that are not whole numbers from 1.
   */
  constructor(
    /** The text's tokens, in a typed array or a list; an Int32Array is kept, not copied. */
    given: AnyTypedArray | readonly number[],
    options: TokenWindowsOptions,
  ) {
    checkOptions('TokenWindows', options ?? null, OPTIONS);
    const { blockSize, vocabSize, stride = 1, name = 'text' } = options;
    for (const [argument, value] of Object.entries({ blockSize, vocabSize, stride })) {
      checkCount('TokenWindows', argument, value);
    }
    const tokens = wholesOf(given, { op: 'TokenWindows', argument: `tokens of ${name}` });
    this.tokens = tokens;
    if (tokens.length <= blockSize) {
      throw new GradloomError({
        code: 'data',
        op: 'TokenWindows',
        argument: name,
        got: `${tokens.length} tokens`,
        expected: `at least ${blockSize + 1}, for one window of ${blockSize} and the token after it`,
        fix: 'Use a longer text or a smaller blockSize',
      });
    }
    const bad = tokens.findIndex((token) => token < 0 || token >= vocabSize);
    if (bad >= 0) checkToken('TokenWindows', tokens[bad], vocabSize, `token ${bad} of ${name}`);
    this.blockSize = blockSize;
    this.vocabSize = vocabSize;
    this.stride = stride;
    this.name = name;
    this.length = Math.floor((tokens.length - 1 - blockSize) / stride) + 1;
  }

  /** Shape of one input. */
  get xShape(): readonly number[] {
    return [this.blockSize];
  }

  /**
   * The first part for training and the last `fraction` of the text for validation: windows of one never overlap the
   * other. @throws GradloomError as the constructor, for parts shorter than a window.
   */
  split(fraction: number): [TokenWindows, TokenWindows] {
    if (!(fraction > 0 && fraction < 1)) {
      const expected = 'a fraction between 0 and 1';
      throw new GradloomError({
        code: 'argument',
        op: 'TokenWindows.split',
        argument: 'fraction',
        got: String(fraction),
        expected,
      });
    }
    const at = Math.floor(this.tokens.length * (1 - fraction));
    return [
      new TokenWindows(this.tokens.subarray(0, at), this),
      new TokenWindows(this.tokens.subarray(at), { ...this, name: `${this.name} validation` }),
    ];
  }

  /**
   * At most `count` windows spread evenly over the text, without overlap: for measuring.
   */
  spread(count: number): TokenWindows {
    const { blockSize, tokens } = this;
    const stride = Math.max(blockSize, Math.ceil((tokens.length - blockSize) / count));
    return new TokenWindows(tokens, { ...this, stride });
  }
}
