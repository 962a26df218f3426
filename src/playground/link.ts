/**
 * A playground in the hash of an address: `#gradloom=TO.STATE.WEIGHTS`. TO is the element's id or its number on the page,
 * STATE the JSON of the state and WEIGHTS, where they are small, a checkpoint; both deflated (RFC 1951) and in base64.
 * The same for files: `packRun`.
 */
import { GradloomError } from '../errors';
import { fromBase64, toBase64 } from './data/base64';
import { type PlaygroundState, readState } from './recipe';

export interface SharedRun {
  state: PlaygroundState;
  /** Training goes on from here to the same bits. */
  checkpoint?: Uint8Array<ArrayBuffer>;
}

const KEY = 'gradloom=';
/** Characters of weights in a link: longer links are cut by mail programs and chats. */
export const MOST_LINK = 60_000;
/** Bytes of what a link unpacks to: it may come from anybody. */
const MOST_BYTES = 32e6;

async function through(
  bytes: Uint8Array<ArrayBuffer>,
  stream: TransformStream,
  most = Number.POSITIVE_INFINITY,
) {
  const reader = new Blob([bytes])
    .stream()
    .pipeThrough(stream)
    .getReader() as ReadableStreamDefaultReader<Uint8Array>;
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    length += part.value.length;
    if (length > most) throw refuse(`more than ${most} bytes`);
  }
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

const pack = (bytes: Uint8Array<ArrayBuffer>) => through(bytes, new CompressionStream('deflate-raw'));

async function unpack(text: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await through(fromBase64(text), new DecompressionStream('deflate-raw'), MOST_BYTES);
  } catch (cause) {
    if (cause instanceof GradloomError) throw cause;
    throw refuse('what cannot be unpacked', cause);
  }
}

const refuse = (got: string, cause?: unknown) =>
  new GradloomError({
    code: 'spec',
    op: 'playground',
    argument: 'link',
    got,
    expected: 'a link that the playground made',
    fix: 'It may have been cut: copy the whole link',
    cause,
  });

/** The hash, without weights where they would make it too long. @param to element of the page that opens it */
export async function toHash({ state, checkpoint }: SharedRun, to = '0'): Promise<string> {
  const parts = [encodeURIComponent(to), toBase64(await pack(utf8(JSON.stringify(state))))];
  if (checkpoint) {
    const weights = toBase64(await pack(checkpoint));
    if (weights.length <= MOST_LINK) parts.push(weights);
  }
  return `#${KEY}${parts.join('.')}`;
}

/** What a hash holds for an element; undefined where it is for another one, or none at all. @throws GradloomError `spec` */
export async function fromHash(hash: string, names: readonly string[]): Promise<SharedRun | undefined> {
  const at = hash.indexOf(KEY);
  if (at < 0) return undefined;
  const [to, state, weights] = hash.slice(at + KEY.length).split('.');
  if (!names.includes(decodeURIComponent(to))) return undefined;
  if (!state) throw refuse('a link without a state');
  return {
    state: readState(parse(await unpack(state))),
    ...(weights && { checkpoint: await unpack(weights) }),
  };
}

const utf8 = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw refuse('what is no JSON', cause);
  }
}

/** A run as one file: the length of the state's JSON (32 bits, little endian), the JSON, the checkpoint. */
export function packRun({ state, checkpoint = new Uint8Array() }: SharedRun): Uint8Array<ArrayBuffer> {
  const json = utf8(JSON.stringify(state));
  const bytes = new Uint8Array(4 + json.length + checkpoint.length);
  new DataView(bytes.buffer).setUint32(0, json.length, true);
  bytes.set(json, 4);
  bytes.set(checkpoint, 4 + json.length);
  return bytes;
}

/** @throws GradloomError `spec` for other bytes */
export function unpackRun(bytes: Uint8Array): SharedRun {
  const length = bytes.length > 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : 0;
  if (length === 0 || 4 + length > bytes.length || bytes[4] !== 0x7b) throw refuse('no run');
  const checkpoint = bytes.slice(4 + length);
  const state = readState(parse(bytes.subarray(4, 4 + length)));
  return checkpoint.length > 0 ? { state, checkpoint } : { state };
}
