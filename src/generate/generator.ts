/** Generation with a trained model on a device. */
import { checkCount, checkOptions } from '../checks';
import { padSequences } from '../data/text/sequences';
import { checkToken, PAD } from '../data/text/tokenizer';
import { GradloomError, showValue } from '../errors';
import type { Device } from '../gpu/device';
import type { Placement } from '../graph/runtime/variable-store';
import { Decodable, type DecodeSizes, EncoderDecoder, place } from '../nn';
import { followPrompts } from './batch';
import { type Generated, type GenerateOptions, optionError } from './options';
import { searchFor } from './search';
import { DecodeSession } from './session';

type Sequences = readonly (readonly number[])[];

/** Capacities are multiples of this, so that prompts of similar lengths share plans. */
const CAPACITY_STEP = 64;

const OPTIONS: (keyof GenerateOptions)[] = [
  'strategy',
  'maxNewTokens',
  'endToken',
  'sources',
  'batchSize',
  'onFull',
  'onToken',
  'signal',
];

const NESTED = 'Prompts are lists of tokens: [[1, 2, 3]] for one; a tokenizer makes them of texts';

/** @throws GradloomError `argument` for what is no list of tokens. */
function checkList(name: string, tokens: unknown, expected = 'a list of tokens'): void {
  const isList = Array.isArray(tokens) || (ArrayBuffer.isView(tokens) && 'length' in tokens);
  if (!isList) throw optionError(name, tokens, expected, NESTED);
}

const afterDispose = () =>
  new GradloomError({
    code: 'argument',
    op: 'Generator.generate',
    got: 'a generator that was disposed of',
    expected: 'a generator before dispose()',
    fix: 'Make a new Generator; the model keeps its values',
  });

export class Generator {
  private readonly placement: Placement;
  private readonly sessions = new Map<string, DecodeSession>();
  /** The call that runs now; the next one waits for it, because they share sessions. */
  private running: Promise<unknown> = Promise.resolve();
  private disposed = false;
  /** Of the device, when the sessions were made. */
  private generation = 0;

  /**
   * Generates with the model's values on the device, which a trainer of the same model may change meanwhile.
   * @throws GradloomError `out-of-memory` when the model does not fit.
   */
  constructor(
    readonly device: Device,
    readonly model: Decodable,
  ) {
    if (!(model instanceof Decodable)) {
      const got = showValue(model);
      const expected = 'a model that decodes: a language model (GPT, RecurrentLM) or Seq2Seq';
      throw new GradloomError({ code: 'argument', op: 'Generator', argument: 'model', got, expected });
    }
    this.placement = place(device, model);
  }

  /**
   * Continues each prompt; results in the prompts' order. Prompts may differ in length. The result for a prompt does
   * not depend on the others, except through the seed's streams, which go by position. Calls run one after the other.
   * @throws GradloomError (code `argument`): options out of range, no or empty prompts, prompts that leave no room for
   * `maxNewTokens` within the model's positions, sources that are missing or not wanted; code `data`: a token out of
   * vocabulary (says where), scores of the model that are NaN.
   */
  generate(prompts: Sequences, options: GenerateOptions = {}): Promise<Generated[]> {
    if (this.disposed) return Promise.reject(afterDispose());
    const result = this.running.then(() => this.device.retrying(() => this.run(prompts, options)));
    this.running = result.catch(() => {});
    return result;
  }

  /** Frees all that the generator holds on the device. */
  async dispose(): Promise<void> {
    if (this.disposed) return;
    this.disposed = true;
    await this.running;
    for (const session of this.sessions.values()) await session.destroy();
    this.placement.release();
  }

  private async run(prompts: Sequences, options: GenerateOptions): Promise<Generated[]> {
    checkOptions('generate', options, OPTIONS);
    const { maxNewTokens = 100, endToken, batchSize = 32, onFull = 'error', signal } = options;
    checkCount('generate', 'maxNewTokens', maxNewTokens);
    checkCount('generate', 'batchSize', batchSize);
    const { vocabSize } = this.model;
    if (endToken !== undefined) checkToken('generate', endToken, vocabSize, 'endToken');
    if (options.sources !== undefined) checkList('sources', options.sources, 'a list of sources');
    const searchOf = searchFor(options.strategy, { maxNewTokens, endToken }, options.onToken);
    const { width } = searchOf(0);
    if (onFull !== 'error' && onFull !== 'slide') throw optionError('onFull', onFull, "'error' or 'slide'");
    const slide = onFull === 'slide' && this.model.maxPositions !== undefined;
    if (slide && width > 1) throw optionError('onFull', 'slide', 'error, with beams');
    const longest = this.checkPrompts(prompts, maxNewTokens, slide);
    const sourceLength = this.checkSources(prompts, options.sources);

    if (this.generation !== this.device.generation) this.sessions.clear();
    this.generation = this.device.generation;
    const results: Generated[] = [];
    const chunk = Math.min(batchSize, prompts.length);
    const rows = chunk * width;
    const session = this.session({ rows, capacity: this.capacity(longest + maxNewTokens - 1), sourceLength });
    for (let first = 0; first < prompts.length && !signal?.aborted; first += chunk) {
      const part = prompts.slice(first, first + chunk);
      const searches = part.map((_, i) => searchOf(first + i));
      session.reset();
      if (options.sources) {
        await session.encode(this.sourcesOf(options.sources, first, chunk, width, sourceLength));
      }
      await followPrompts(session, part, searches, { vocabSize, slide, signal });
      results.push(...searches.map((search) => search.result()));
    }
    return results;
  }

  /** The longest prompt's length. */
  private checkPrompts(prompts: Sequences, maxNewTokens: number, slide: boolean): number {
    checkList('prompts', prompts, 'a list of prompts');
    if (prompts.length === 0) throw optionError('prompts', 'empty', 'at least one prompt');
    const { vocabSize, maxPositions = Number.POSITIVE_INFINITY } = this.model;
    prompts.forEach((prompt, i) => {
      const name = `prompt ${i}`;
      checkList(name, prompt);
      if (prompt.length === 0) {
        throw optionError(
          name,
          'empty',
          'at least one token',
          'Begin with a token that every text may begin with',
        );
      }
      prompt.forEach((token, at) => {
        checkToken('generate', token, vocabSize, `token ${at} of ${name}`);
      });
      // The last new token is not fed to the model any more.
      const needed = slide ? prompt.length : prompt.length + maxNewTokens - 1;
      if (needed > maxPositions) {
        const got = slide
          ? `${prompt.length} tokens`
          : `${prompt.length} tokens, with ${maxNewTokens} to follow`;
        const fix = slide
          ? 'Shorten the prompt'
          : "Shorten the prompt, ask for fewer tokens, or set onFull: 'slide'";
        throw optionError(name, got, `at most the ${maxPositions} positions of the model`, fix);
      }
    });
    return Math.max(...prompts.map((prompt) => prompt.length));
  }

  /** The longest source's length; 0 for models that read none. */
  private checkSources(prompts: Sequences, sources: Sequences | undefined): number {
    const { model } = this;
    if (!(model instanceof EncoderDecoder)) {
      if (sources)
        throw optionError('sources', `${sources.length} sources`, 'none: the model has no encoder');
      return 0;
    }
    if (sources?.length !== prompts.length) {
      const got = sources ? `${sources.length} sources` : 'missing';
      throw optionError('sources', got, `${prompts.length}, one for each prompt`);
    }
    const longest = model.maxSourceLength ?? Number.POSITIVE_INFINITY;
    sources.forEach((source, i) => {
      const name = `source ${i}`;
      checkList(name, source);
      if (source.length === 0 || source.length > longest) {
        throw optionError(name, `${source.length} tokens`, `1 to ${longest} tokens`);
      }
      source.forEach((token, at) => {
        const argument = `token ${at} of ${name}`;
        checkToken('generate', token, model.sourceVocabSize, argument);
        if (token === PAD) throw optionError(argument, token, 'a token that is not padding');
      });
    });
    return model.maxSourceLength ?? Math.max(...sources.map((source) => source.length));
  }

  /** The sources of a chunk, once for each sequence; a chunk that is not full repeats its first. */
  private sourcesOf(
    sources: Sequences,
    first: number,
    chunk: number,
    width: number,
    length: number,
  ): Int32Array {
    const rows = Array.from({ length: chunk * width }, (_, row) => {
      return sources[first + Math.floor(row / width)] ?? sources[first];
    });
    return padSequences(rows, { length, name: 'sources' }).data;
  }

  /** Positions to keep state for; models without positions need none. */
  private capacity(needed: number): number {
    const { maxPositions } = this.model;
    if (maxPositions === undefined) return 1;
    return Math.min(maxPositions, CAPACITY_STEP * Math.ceil(needed / CAPACITY_STEP));
  }

  private session(sizes: DecodeSizes): DecodeSession {
    const key = Object.values(sizes).join();
    let session = this.sessions.get(key);
    if (!session) {
      session = new DecodeSession(this.device, this.model, sizes);
      this.sessions.set(key, session);
    }
    return session;
  }
}
