/**
 * Build time only: cuts kernels into chunks, the longest runs of lines that kernels have only together. Each chunk is
 * a module-level value of its own, and kernels are made of references to them, so that a bundler keeps the lines of those
 * kernels that a page uses.
 */
import type { KernelDescription } from './kernel.ts';
import type { Chunk } from './packed.ts';

interface Line {
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /** The lines before and after it in the kernels that have it; `null` at an end. */
  readonly before: Set<Line | null>;
  readonly after: Set<Line | null>;
}

/** Most lines without code that stand empty in a chunk rather than end it. */
const WIDEST_GAP = 4;

/** Chunks of a set of kernels. */
export interface Packed {
  /** By file, in the order of its lines. */
  chunks: ReadonlyMap<string, readonly Chunk[]>;
  /** The chunks of each kernel. */
  kernels: ReadonlyMap<KernelDescription, readonly Chunk[]>;
}

/** @param minify shortens a line */
export function packKernels(kernels: readonly KernelDescription[], minify = (line: string) => line): Packed {
  const known = new Map<string, Line>();
  const sequences = kernels.map((kernel) => linesOf(kernel, minify, known));
  for (const lines of sequences) {
    lines.forEach((line, i) => {
      line.before.add(lines[i - 1] ?? null);
      line.after.add(lines[i + 1] ?? null);
    });
  }
  const chunkOf = new Map<Line, Chunk>();
  const packed = kernels.map((kernel, k) => {
    const lines = sequences[k];
    const chunks: Chunk[] = [];
    for (let start = 0; start < lines.length; ) {
      let end = start + 1;
      while (end < lines.length && belongTogether(lines[end - 1], lines[end])) end++;
      const first = lines[start];
      let chunk = chunkOf.get(first);
      if (!chunk) {
        chunk = [first.file, first.line, textOf(lines.slice(start, end))];
        chunkOf.set(first, chunk);
      }
      chunks.push(chunk);
      start = end;
    }
    return [kernel, chunks] as const;
  });
  const byFile = new Map<string, Chunk[]>();
  for (const chunk of chunkOf.values()) byFile.set(chunk[0], [...(byFile.get(chunk[0]) ?? []), chunk]);
  for (const chunks of byFile.values()) chunks.sort((a, b) => a[1] - b[1]);
  return { chunks: byFile, kernels: new Map(packed) };
}

/** The lines of a kernel that say something to a compiler, each the same object in all kernels. */
function linesOf(
  { code, lines, files }: KernelDescription,
  minify: (line: string) => string,
  known: Map<string, Line>,
): Line[] {
  return code.split('\n').flatMap((whole, i) => {
    const text = minify(whole);
    if (/^\s*(\/\/.*)?$/.test(text)) return [];
    const [file, line] = [files[lines[i][0]], lines[i][1]];
    const key = `${file}:${line}:${text}`;
    const found = known.get(key) ?? { file, line, text, before: new Set(), after: new Set() };
    known.set(key, found);
    return [found];
  });
}

const belongTogether = (a: Line, b: Line): boolean =>
  a.file === b.file &&
  b.line - a.line <= WIDEST_GAP + 1 &&
  // Lines that come from one share it again, unless a comment would swallow the second.
  (b.line > a.line || (b.line === a.line && !a.text.includes('//'))) &&
  a.after.size === 1 &&
  b.before.size === 1;

/** Lines at their distances. */
function textOf(lines: readonly Line[]): string {
  return lines.reduce((whole, { text, line }, i) => {
    const distance = i > 0 ? line - lines[i - 1].line : 0;
    const between = distance === 0 && /\w$/.test(whole) && /^\w/.test(text) ? ' ' : '\n'.repeat(distance);
    return whole + between + text;
  }, '');
}
