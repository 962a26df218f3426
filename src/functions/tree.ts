/** Trees of values, as JAX's pytrees: lists and records of leaves, in any nesting. */

/** Whether a value is a record: a plain object, not an instance of a class. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The tree with every leaf replaced by what `map` makes of it and of its path (`[0].weight`). `isLeaf` says which lists
 * and records are leaves themselves; all other values are.
 */
export function mapTree(
  tree: unknown,
  map: (leaf: unknown, path: string) => unknown,
  isLeaf: (value: unknown) => boolean = () => false,
  path = '',
): unknown {
  if (!isLeaf(tree)) {
    if (Array.isArray(tree)) return tree.map((item, i) => mapTree(item, map, isLeaf, `${path}[${i}]`));
    if (isRecord(tree)) {
      return Object.fromEntries(
        Object.entries(tree).map(([name, item]) => [name, mapTree(item, map, isLeaf, `${path}.${name}`)]),
      );
    }
  }
  return map(tree, path);
}

/** The leaves in order. */
export function leavesOf(tree: unknown, isLeaf?: (value: unknown) => boolean): unknown[] {
  const leaves: unknown[] = [];
  mapTree(tree, (leaf) => leaves.push(leaf), isLeaf);
  return leaves;
}
