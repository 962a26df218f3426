/**
 * Bounds on specs, which may come from strangers: checked by walking the JSON, before any module is built. Loads no
 * modules, so that the command line can check a file before it starts a browser.
 */
import { GradloomError, showValue } from '../errors';

/** Limits of a spec. */
export const SPEC_LIMITS = {
  /** Layers within layers. */
  depth: 100,
  /** Values, lists and objects in all. */
  values: 100_000,
  /** Layers in all, those of `numLayers` and the like included. */
  layers: 10_000,
  /** Characters of a name or text. */
  text: 200,
  /** Numbers in the parameters of the model: 2 GiB of float32. */
  parameters: 2 ** 29,
} as const;

/** Options that say how many layers there are. */
const COUNTS = ['numLayers', 'numEncoderLayers', 'numDecoderLayers', 'nLayer', 'layers'];

interface Item {
  value: unknown;
  depth: number;
  path: string;
}

/**
 * @param path what errors call the spec
 * @throws GradloomError `spec`: a spec that is too deep, too large, of too many layers or too long names.
 */
export function checkSpecSize(spec: unknown, path = 'model'): void {
  const waiting: Item[] = [{ value: spec, depth: 0, path }];
  let values = 0;
  let layers = 0;
  for (let item = waiting.pop(); item; item = waiting.pop()) {
    const { value, depth, path: at } = item;
    if (++values > SPEC_LIMITS.values)
      throw tooMuch(path, `more than ${SPEC_LIMITS.values} values`, 'values');
    if (typeof value === 'string') checkText(at, value);
    if (typeof value !== 'object' || value === null) continue;
    // A layer and the list that it stands in are two levels.
    if (depth > 2 * SPEC_LIMITS.depth)
      throw tooMuch(path, `nested deeper than ${SPEC_LIMITS.depth} layers`, 'depth');
    if (!Array.isArray(value)) {
      layers += 'type' in value ? 1 + countOf(value) : 0;
      if (layers > SPEC_LIMITS.layers) throw tooMuch(at, `a model of ${layers} layers or more`, 'layers');
    }
    const keys = Object.keys(value);
    if (Array.isArray(value) && keys.length < value.length) {
      throw new GradloomError({
        code: 'spec',
        op: at,
        got: 'a list with holes',
        expected: 'a value at each place',
      });
    }
    if (values + waiting.length + keys.length > SPEC_LIMITS.values) {
      throw tooMuch(path, `more than ${SPEC_LIMITS.values} values`, 'values');
    }
    for (const key of keys) {
      checkText(at, key);
      // Deep paths stay short.
      const inner = at.length < SPEC_LIMITS.text ? `${at}.${key}` : at;
      waiting.push({ value: (value as Record<string, unknown>)[key], depth: depth + 1, path: inner });
    }
  }
}

/** @throws GradloomError `spec` for more parameters than a model may have. */
export function checkParameterCount(count: number, path = 'model'): void {
  if (count <= SPEC_LIMITS.parameters) return;
  throw tooMuch(path, `a model of ${count.toLocaleString('en-US')} parameters`, 'parameters');
}

/** Layers that an object asks for by numbers. */
function countOf(spec: object): number {
  const numbers = COUNTS.flatMap((name) =>
    Object.hasOwn(spec, name) ? (spec as Record<string, unknown>)[name] : [],
  );
  return numbers.reduce<number>(
    (sum, value) => sum + (typeof value === 'number' && value > 0 ? value : 0),
    0,
  );
}

function checkText(path: string, text: string): void {
  if (text.length <= SPEC_LIMITS.text) return;
  throw new GradloomError({
    code: 'spec',
    op: path,
    got: `a text of ${text.length} characters (${showValue(text.slice(0, 40))}...)`,
    expected: `at most ${SPEC_LIMITS.text}`,
  });
}

const tooMuch = (op: string, got: string, limit: keyof typeof SPEC_LIMITS) =>
  new GradloomError({
    code: 'spec',
    op,
    got,
    expected: `at most ${SPEC_LIMITS[limit].toLocaleString('en-US')}`,
  });
