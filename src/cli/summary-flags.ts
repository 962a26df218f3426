/** Argument and flags of `gradloom summary`. */
import { type Command, InvalidArgumentError } from 'commander';
import { integerFrom } from './options';

/** The flags as commander hands them over. */
export interface SummaryFlags {
  input?: number[];
  batch: number;
  depth?: number;
  json?: boolean;
}

/** Adds argument and flags of `summary` to its command. */
export function addSummaryFlags(command: Command): Command {
  return command
    .argument('<model>', 'a name from docs/models.md, such as lenet or resnet18, or a JSON model spec')
    .option('--input <shape>', "shape of one input, such as 1,28,28 (default: the named model's own)", shape)
    .option('--batch <n>', 'samples at a time, for shapes and memory', integerFrom(1), 32)
    .option('--depth <n>', 'deepest layers to show', integerFrom(0))
    .option('--json', 'print one JSON object instead of text');
}

function shape(text: string): number[] {
  const sizes = text.split(/[,x]/).map(Number);
  if (sizes.every((n) => Number.isSafeInteger(n) && n > 0)) return sizes;
  throw new InvalidArgumentError('Expected sizes such as 1,28,28.');
}
