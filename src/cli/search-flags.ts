/** Argument and flags of `gradloom search`. */
import { type Command, InvalidArgumentError } from 'commander';
import { addBrowserFlags } from './browser-flags';
import type { TableFlags } from './data';
import type { BrowserFlags } from './launch';
import { integerFrom } from './options';

/** The flags as commander hands them over. */
export interface SearchFlags extends BrowserFlags, TableFlags {
  data: string;
  seed: number;
  validationSplit: number;
  out?: string;
  json?: boolean;
}

/** Adds argument and flags of `search` to its command. */
export function addSearchFlags(command: Command): Command {
  return addBrowserFlags(command)
    .argument(
      '<config>',
      'a JSON file: { model, optimizer, batchSize, epochs, space, strategy, ... } with $name for settings',
    )
    .option('--data <source>', 'digits, a folder of images, or a CSV file', 'digits')
    .option('--label <column>', 'label column of a CSV file: its name, or its place from 1 (default: found)')
    .option('--header', 'the first line of a CSV file names the columns (default: found)')
    .option('--no-header', 'it does not')
    .option(
      '--validation-split <fraction>',
      'share of the training examples that trials are measured on',
      share,
      0.2,
    )
    .option('--seed <n>', 'seed of settings, weights, shuffling and dropout', integerFrom(0), 0)
    .option('--out <file>', 'where results go, and where a search goes on (default: gradloom-search.json)')
    .option('--json', 'print one JSON object per line instead of text');
}

function share(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value < 1))
    throw new InvalidArgumentError('Expected a number between 0 and 1.');
  return value;
}
