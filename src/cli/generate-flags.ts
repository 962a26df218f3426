/** Argument and flags of `gradloom generate`. */
import type { Command } from 'commander';
import { addBrowserFlags } from './browser-flags';
import type { BrowserFlags } from './launch';
import { integerFrom, numberAbove } from './options';

/** The flags as commander hands them over. */
export interface GenerateFlags extends BrowserFlags {
  prompt: string;
  length: number;
  temperature?: number;
  topK?: number;
  topP?: number;
  beams?: number;
  greedy?: boolean;
  seed: number;
  json?: boolean;
}

/** Adds argument and flags of `generate` to its command. */
export function addGenerateFlags(command: Command): Command {
  return addBrowserFlags(command)
    .argument(
      '<weights>',
      'a .safetensors file that `gradloom train` wrote for a language model or a seq2seq',
    )
    .option('--prompt <text>', 'what the text begins with, or what a seq2seq reads', '\n')
    .option('--length <n>', 'most tokens to generate', integerFrom(1), 300)
    .option('--temperature <t>', 'below 1 for likelier, above 1 for rarer tokens', numberAbove(0))
    .option('--top-k <k>', 'draw from the k most probable tokens', integerFrom(1))
    .option('--top-p <p>', 'draw from the most probable tokens that make up this probability', numberAbove(0))
    .option('--beams <n>', 'beam search instead of drawing (default for a seq2seq: 4)', integerFrom(1))
    .option('--greedy', 'the most probable token each time')
    .option('--seed <n>', 'seed of what is drawn', integerFrom(0), 0)
    .option('--json', 'print one JSON object instead of text');
}
