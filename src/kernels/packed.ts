/**
 * How kernels are shipped: the lines of a shader file once, whichever variants have them, and those of imported files
 * in modules of their own, which all kernels share. `packKernels` runs in the build, `unpackKernels` where kernels are
 * imported; what the host must know of a kernel is read from its code.
 */
import { interfaceOf, kernelName } from './interface.ts';
import type { KernelDescription, LineOrigin } from './kernel.ts';

/** Lines of code from one shader file: its path, the lines, and where each comes from, as the way from the one before. */
export type Pool = readonly [file: string, text: string, origins: readonly number[]];

/** Runs of lines: index into the pools, first line, number of lines; one after the other. And the bound of the loops. */
type PackedKernel = readonly [runs: number[], rounds?: string];

/** Kernels by variant. */
export type PackedKernels = Record<string, PackedKernel>;

/** Collects the lines of one shader file. */
export class PoolWriter {
  private readonly rows: string[] = [];
  private readonly origins: number[] = [];
  private readonly known = new Map<string, number>();

  constructor(readonly file: string) {}

  /** The row of a line, which is added where it is new. */
  row(text: string, line: number): number {
    const key = `${line}:${text}`;
    const found = this.known.get(key);
    if (found !== undefined) return found;
    this.known.set(key, this.rows.length);
    this.origins.push(line);
    return this.rows.push(text) - 1;
  }

  get pool(): Pool {
    return [
      this.file,
      this.rows.join('\n'),
      this.origins.map((line, i) => line - (i > 0 ? this.origins[i - 1] : 0)),
    ];
  }
}

/**
 * Packs the variants of one file, without lines that say nothing to a compiler.
 * @param writerOf the collector for a file's lines
 * @param minify shortens a line
 */
export function packKernels(
  kernels: Record<string, KernelDescription>,
  writerOf: (file: string) => PoolWriter,
  minify = (line: string) => line,
): { kernels: PackedKernels; files: string[] } {
  const files: string[] = [];
  const packed: PackedKernels = {};
  for (const [variant, { code, lines, files: own, rounds }] of Object.entries(kernels)) {
    const runs: number[] = [];
    code.split('\n').forEach((whole, i) => {
      const text = minify(whole);
      if (/^\s*(\/\/.*)?$/.test(text)) return;
      const [file, line] = [own[lines[i][0]], lines[i][1]];
      if (!files.includes(file)) files.push(file);
      const pool = files.indexOf(file);
      const row = writerOf(file).row(text, line);
      const [lastPool, first, count] = runs.slice(-3);
      if (pool === lastPool && row === first + count) runs[runs.length - 1]++;
      else runs.push(pool, row, 1);
    });
    packed[variant] = rounds === undefined ? [runs] : [runs, rounds];
  }
  return { kernels: packed, files };
}

/** The only kernel of a file without variants, else the kernels by variant; code is put together when it is asked for. */
export function unpackKernels(file: string, kernels: PackedKernels, ...pools: Pool[]) {
  const unpacked = Object.entries(kernels).map(
    ([variant, packed]) => [variant, unpack(file, variant, packed, pools)] as const,
  );
  const byVariant = Object.fromEntries(unpacked);
  return byVariant[''] ?? byVariant;
}

function unpack(
  file: string,
  variant: string,
  [runs, rounds]: PackedKernel,
  pools: Pool[],
): KernelDescription {
  const pick = <T>(rowsOf: (pool: Pool, index: number) => T[]): T[] => {
    const picked: T[] = [];
    for (let i = 0; i < runs.length; i += 3) {
      const [pool, first, count] = runs.slice(i, i + 3);
      picked.push(...rowsOf(pools[pool], pool).slice(first, first + count));
    }
    return picked;
  };
  let code: string | undefined;
  let known: ReturnType<typeof interfaceOf> | undefined;
  const read = () => (known ??= interfaceOf(description.code));
  const description: KernelDescription = {
    name: kernelName(file),
    file,
    variant,
    get code() {
      return (code ??= pick(([, text]) => text.split('\n')).join('\n'));
    },
    get storage() {
      return read().storage;
    },
    get params() {
      return read().params;
    },
    get step() {
      return read().step;
    },
    get workgroupSize() {
      return read().workgroupSize;
    },
    get constants() {
      return read().constants;
    },
    rounds,
    files: pools.map(([path]) => path),
    get lines() {
      return pick(([, , origins], pool) => {
        let line = 0;
        return origins.map((way): LineOrigin => [pool, (line += way)]);
      });
    },
  };
  return description;
}
