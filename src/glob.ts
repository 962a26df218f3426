/** Patterns that choose parameters by name. */

/**
 * Whether a pattern means a name: the name itself, a module that it is part of (`encoder` for `encoder.0.weight`), or
 * either with `*` for any characters.
 */
export function matchesName(pattern: string, name: string): boolean {
  const text = pattern
    .split('*')
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  return new RegExp(`^${text}(\\..*)?$`).test(name);
}
