/** JSON from anywhere: where a key is there twice, readers disagree on what it says, so that it is refused. */
import { showValue } from '../errors';
import { duplicateKey } from './json-keys';

/**
 * Parses JSON without duplicate keys.
 * @param refuse makes the error for what is wrong, such as `has the key "a" twice`
 */
export function parseStrictly(text: string, refuse: (got: string) => Error): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw refuse(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw refuse(`has ${showValue(twice)} twice`);
  return value;
}
