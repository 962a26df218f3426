/**
 * `gradloom generate`: continues a text with the weights that `gradloom train` wrote, or lets an encoder-decoder make
 * something of it. The weights' file knows its model and its tokenizer.
 */
import { CharTokenizer, END, START } from '../data/text/tokenizer';
import { GradloomError } from '../errors';
import type { Strategy } from '../generate/options';
import { EXIT } from './errors';
import type { GenerateFlags } from './generate-flags';
import { inPage } from './in-page';
import { type GenerateRun, TRAIN_PAGE } from './protocol';
import { readWeightsFile } from './weights';

/** Runs the command and returns its exit code. */
export async function generate(file: string, flags: GenerateFlags): Promise<number> {
  const { bytes, model, tokenizer } = readWeights(file);
  const request = requestOf(model, tokenizer, flags);
  const served = { page: TRAIN_PAGE, readyName: 'gradloomGenerate', files: new Map([['weights', bytes]]) };
  const value = await inPage(flags, served, (page) =>
    page.evaluate((request) => window.gradloomGenerate(request), request),
  );
  const text = tokenizer.decode(value[0]);
  const { prompt } = flags;
  const whole = request.generate.options.sources ? text : prompt + text;
  process.stdout.write(`${flags.json ? JSON.stringify({ event: 'text', prompt, text }) : whole}\n`);
  return EXIT.ok;
}

/** Model and tokenizer as the file's metadata has them. Error `data`: not a file of ours, or none at all. */
export function readWeights(file: string): {
  bytes: Uint8Array;
  model: { type?: string };
  tokenizer: CharTokenizer;
} {
  const { bytes, metadata, refuse, json, model } = readWeightsFile(file, 'generate');
  if (!metadata.model || !metadata.tokenizer) {
    throw refuse('without a model and its characters', 'weights of a model that was trained on text');
  }
  return { bytes, model: model(), tokenizer: CharTokenizer.fromJSON(json('tokenizer')) };
}

/** What the page is asked for. @throws GradloomError (code `data`) for a character that the model does not know. */
export function requestOf(
  model: { type?: string },
  tokenizer: CharTokenizer,
  flags: GenerateFlags,
): GenerateRun {
  const { prompt, length: maxNewTokens } = flags;
  const tokens = tokenizer.encode(prompt);
  const reads = model.type === 'seq2seq';
  const options = { maxNewTokens, strategy: strategyOf(flags, reads) };
  return {
    model,
    generate: reads
      ? { prompts: [[START]], options: { ...options, sources: [tokens], endToken: END } }
      : { prompts: [tokens], options: { ...options, onFull: flags.beams ? 'error' : 'slide' } },
  };
}

function strategyOf(
  { beams, greedy, temperature, topK, topP, seed }: GenerateFlags,
  reads: boolean,
): Strategy {
  const draws = temperature !== undefined || topK !== undefined || topP !== undefined;
  if ([beams !== undefined, greedy, draws].filter(Boolean).length > 1) {
    throw new GradloomError({
      code: 'argument',
      op: 'generate',
      argument: '--beams, --greedy, --temperature, --top-k, --top-p',
      got: 'given together',
      expected: 'beams, or greedy, or what drawing needs',
    });
  }
  if (greedy) return { type: 'greedy' };
  if (beams !== undefined || (reads && !draws)) return { type: 'beam', beams: beams ?? 4 };
  return { type: 'sample', temperature: temperature ?? 0.8, topK, topP, seed };
}
