/** Duplicate keys in JSON, which `JSON.parse` drops without a word. */

/**
 * The first key that an object has twice, in whatever spelling (`"a"` is `"\u0061"`).
 * @param text JSON that `JSON.parse` accepts
 */
export function duplicateKey(text: string): string | undefined {
  /** Keys of the open objects; undefined for lists. */
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '{') open.push(new Set());
    else if (char === '[') open.push(undefined);
    else if (char === '}' || char === ']') open.pop();
    else if (char === '"') {
      const start = at;
      for (at++; text[at] !== '"'; at++) if (text[at] === '\\') at++;
      const keys = open.at(-1);
      if (!keys || !isKey(text, at + 1)) continue;
      const key = JSON.parse(text.slice(start, at + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Whether a colon follows, so that the string before it is a key. */
function isKey(text: string, at: number): boolean {
  let next = at;
  while (' \t\n\r'.includes(text[next])) next++;
  return text[next] === ':';
}
