/** The configuration of `gradloom search`: a run of `train` as JSON, in which `$name` stands for a setting to be searched. */
import { checkOptions } from '../checks';
import { GradloomError, nearest, showValue } from '../errors';

/** What the file holds; texts that begin with `$` stand for the setting of that name. */
export interface SearchConfig {
  /** The name of a ready model, or a JSON spec. Default: what suits the data. */
  model?: unknown;
  optimizer?: unknown;
  schedule?: unknown;
  clip?: unknown;
  loss?: unknown;
  batchSize?: unknown;
  /** Of a trial, where the strategy has no budgets. Default 3. */
  epochs?: unknown;
  /** Default: accuracy of classes, else loss. */
  metric?: string;
  goal?: 'min' | 'max';
  space: Record<string, unknown>;
  strategy: { type: string } & Record<string, unknown>;
}

const KEYS = [
  'model',
  'optimizer',
  'schedule',
  'clip',
  'loss',
  'batchSize',
  'epochs',
  'metric',
  'goal',
  'space',
  'strategy',
];

/** Largest file that is read. */
export const MAX_CONFIG_BYTES = 1e6;

/**
 * Reads a configuration; space and strategy are checked where they are used, before the first trial.
 * @throws GradloomError `data` for what is no JSON object, `argument` for unknown keys, settings that nothing uses, and names of settings
 * that the space lacks.
 */
export function parseSearchConfig(text: string, name: string): SearchConfig {
  const fail = (code: 'data' | 'argument', argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({ code, op: 'search', argument, got, expected, fix });
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch (cause) {
    throw fail(
      'data',
      name,
      `no JSON: ${(cause as Error).message.slice(0, 200)}`,
      '{ model, optimizer, space, strategy, ... } as JSON',
    );
  }
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw fail('data', name, showValue(config), 'an object with space and strategy');
  checkOptions('search', config, KEYS);
  const { space, strategy, ...template } = config as SearchConfig;
  if (typeof space !== 'object' || space === null)
    throw fail('argument', 'space', showValue(space), 'settings by name');
  if (typeof strategy !== 'object' || strategy === null)
    throw fail('argument', 'strategy', showValue(strategy), "such as { type: 'random', trials: 20 }");
  const used = namesIn(template);
  const names = Object.keys(space);
  const unknown = used.find((one) => !names.includes(one));
  if (unknown !== undefined) {
    const near = nearest(unknown, names);
    throw fail(
      'argument',
      'space',
      `no ${unknown}, which $${unknown} stands for`,
      `one of ${names.join(', ')}`,
      near && `Did you mean $${near}?`,
    );
  }
  const idle = names.find((one) => !used.includes(one));
  if (idle !== undefined)
    throw fail(
      'argument',
      `space.${idle}`,
      'a setting that nothing uses',
      `"$${idle}" somewhere in model, optimizer or the rest`,
    );
  return config as SearchConfig;
}

/** Names of the settings that a template uses. */
function namesIn(template: unknown): string[] {
  if (typeof template === 'string') return template.startsWith('$') ? [template.slice(1)] : [];
  if (typeof template !== 'object' || template === null) return [];
  return Object.values(template).flatMap(namesIn);
}
