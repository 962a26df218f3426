/** Python values as plain JavaScript: what a checkpoint holds beside its weights. */
import { showValue as show } from '../errors';
import { PythonGlobal, PythonTuple, type PythonValue, showPython } from './pickle';
import { TorchTensor } from './torch-tensors';

/** A value of a checkpoint: dicts are records, tuples and sets lists, names such as `torch.float32` texts. */
export type TorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | TorchTensor
  | TorchValue[]
  | { [key: string]: TorchValue };

/** Parts of tuples that are keys; texts of their beginnings that are equal are refused. */
const MOST_PARTS = 8;
/** Deeper nesting is an attack. */
const MOST_DEPTH = 200;

/**
 * Converts containers; what is there twice is converted once.
 * @throws what `refuse` makes: nesting beyond 200, containers that contain themselves, keys that are equal as texts.
 */
export function plainValue(value: PythonValue, refuse: (got: string, expected: string) => Error): TorchValue {
  /** Converted containers; undefined while their items are being converted. */
  const seen = new Map<unknown, TorchValue | undefined>();
  const visit = (item: PythonValue, depth: number): TorchValue => {
    if (item instanceof PythonGlobal) return item.name;
    if (
      item === null ||
      item instanceof TorchTensor ||
      /^(boolean|number|bigint|string)$/.test(typeof item)
    ) {
      return item as TorchValue;
    }
    if (seen.has(item)) {
      const converted = seen.get(item);
      if (converted === undefined) throw refuse('a pickle with a container that contains itself', 'a tree');
      return converted;
    }
    if (depth > MOST_DEPTH)
      throw refuse('a pickle that is nested too deeply', `at most ${MOST_DEPTH} levels`);
    seen.set(item, undefined);
    const converted = container(item, depth + 1);
    seen.set(item, converted);
    return converted;
  };
  const container = (item: PythonValue, depth: number): TorchValue => {
    if (item instanceof Uint8Array) return new Uint8Array(item);
    if (item instanceof Map) {
      const names = new Set<string>();
      const entries = Array.from(item, ([key, entry]) => {
        const name = nameOf(key);
        if (names.has(name))
          throw refuse(`a dict with the key ${show(name)} twice`, 'keys that differ as texts');
        names.add(name);
        return [name, visit(entry, depth)] as const;
      });
      // fromEntries, unlike assignment, makes an own property even of the name `__proto__`.
      return Object.fromEntries(entries);
    }
    if (Array.isArray(item) || item instanceof Set) return Array.from(item, (entry) => visit(entry, depth));
    // A storage that no tensor uses.
    throw refuse('a pickle with a storage without a tensor', 'tensors');
  };
  return visit(value, 0);
}

/** A key as text: integers, as optimizers have them, in decimal. */
function nameOf(key: PythonValue): string {
  if (typeof key === 'string') return key;
  if (key instanceof PythonTuple)
    return `(${Array.from(key.slice(0, MOST_PARTS), (part) => clipped(part)).join(', ')})`;
  return clipped(key);
}

const clipped = (key: PythonValue): string =>
  key instanceof PythonTuple ? '(...)' : showPython(key).slice(0, 200);
