/** `gradloom summary`: the layers, multiply-adds and memory of a model. Needs no browser and no GPU. */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { type ErrorCode, GradloomError, nearest } from '../errors';
import { readyModels } from '../models/ready';
import type { ModelSummary } from '../train/summary';
import { notify } from './browser-flags';
import { EXIT, PageFailure } from './errors';
import { withLibrary } from './library';
import type { SummaryFlags } from './summary-flags';

/** Runs the command and returns its exit code. */
export async function printSummary(name: string, flags: SummaryFlags): Promise<number> {
  const { spec, input } = chosenModel(name, flags.input);
  notify('Loading the library to lay the model out ...');
  const text = await withLibrary(({ fromSpec, summary, formatSummary }) => {
    try {
      const found: ModelSummary = summary(fromSpec(spec), input, { batchSize: flags.batch });
      if (flags.json) return JSON.stringify({ model: name, ...found });
      return formatSummary(found, { maxDepth: flags.depth });
    } catch (error) {
      throw asOwn(error);
    }
  });
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}

/** Spec and input of a ready model, or of a JSON file with `--input`. */
function chosenModel(
  name: string,
  given: readonly number[] | undefined,
): { spec: unknown; input: readonly number[] } {
  if (Object.hasOwn(readyModels, name)) {
    const { spec, input } = readyModels[name];
    return { spec, input: given ?? input };
  }
  const refuse = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code: 'argument', op: 'summary', argument, got, expected, fix });
  if (extname(name).toLowerCase() !== '.json') {
    const names = Object.keys(readyModels);
    const near = nearest(name, names);
    throw refuse(
      'model',
      name,
      `${names.join(', ')} or the path of a .json model spec`,
      near && `Did you mean ${near}?`,
    );
  }
  if (!given) throw refuse('--input', 'missing', 'the shape of one input, such as --input 1,28,28');
  try {
    return { spec: JSON.parse(readFileSync(name, 'utf8')), input: given };
  } catch (error) {
    throw refuse('model', `${name} (${(error as Error).message})`, 'a file that can be read and holds JSON');
  }
}

/** The library's errors keep their code on the way out of Vite, whose classes are not ours. */
function asOwn(error: unknown): unknown {
  const { name, code, message } = error as { name?: string; code?: ErrorCode; message: string };
  return name === 'GradloomError' && code ? new PageFailure({ code, message }) : error;
}
