/**
 * Kernels on demand: lowering does without their code, for every case of every op, and what it makes of kernels that are
 * not loaded is what it makes of those that are. Modules are those of the package.
 */
import { join } from 'node:path';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as registry from '../ops/registry';
import type * as reference from '../reference';
import type * as kernels from '../reference/kernels';
import type * as demand from './on-demand';
import { shaderModules } from './plugin';

const root = join(import.meta.dirname, '../..');
let server: ViteDevServer;
let modules: typeof kernels & typeof reference & typeof registry & typeof demand;
beforeAll(async () => {
  const shaders = shaderModules(root, true);
  server = await createServer({
    root,
    configFile: false,
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    plugins: [
      {
        name: 'kernels on demand',
        enforce: 'pre',
        async load(id) {
          if (!/\.wgsl(\?\w+)?$/.test(id)) return null;
          const code = await shaders.code(id);
          // As the package has it: variants are exports.
          return /^export default /m.test(code) ? code : code.replace(/export \{ (.*) \};$/, asDefault);
        },
      },
    ],
  });
  const paths = ['reference/kernels', 'reference/index', 'ops/registry', 'kernels/on-demand'];
  const loaded = await Promise.all(paths.map((path) => server.ssrLoadModule(`/src/${path}.ts`)));
  modules = Object.assign({}, ...loaded);
}, 120_000);
afterAll(() => server?.close());

const asDefault = (_: string, names: string) =>
  `export default { ${names.replace(/(\w+) as (\w+)/g, '"$2": $1')} };`;

describe('kernels on demand', () => {
  it('are lowered before they are loaded as they are afterwards', async () => {
    const { ops, references, loweredOf } = modules;
    const dispatches = () =>
      [...ops.values()].flatMap((op) =>
        (references[op.name]?.cases ?? []).flatMap((opCase) => {
          try {
            return loweredOf(op, opCase).map(({ dispatch }) => dispatch);
          } catch (error) {
            throw new Error(`${op.name} ${JSON.stringify(opCase)}`, { cause: error });
          }
        }),
      );
    const lowered = (of: ReturnType<typeof dispatches>) =>
      of.map(({ node, kernel, params, constants, size }) =>
        JSON.stringify([node.op.name, kernel.file, kernel.variant, params, constants, size]),
      );
    const unloaded = dispatches();
    const before = lowered(unloaded);
    const all = new Set(unloaded.map(({ kernel }) => kernel));
    for (const kernel of all) expect(() => kernel.code, kernel.file).toThrow('before the kernel is loaded');
    await Promise.all([...all].map((kernel) => kernel.load?.()));
    expect(before.length).toBeGreaterThan(1000);
    expect(before).toEqual(lowered(dispatches()));
  }, 120_000);

  it('try again after a failure to load', async () => {
    let tries = 0;
    const kernel = modules.kernelFile('a/b.c.wgsl', async () => {
      if (tries++ === 0) throw new Error('no network');
      return { default: { x: ['n + 1', ['a/b.c.wgsl', 3, '@compute @workgroup_size(4) fn b_c() {}']] } };
    })('x', { constants: { TILE: 8 } });
    expect(kernel.constants.TILE).toBe(8);
    expect(() => kernel.code).toThrow('b_c: code is read before the kernel is loaded');
    await expect(kernel.load!()).rejects.toThrow('no network');
    await kernel.load!();
    expect(kernel).toMatchObject({ name: 'b_c', rounds: 'n + 1', workgroupSize: [4], constants: {} });
    expect(kernel.lines).toEqual([[0, 3]]);
  });
});
