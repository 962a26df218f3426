/**
 * The declarations of the package: what the compiler emits for the modules that the entries reach, with file
 * extensions in the imports (Node's resolution wants them) and each op's documentation on its function.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describeOps } from './op-docs';

/** An import, export or import type of a relative path. */
const SPECIFIER = /(\bfrom |\bimport\(|^import )(['"])(\.[^'"]+)\2/gm;

/** Writes the `.d.ts` files beside the modules. @param entries sources, relative to the root */
export async function buildTypes(root: string, outDir: string, entries: readonly string[]): Promise<void> {
  const emitted = mkdtempSync(join(tmpdir(), 'gradloom-types-'));
  try {
    emit(root, emitted);
    const docs = await describeOps(root);
    const written = new Set<string>();
    const visit = (file: string): void => {
      if (written.has(file)) return;
      written.add(file);
      const { text, imports } = withExtensions(readFileSync(file, 'utf8'), file);
      const target = join(outDir, relative(join(emitted, 'src'), file));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, docs.write(text));
      imports.forEach(visit);
    };
    for (const entry of entries) visit(join(emitted, entry.replace(/\.ts$/, '.d.ts')));
    const undocumented = docs.missing();
    if (undocumented.length > 0)
      throw new Error(`Ops without a place for their documentation: ${undocumented}`);
  } finally {
    rmSync(emitted, { recursive: true });
  }
}

function emit(root: string, outDir: string): void {
  const flags = ['--noEmit', 'false', '--emitDeclarationOnly', '--declaration', '--rootDir', root];
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/lib/tsc.js'), '-p', root, ...flags, '--outDir', outDir],
    {
      cwd: root,
      stdio: 'inherit',
    },
  );
}

/** The text with full file names in its imports, and the files that these lead to. */
function withExtensions(text: string, file: string): { text: string; imports: string[] } {
  const imports: string[] = [];
  const result = text.replace(SPECIFIER, (_, before: string, quote: string, specifier: string) => {
    const path = join(dirname(file), specifier.replace(/\.ts$/, ''));
    const found = ['', '/index'].find((end) => existsSync(`${path}${end}.d.ts`));
    if (found === undefined) throw new Error(`${file}: nothing to be had for ${specifier}`);
    imports.push(`${path}${found}.d.ts`);
    return `${before}${quote}${specifier.replace(/\.ts$/, '')}${found}.js${quote}`;
  });
  return { text: result.replace(/^\/\/# sourceMappingURL=.*$/m, ''), imports };
}
