/**
 * The modules of the package: each source file becomes one, with the same imports, so that bundlers see what belongs to
 * what and drop what a page does not use. Types go, shaders become their kernels, and every call at the top level is
 * marked as pure, which holds because loading a module does nothing but declare.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseAst, transformWithOxc } from 'vite';
import type { ShaderModules } from '../../src/kernels/plugin';

interface Node {
  type: string;
  start: number;
  end: number;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Replaces the characters from `start` to `end`. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

/**
 * Writes the modules that the entries reach.
 * @param entries source files, relative to the root
 */
export async function buildModules(
  root: string,
  outDir: string,
  entries: readonly string[],
  shaders: ShaderModules,
): Promise<void> {
  const written = new Set<string>();
  const queue = entries.map((entry) => join(root, entry));
  for (let path = queue.pop(); path; path = queue.pop()) {
    if (written.has(path)) continue;
    written.add(path);
    const { code, map } = await javascriptOf(path, shaders);
    const target = outputOf(root, outDir, path);
    const isOp = relative(root, path).startsWith('src/ops/');
    const module = rewrite(isOp ? withoutDocs(code) : code, (specifier) => {
      if (!/^[./]/.test(specifier)) return { path: specifier };
      const found = resolve(path, specifier);
      queue.push(found);
      const way = relative(dirname(target), outputOf(root, outDir, found));
      return {
        path: way.startsWith('.') ? way : `./${way}`,
        isNamespace: found.endsWith('.wgsl') && shaders.exportsVariants(found),
      };
    });
    mkdirSync(dirname(target), { recursive: true });
    const link = map ? `//# sourceMappingURL=${target.split('/').pop()}.map\n` : '';
    writeFileSync(target, `${module.trimEnd()}\n${link}`);
    if (map) writeFileSync(`${target}.map`, JSON.stringify({ ...map, sources: [relative(root, path)] }));
  }
}

async function javascriptOf(path: string, shaders: ShaderModules): Promise<{ code: string; map?: object }> {
  if (/\.wgsl(\?\w+)?$/.test(path)) return { code: await shaders.code(path) };
  const text = readFileSync(path, 'utf8');
  if (/\.(py|md)$/.test(path)) return { code: `export default ${JSON.stringify(text)};` };
  if (path.endsWith('.json')) return { code: `export default ${JSON.stringify(JSON.parse(text))};` };
  const { code, map } = await transformWithOxc(text, path, { target: 'es2022', sourcemap: true });
  return { code, map: map as object };
}

/** `src/nn/index.ts` -> `nn/index.js`, `shaders/a.wgsl` -> `shaders/a.wgsl.js`, `a.wgsl?code` -> `a.wgsl.code.js`. */
function outputOf(root: string, outDir: string, path: string): string {
  const below = relative(root, path).replace(/^src\//, '');
  return join(outDir, `${below.replace(/\.ts$/, '').replace('?', '.')}.js`);
}

/** The file that an import leads to. */
function resolve(from: string, asked: string): string {
  const specifier = asked.replace(/\?raw$/, '');
  const base = specifier.startsWith('/') ? specifier : join(dirname(from), specifier);
  const found = ['', '.ts', '/index.ts']
    .map((end) => base + end)
    .find((path) => /\.\w+(\?\w+)?$/.test(path) && existsSync(path.replace(/\?.*/, '')));
  if (!found) throw new Error(`${from}: nothing to be had for ${specifier}`);
  return found;
}

/** Where an import leads. */
export interface Target {
  path: string;
  /** What the source takes for a default export is the module's namespace: bundlers see which of its exports are used. */
  isNamespace?: boolean;
}

/**
 * Marks calls that run while the module loads, and gives each import the path that `target` says.
 * @throws Error where the module does more than declare: the package says that it has no side effects.
 */
export function rewrite(code: string, target: (specifier: string) => Target): string {
  return applyEdits(code, editsOf(code, target));
}

/** Empties the documentation of op declarations, which editors show from the `.d.ts` files. */
export function withoutDocs(code: string): string {
  const program = parseAst(code) as unknown as Node;
  const documented = new Map<unknown, number>();
  walk(program, (node) => {
    if (node.type !== 'FunctionDeclaration') return;
    const place = (node.params as Node[]).findIndex(({ name }) => name === 'doc');
    if (place >= 0) documented.set((node.id as Node).name, place);
  });
  const edits: Edit[] = [];
  const empty = (value: unknown) => {
    if (isNode(value) && isText(value)) edits.push({ start: value.start, end: value.end, text: "''" });
  };
  walk(program, ({ type, key, value, callee, arguments: given }) => {
    if (type === 'Property' && /^(doc|source)$/.test(String((key as Node).name))) empty(value);
    const place = type === 'CallExpression' ? documented.get((callee as Node).name) : undefined;
    if (place !== undefined) empty((given as Node[])[place]);
  });
  return applyEdits(code, edits);
}

/** Whether an expression is a text without values in it, in one piece or several. */
function isText({ type, value, left, right, expressions }: Node): boolean {
  if (type === 'BinaryExpression') return isText(left as Node) && isText(right as Node);
  if (type === 'TemplateLiteral') return (expressions as unknown[]).length === 0;
  return type === 'Literal' && typeof value === 'string';
}

function walk(node: unknown, visit: (node: Node) => void): void {
  if (Array.isArray(node)) for (const item of node) walk(item, visit);
  if (!isNode(node)) return;
  visit(node);
  for (const value of Object.values(node)) walk(value, visit);
}

function editsOf(code: string, target: (specifier: string) => Target): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: unknown, runs: boolean): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, runs);
      return;
    }
    if (!isNode(node)) return;
    const { type, start, source } = node;
    if (/^(Import|Export)/.test(type) && source) {
      const { start: from, end, value } = source as Node;
      if (typeof value === 'string') {
        const { path, isNamespace } = target(value);
        edits.push({ start: from, end, text: JSON.stringify(path) });
        const specifiers = (node.specifiers ?? []) as Node[];
        if (isNamespace && type === 'ImportDeclaration' && specifiers[0]?.type === 'ImportDefaultSpecifier')
          edits.push({ start: specifiers[0].start, end: specifiers[0].start, text: '* as ' });
      }
    }
    if (runs && (type === 'CallExpression' || type === 'NewExpression')) {
      edits.push({ start, end: start, text: '/* @__PURE__ */ ' });
    }
    // The bodies run later, if at all.
    const later = /Function|^Class|^MethodDefinition/.test(type);
    for (const value of Object.values(node)) visit(value, runs && !later);
  };
  for (const statement of parseAst(code).body as unknown as Node[]) {
    const declared = (
      statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement
    ) as Node | null;
    if (!/^(Import|Export|VariableDecl|FunctionDecl|ClassDecl)/.test(statement.type)) {
      throw new Error(
        `a module of the package does more than declare: ${code.slice(statement.start, statement.end)}`,
      );
    }
    const isValue = declared?.type === 'VariableDeclaration' || statement.type === 'ExportDefaultDeclaration';
    visit(statement, isValue);
  }
  return edits;
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  // Marks of nested calls at the same place would only repeat each other.
  const seen = new Set<number>();
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = '';
  let from = 0;
  for (const { start, end, text } of sorted) {
    if (seen.has(start)) continue;
    seen.add(start);
    result += code.slice(from, start) + text;
    from = end;
  }
  return result + code.slice(from);
}
