/**
 * How kernels are shipped: as chunks of lines, each once however many kernels have it (`pack.ts` makes them in the
 * build). What the host must know of a kernel is read from its code, which is put together when it is asked for.
 */
import { interfaceOf, kernelName } from './interface.ts';
import type { KernelDescription, LineOrigin } from './kernel.ts';

/** Lines that follow each other in a shader file: its path, the first one's number, and the lines, empty where they say nothing. */
export type Chunk = readonly [file: string, line: number, text: string];

/**
 * A kernel from its chunks.
 * @param file path below `shaders/` of the file with the entry point
 * @param rounds bound of its loops (`rounds.ts`)
 */
export function unpackKernel(
  file: string,
  variant: string,
  rounds: string | undefined,
  ...chunks: Chunk[]
): KernelDescription {
  const files = [...new Set(chunks.map(([path]) => path))];
  let code: string | undefined;
  let known: ReturnType<typeof interfaceOf> | undefined;
  const read = () => (known ??= interfaceOf(description.code));
  const description: KernelDescription = {
    name: kernelName(file),
    file,
    variant,
    get code() {
      return (code ??= chunks.map(([, , text]) => text).join('\n'));
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
    files,
    get lines() {
      return chunks.flatMap(([path, first, text]) =>
        text.split('\n').map((_, i): LineOrigin => [files.indexOf(path), first + i]),
      );
    },
  };
  return description;
}
