/**
 * `gradloom generate`: continues a text with the weights that `gradloom train` wrote, or lets an encoder-decoder make
 * something of it. The weights' file knows its model and its tokenizer.
 */
import { readFileSync } from 'node:fs';
import { CharTokenizer, END, START } from '../data/text/tokenizer';
import { GradloomError } from '../errors';
import type { Strategy } from '../generate/options';
import { readSafetensors } from '../io/safetensors';
import { notify } from './browser-flags';
import { EXIT, PageFailure } from './errors';
import type { GenerateFlags } from './generate-flags';
import { launchBrowser } from './launch';
import { openPage } from './page-driver';
import { type GenerateRun, TRAIN_PAGE } from './protocol';
import { startPageServer } from './server';

/** Runs the command and returns its exit code. */
export async function generate(file: string, flags: GenerateFlags): Promise<number> {
  const { bytes, model, tokenizer } = readWeights(file);
  const request = requestOf(model, tokenizer, flags);
  const launched = await launchBrowser(flags, notify);
  try {
    const server = await startPageServer({ files: new Map([['weights', bytes]]) });
    try {
      const { page, failure } = await openPage(launched.browser, server, TRAIN_PAGE, 'gradloomGenerate');
      const answer = await Promise.race([
        page.evaluate((request) => window.gradloomGenerate(request), request),
        failure,
      ]);
      if (!answer.ok) throw new PageFailure(answer.error);
      const text = tokenizer.decode(answer.value[0]);
      const { prompt } = flags;
      const whole = request.generate.options.sources ? text : prompt + text;
      process.stdout.write(`${flags.json ? JSON.stringify({ event: 'text', prompt, text }) : whole}\n`);
      return EXIT.ok;
    } finally {
      await server.close();
    }
  } finally {
    await launched.browser.close();
  }
}

/** Model and tokenizer as the file's metadata has them. Error `data`: not a file of ours, or none at all. */
export function readWeights(file: string): {
  bytes: Uint8Array;
  model: { type?: string };
  tokenizer: CharTokenizer;
} {
  const refuse = (got: string, expected?: string) =>
    new GradloomError({
      code: 'data',
      op: 'generate',
      argument: 'weights',
      got: `${file}, ${got}`,
      expected,
    });
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw refuse(`which cannot be read (${(error as Error).message})`);
  }
  const { metadata } = readSafetensors(bytes, file);
  if (!metadata?.model || !metadata.tokenizer) {
    throw refuse('without a model and its characters', 'weights of a model that was trained on text');
  }
  const { characters, special } = JSON.parse(metadata.tokenizer) as { characters: string; special: string[] };
  const model = JSON.parse(metadata.model) as { type?: string };
  return { bytes, model, tokenizer: new CharTokenizer(characters, { special }) };
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
