/** Duplicate keys in JSON, which `JSON.parse` drops without a word. */

/**
 * The first key that an object has twice, in whatever spelling (`"a"` is `"\u0061"`).
 * @param text JSON that `JSON.parse` accepts
 */
export function duplicateKey(text: string): string | undefined {
  /** Keys of the open objects; undefined for lists. */
  const open: (Set<string> | undefined)[] = [];
  for (const { index, 0: token } of text.matchAll(TOKENS)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else {
      const keys = open.at(-1);
      if (!keys || !isKey(text, index + token.length)) continue;
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Brackets and whole strings. */
const TOKENS = /[{}[\]]|"(?:[^"\\]|\\.)*"/g;

/** Whether a colon follows, so that the string before it is a key. */
function isKey(text: string, at: number): boolean {
  let next = at;
  while (' \t\n\r'.includes(text[next])) next++;
  return text[next] === ':';
}
