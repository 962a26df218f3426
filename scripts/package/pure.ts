/**
 * Build plugin: marks every call at the top level of the library's modules as pure, so that bundlers may drop the
 * ops, schemas and kernels that a page does not use. Holds because loading a module does nothing but declare.
 */
import { type Plugin, parseAst } from 'vite';

const MARK = '/* @__PURE__ */ ';

interface Node {
  type: string;
  start: number;
  [key: string]: unknown;
}

/** Puts the mark before each call and `new` that runs while the module loads. */
export function markPure(code: string): string {
  const at: number[] = [];
  for (const statement of parseAst(code).body as unknown as Node[]) {
    const declared = (statement.type.startsWith('Export') ? statement.declaration : statement) as Node | null;
    if (!declared) continue;
    // Of a default export only an expression runs; of a declaration only the values of its variables do.
    if (declared.type === 'VariableDeclaration') collect(declared, at);
    else if (statement.type === 'ExportDefaultDeclaration') collect(declared, at);
  }
  let marked = '';
  let from = 0;
  for (const position of [...new Set(at)].sort((a, b) => a - b)) {
    marked += code.slice(from, position) + MARK;
    from = position;
  }
  return marked + code.slice(from);
}

function collect(node: unknown, at: number[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, at);
    return;
  }
  if (typeof node !== 'object' || node === null || typeof (node as Node).type !== 'string') return;
  const { type, start } = node as Node;
  // The bodies run later, if at all.
  if (/Function|^Class/.test(type)) return;
  if (type === 'CallExpression' || type === 'NewExpression') at.push(start);
  for (const value of Object.values(node)) collect(value, at);
}

/** @param folders whose modules it marks: the library's own. */
export function pureCalls(folders: readonly string[]): Plugin {
  return {
    name: 'gradloom:pure-calls',
    enforce: 'post',
    transform(code, id) {
      const path = id.split('?')[0];
      if (!folders.some((folder) => path.startsWith(folder)) || path.endsWith('.json')) return null;
      // The lines stay, and nobody steps through columns of a declaration.
      return { code: markPure(code), map: null };
    },
  };
}
