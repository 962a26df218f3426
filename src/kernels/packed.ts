/**
 * How the build ships the kernels of one shader file: each line of code once, since variants and the helpers that they
 * import share most of theirs. `packKernels` runs in the build, `unpackKernels` where the kernels are imported.
 */
import type { KernelDescription, LineOrigin } from './kernel.ts';

export interface PackedKernels {
  files: string[];
  /** Different lines of code, one below the other. */
  text: string;
  /** Where each comes from: an index into `files`, a line; one after the other. */
  origins: number[];
  /** The kernels by variant; `rows` are ranges of lines, as first and count, one after the other. */
  kernels: Record<string, PackedKernel>;
}

type PackedKernel = Omit<KernelDescription, 'code' | 'lines' | 'files'> & { rows: number[] };

/** Leaves out lines that say nothing to a compiler. */
export function packKernels(kernels: Record<string, KernelDescription>): PackedKernels {
  const files: string[] = [];
  const texts: string[] = [];
  const origins: number[] = [];
  const known = new Map<string, number>();
  const packed: Record<string, PackedKernel> = {};
  for (const [variant, { code, lines, files: own, ...kernel }] of Object.entries(kernels)) {
    const rows: number[] = [];
    code.split('\n').forEach((text, i) => {
      if (/^\s*(\/\/.*)?$/.test(text)) return;
      const path = own[lines[i][0]];
      const key = `${path}:${lines[i][1]}:${text}`;
      let row = known.get(key);
      if (row === undefined) {
        if (!files.includes(path)) files.push(path);
        row = texts.push(text) - 1;
        origins.push(files.indexOf(path), lines[i][1]);
        known.set(key, row);
      }
      if (rows.length > 0 && row === rows.at(-2)! + rows.at(-1)!) rows[rows.length - 1]++;
      else rows.push(row, 1);
    });
    packed[variant] = { ...kernel, rows };
  }
  return { files, text: texts.join('\n'), origins, kernels: packed };
}

/** The only kernel of a file without variants, else the kernels by variant; code is put together when it is asked for. */
export function unpackKernels({ files, text, origins, kernels }: PackedKernels) {
  const texts = text.split('\n');
  const unpacked = Object.entries(kernels).map(([variant, { rows, ...kernel }]) => {
    const pick = <T>(at: (row: number) => T): T[] => {
      const picked: T[] = [];
      for (let i = 0; i < rows.length; i += 2) {
        for (let row = rows[i]; row < rows[i] + rows[i + 1]; row++) picked.push(at(row));
      }
      return picked;
    };
    let code: string | undefined;
    const description: KernelDescription = {
      ...kernel,
      files,
      get code() {
        code ??= pick((row) => texts[row]).join('\n');
        return code;
      },
      get lines() {
        return pick<LineOrigin>((row) => [origins[2 * row], origins[2 * row + 1]]);
      },
    };
    return [variant, description] as const;
  });
  const byVariant = Object.fromEntries(unpacked);
  return byVariant[''] ?? byVariant;
}
