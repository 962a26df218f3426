/** Files as streams for `DataLoader`: lines of text and records of bytes, read piece by piece. */
import { checkCount, checkOptions } from '../../checks';
import { GradloomError, showValue } from '../../errors';

/** A `File` or `Blob`, an address, a stream of bytes or what opens one. In Node `createReadStream` and `openAsBlob` give these. */
export type StreamedFile =
  | Blob
  | URL
  | string
  | (() => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>)
  | AsyncIterable<Uint8Array>;

export interface FileOptions {
  /** Unpacks gzip. Default: where the name ends with .gz. */
  gzip?: boolean;
}

/**
 * The lines of a text in UTF-8, without their ends, from the first one on for every epoch: `new DataLoader(readLines(file),
 * { transform: (line) => ... })`. A byte order mark and an empty last line are left out.
 * @throws GradloomError when it is read: `data` for what cannot be read or is no UTF-8.
 */
export function readLines(file: StreamedFile, options: FileOptions = {}): () => AsyncGenerator<string> {
  checkOptions('readLines', options, ['gzip']);
  return async function* lines() {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    const decode = (bytes?: Uint8Array) => {
      try {
        return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
      } catch (cause) {
        throw fail('readLines', nameOf(file), 'no text in UTF-8', 'text in UTF-8', cause);
      }
    };
    let rest = '';
    for await (const bytes of bytesOf('readLines', file, options)) {
      const parts = (rest + decode(bytes)).split('\n');
      rest = parts.pop()!;
      for (const line of parts) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    }
    rest += decode();
    if (rest !== '') yield rest;
  };
}

/**
 * Records of `size` bytes, after `skip` bytes of a header: images of CIFAR files, for example.
 * @throws GradloomError when it is read: `data` for a last record that is not whole.
 */
export function readRecords(
  file: StreamedFile,
  size: number,
  options: FileOptions & { skip?: number } = {},
): () => AsyncGenerator<Uint8Array> {
  checkOptions('readRecords', options, ['gzip', 'skip']);
  checkCount('readRecords', 'size', size);
  const { skip = 0 } = options;
  return async function* records() {
    let [skipped, filled] = [0, 0];
    let record = new Uint8Array(size);
    for await (const bytes of bytesOf('readRecords', file, options)) {
      let at = Math.min(bytes.length, skip - skipped);
      skipped += at;
      while (at < bytes.length) {
        const part = bytes.subarray(at, at + size - filled);
        record.set(part, filled);
        filled += part.length;
        at += part.length;
        if (filled < size) continue;
        yield record;
        record = new Uint8Array(size);
        filled = 0;
      }
    }
    if (filled > 0)
      throw fail(
        'readRecords',
        nameOf(file),
        `${filled} bytes after the last record`,
        `whole records of ${size}`,
      );
  };
}

async function* bytesOf(op: string, file: StreamedFile, { gzip }: FileOptions): AsyncGenerator<Uint8Array> {
  const stream = await open(op, file);
  const packed = gzip ?? /\.gz$/i.test(nameOf(file));
  try {
    yield* packed ? unpacked(stream) : stream;
  } catch (cause) {
    if (cause instanceof GradloomError) throw cause;
    throw fail(
      op,
      nameOf(file),
      `not readable to its end (${(cause as Error)?.message ?? cause})`,
      'a whole file',
      cause,
    );
  }
}

async function open(op: string, file: StreamedFile): Promise<AsyncIterable<Uint8Array>> {
  if (typeof file === 'function') return file();
  if (file instanceof Blob) return chunksOf(file.stream());
  if (typeof file === 'string' || file instanceof URL) {
    const response = await fetch(file).catch((cause) => {
      throw fail(op, String(file), 'not reachable', 'an address that this page may read', cause);
    });
    if (!response.ok || !response.body)
      throw fail(op, String(file), `answered with status ${response.status}`, 'status 200');
    return chunksOf(response.body);
  }
  if (Symbol.asyncIterator in Object(file)) return file;
  throw fail(
    op,
    'file',
    showValue(file),
    'a File or Blob, an address, a stream of bytes, or a function that opens one',
  );
}

async function* unpacked(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = stream[Symbol.asyncIterator]();
  const source = new ReadableStream<BufferSource>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel: async () => void (await iterator.return?.()),
  });
  yield* chunksOf(source.pipeThrough(new DecompressionStream('gzip')));
}

/** Not all browsers iterate streams by themselves. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      isDone = done;
      if (done) return;
      yield value;
    }
  } finally {
    if (!isDone) await reader.cancel();
  }
}

const nameOf = (file: StreamedFile): string =>
  typeof file === 'string' || file instanceof URL
    ? String(file)
    : typeof File !== 'undefined' && file instanceof File
      ? file.name
      : 'file';

const fail = (op: string, argument: string, got: string, expected: string, cause?: unknown) =>
  new GradloomError({ code: 'data', op, argument, got, expected, cause });
