/**
 * Build time only: shortens linked WGSL line by line, so that messages about a line still lead to its source. White
 * space goes, and the names that only the shaders use become short. Each name has the same short one in all kernels:
 * scopes then stay as they are, and lines that kernels share stay the same.
 */

/** Identifiers, numbers, white space, comments, and single characters of everything else. */
const TOKEN = /[A-Za-z_]\w*|\.?\d[\w.]*(?:(?<=[eE])[+-]\d\w*)?|\s+|\/\/.*|[^\s\w]/g;
const IDENTIFIER = /^[A-Za-z_]/;
/** Character pairs that form one token. */
const OPERATORS = /^(?:--|\+\+|&&|\|\||\/\/|\/\*|\*\/|<<|>>|<=|>=|==|!=|->|[-+*/%&|^]=)$/;

/** Names that a kernel declares for itself, and names that the host knows. */
interface Names {
  own: Map<string, number>;
  kept: Set<string>;
}

/** The names of one kernel. Bindings, uniform fields and constants are known to the host by name. */
function namesOf(code: string): Names {
  const tokens = (code.match(TOKEN) ?? []).filter((token) => !/^(\s|\/\/)/.test(token));
  const own = new Map<string, number>();
  const callable = new Set<string>();
  const kept = new Set<string>();
  let depth = 0;
  let inStruct = false;
  tokens.forEach((token, i) => {
    if (token === '{') depth++;
    if (token === '}' && --depth === 0) inStruct = false;
    const declare = (name: string) => own.set(name, 0);
    const next = tokens[i + 1];
    if (token === 'fn') {
      declare(next);
      callable.add(next);
      for (let j = i + 2, open = 0; j < tokens.length; j++) {
        if (tokens[j] === '(') open++;
        if (tokens[j] === ')' && --open === 0) break;
        if (open === 1 && tokens[j + 1] === ':' && IDENTIFIER.test(tokens[j])) declare(tokens[j]);
      }
    } else if (token === 'struct' || token === 'alias') {
      declare(next);
      callable.add(next);
      inStruct = token === 'struct';
    } else if (token === 'let' || ((token === 'var' || token === 'const') && depth > 0)) {
      declare(nameAfter(tokens, i));
    } else if (token === 'var') {
      const name = nameAfter(tokens, i);
      if (/^(storage|uniform)$/.test(tokens[i + 2])) kept.add(name);
      else declare(name);
    } else if (token === 'const') {
      kept.add(next);
    } else if (tokens[i - 1] === '.' || (inStruct && depth === 1 && next === ':')) {
      kept.add(token);
    }
  });
  tokens.forEach((token, i) => {
    if (!IDENTIFIER.test(token)) return;
    const known = own.get(token);
    // A local variable may have the name of a function that is called elsewhere.
    if (known === undefined || (tokens[i + 1] === '(' && !callable.has(token))) kept.add(token);
    else own.set(token, known + 1);
  });
  return { own, kept };
}

/** The name that `var` or `var<...>` declares. */
function nameAfter(tokens: readonly string[], i: number): string {
  return tokens[i + 1] === '<' ? tokens[tokens.indexOf('>', i) + 1] : tokens[i + 1];
}

/**
 * Short names for those that no host and no other meaning needs, the most frequent ones first.
 * @param entryPoints names that stay
 */
export function shortNames(
  codes: Iterable<string>,
  entryPoints: Iterable<string>,
): ReadonlyMap<string, string> {
  const counts = new Map<string, number>();
  const kept = new Set(entryPoints);
  for (const code of codes) {
    const names = namesOf(code);
    for (const name of names.kept) kept.add(name);
    for (const [name, count] of names.own) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  const free = generate(kept);
  const short = new Map<string, string>();
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  for (const [name] of sorted) if (!kept.has(name)) short.set(name, free.next().value!);
  return short;
}

/** Letters, then letters with a capital or a digit: no keyword of WGSL looks like that. */
function* generate(taken: ReadonlySet<string>): Generator<string, undefined> {
  const capitals = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
  const letters = [...capitals.map((letter) => letter.toLowerCase()), ...capitals];
  const seconds = ['', ...capitals, ...'0123456789'];
  for (const second of seconds) {
    for (const first of letters) if (!taken.has(first + second)) yield first + second;
  }
  throw new Error('minify: more names than two characters give');
}

/** One line of code with short names and only the white space that it needs. */
export function minifyLine(line: string, names: ReadonlyMap<string, string>): string {
  let result = '';
  let space = false;
  for (const token of line.match(TOKEN) ?? []) {
    if (/^\s/.test(token)) {
      space = true;
      continue;
    }
    if (token.startsWith('//')) break;
    const text = result.endsWith('.') ? token : (names.get(token) ?? token);
    const pair = result.slice(-1) + text[0];
    // A comparison should not look like the start of a type's parameters.
    if (space && (/^[\w.]{2}$/.test(pair) || OPERATORS.test(pair) || pair.includes('<'))) result += ' ';
    result += text;
    space = false;
  }
  return result;
}
