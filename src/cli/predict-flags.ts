/** Arguments and flags of `gradloom predict` and `gradloom evaluate`. */
import type { Command } from 'commander';
import { addBrowserFlags } from './browser-flags';
import type { BrowserFlags } from './launch';
import { integerFrom } from './options';

/** The flags as commander hands them over. */
export interface PredictFlags extends BrowserFlags {
  data: string;
  header?: boolean;
  out?: string;
  json?: boolean;
}

export interface EvaluateFlags extends BrowserFlags {
  data: string;
  label?: string;
  header?: boolean;
  seed: number;
  json?: boolean;
}

const WEIGHTS = 'a .safetensors file that `gradloom train` wrote';

/** Adds argument and flags of `predict` to its command. */
export function addPredictFlags(command: Command): Command {
  return addHeaderFlags(addBrowserFlags(command))
    .argument('<weights>', `${WEIGHTS} for a CSV file`)
    .requiredOption('--data <file>', 'a CSV file with the same features, with the label column or without')
    .option('--out <file>', 'where the predictions go, as CSV (default: printed)')
    .option('--json', 'print one JSON object per row instead of CSV');
}

/** Adds argument and flags of `evaluate` to its command. */
export function addEvaluateFlags(command: Command): Command {
  return addHeaderFlags(addBrowserFlags(command))
    .argument('<weights>', `${WEIGHTS} for images or a CSV file`)
    .requiredOption(
      '--data <source>',
      'a CSV file, digits, or a folder with IDX files, CIFAR files or images (its test part)',
    )
    .option('--label <column>', 'label column of a CSV file (default: as in training)')
    .option('--seed <n>', 'seed of the test part where there is no test file', integerFrom(0), 0)
    .option('--json', 'print one JSON object instead of text');
}

function addHeaderFlags(command: Command): Command {
  return command
    .option('--header', 'the first line of a CSV file names the columns (default: found)')
    .option('--no-header', 'it does not');
}
