/**
 * Brings bytes from where a page has them - a URL, a chosen or dropped file, memory - and unpacks gzip, with
 * errors that say what went wrong. Reading paths is the command line's business: this runs in browser and Node.
 */
import { GradloomError, showValue } from '../errors';

/** A file's content and the name to call it by. */
export interface NamedBytes {
  name: string;
  bytes: Uint8Array;
}

/** Where data can come from: a URL (text or `URL`), a `File` or `Blob`, or bytes with or without a name. */
export type DataSource = string | URL | Blob | ArrayBuffer | Uint8Array | NamedBytes;

/**
 * Reads a source to its end and unpacks it when it is gzip (told by its first bytes, so it does not matter
 * whether the server or the browser has unpacked it already).
 * @throws GradloomError (code `data`): not found, no connection, a web page instead of data, damaged gzip;
 * (code `aborted`) when `signal` stops it.
 */
export async function readSource(source: DataSource, signal?: AbortSignal): Promise<NamedBytes> {
  const raw = await readRaw(source, signal);
  return { name: raw.name, bytes: await gunzip(raw.bytes, raw.name) };
}

async function readRaw(source: DataSource, signal?: AbortSignal): Promise<NamedBytes> {
  if (typeof source === 'string' || source instanceof URL) return fetchBytes(String(source), signal);
  if (source instanceof Uint8Array) return { name: 'bytes', bytes: source };
  if (source instanceof ArrayBuffer) return { name: 'bytes', bytes: new Uint8Array(source) };
  if (!(source instanceof Blob)) return namedBytes(source);
  const name = source instanceof File ? source.name : 'blob';
  try {
    return { name, bytes: new Uint8Array(await source.arrayBuffer()) };
  } catch (cause) {
    throw unreadable(name, describe(cause), 'a file that can be read', 'Choose the file again.', cause);
  }
}

/** @throws GradloomError `data` for what is no source. */
function namedBytes(source: unknown): NamedBytes {
  const { name, bytes } = (source ?? {}) as Partial<NamedBytes>;
  if (bytes instanceof Uint8Array) return { name: String(name ?? 'bytes'), bytes };
  const got =
    typeof Response !== 'undefined' && source instanceof Response ? 'a Response' : showValue(source);
  const fix = got === 'a Response' ? 'Pass await response.blob()' : 'Pass an address, a File, or bytes.';
  throw unreadable('source', got, 'an address, a Blob, bytes or { name, bytes }', fix);
}

async function fetchBytes(url: string, signal?: AbortSignal): Promise<NamedBytes> {
  let response: Response;
  let bytes: Uint8Array;
  try {
    response = await fetch(url, { signal });
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (signal?.aborted)
      throw new GradloomError({ code: 'aborted', op: 'readSource', argument: url, got: 'aborted', cause });
    const fix = 'Check the address and the connection; another site must allow this page to read it (CORS).';
    throw unreadable(url, `not reachable (${describe(cause)})`, 'an answer', fix, cause);
  }
  if (!response.ok) {
    throw unreadable(url, `answered with status ${response.status}`, 'status 200', 'Check the address.');
  }
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) {
    // Servers of single-page apps answer so, with status 200, to the address of a missing file.
    throw unreadable(
      url,
      'a web page (HTML)',
      'data',
      'Check the address: the server probably has no such file.',
    );
  }
  return { name: url, bytes };
}

/**
 * Unpacks gzip; other bytes are returned as they are.
 * @throws GradloomError (code `data`) when the gzip data is damaged or truncated.
 */
export async function gunzip(bytes: Uint8Array, name: string): Promise<Uint8Array> {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    const packed = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    const unpacked = packed.pipeThrough(new DecompressionStream('gzip'));
    return new Uint8Array(await new Response(unpacked).arrayBuffer());
  } catch (cause) {
    const fix = 'The file is truncated or damaged; fetch it again.';
    throw unreadable(
      name,
      `gzip that cannot be unpacked (${describe(cause)})`,
      'whole gzip data',
      fix,
      cause,
    );
  }
}

/**
 * Bytes as text without their byte order mark: UTF-8, or UTF-16 where a mark says so, as spreadsheets export it.
 * @throws GradloomError (code `data`) for another encoding or no text at all.
 */
export function decodeText(bytes: Uint8Array, name: string, op = 'readText'): string {
  const mark = bytes.length >= 2 ? bytes[0] * 256 + bytes[1] : 0;
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GradloomError({
      code: 'data',
      op,
      argument: name,
      got: `no text in ${encoding.toUpperCase()}`,
      expected: 'text in UTF-8',
      fix: 'Save it in UTF-8 (in spreadsheets: CSV UTF-8)',
      cause,
    });
  }
}

function unreadable(
  argument: string,
  got: string,
  expected: string,
  fix: string,
  cause?: unknown,
): GradloomError {
  return new GradloomError({ code: 'data', op: 'readSource', argument, got, expected, fix, cause });
}

/** The reason behind a failed fetch or stream: Node hides it in the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
