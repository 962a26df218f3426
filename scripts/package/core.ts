/**
 * Puts the modules that every page with a trainer loads into one, `core.js`; the modules themselves only re-export from
 * it. Bundlers cut what is shared with modules loaded on demand into chunks, one for each set of modules that share it:
 * of two hundred small modules they make dozens of small files, which compress badly and are requested one by one.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { build, type Rolldown } from 'vite';

/** What every page with a trainer uses. */
const PAGE = `import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';
  const data = ArrayDataset.fromArrays({ x: [[0]], y: [0] });
  const model = new nn.Linear(1, 1);
  await new Trainer(await requestDevice(), model, { loss: 'crossEntropy', optimizer: { type: 'adam' } }).fit(data);`;

/** @param outDir the built modules, some of which are replaced */
export async function buildCore(outDir: string): Promise<void> {
  const page = await bundle(outDir, { page: '\0page' });
  let core = modulesOf(outDir, page.find(({ isEntry }) => isEntry)!);
  for (;;) {
    const entries = [...core].map((path) => [path.replace(/\.js$/, ''), join(outDir, path)]);
    const chunks = await bundle(outDir, Object.fromEntries(entries), true);
    // What these import belongs to them too, until nothing is added.
    const all = new Set([...core, ...chunks.flatMap((chunk) => [...modulesOf(outDir, chunk)])]);
    if (all.size === core.size) {
      for (const { fileName, code } of chunks)
        writeFileSync(join(outDir, fileName), code.replaceAll(`"${outDir}/`, '"./'));
      for (const path of core) rmSync(join(outDir, `${path}.map`), { force: true });
      return;
    }
    core = all;
  }
}

/** The files below `outDir` of which a chunk has code. */
const modulesOf = (outDir: string, { modules }: Rolldown.OutputChunk): Set<string> =>
  new Set(
    Object.entries(modules).flatMap(([id, { renderedLength }]) =>
      renderedLength > 0 && id.startsWith(outDir) ? [relative(outDir, id)] : [],
    ),
  );

/** Bundles without what is loaded on demand. @param isCore everything becomes one chunk with a facade for each input */
async function bundle(
  outDir: string,
  input: Record<string, string>,
  isCore = false,
): Promise<Rolldown.OutputChunk[]> {
  const { output } = (await build({
    root: outDir,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [
      {
        name: 'page',
        enforce: 'pre',
        resolveId: (id) => (id === '\0page' ? id : id === 'gradloom' ? join(outDir, 'index.js') : null),
        load: (id) => (id === '\0page' ? PAGE : null),
        resolveDynamicImport: (specifier, importer) =>
          typeof specifier === 'string' && specifier.startsWith('.')
            ? { id: join(dirname(importer ?? outDir), specifier), external: true }
            : false,
      },
    ],
    ssr: { noExternal: true },
    build: {
      write: false,
      target: 'es2022',
      minify: false,
      // Without what Vite puts around imports on demand in pages.
      ssr: true,
      rolldownOptions: {
        input,
        preserveEntrySignatures: 'strict',
        treeshake: { moduleSideEffects: false },
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
          minifyInternalExports: false,
          ...(isCore && { codeSplitting: { groups: [{ name: 'core', test: () => true }] } }),
        },
      },
    },
  })) as Rolldown.RolldownOutput;
  return output.filter((part) => part.type === 'chunk');
}
