/** Bytes as base64 with the alphabet of addresses (RFC 4648, section 5), without padding. */
import { GradloomError } from '../../errors';

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  const part = 0x8000;
  for (let i = 0; i < bytes.length; i += part) text += String.fromCharCode(...bytes.subarray(i, i + part));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** @throws GradloomError `data` for other characters. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
  } catch (cause) {
    const got = 'characters that are not of base64';
    throw new GradloomError({
      code: 'data',
      op: 'playground',
      argument: 'bytes',
      got,
      expected: 'base64',
      cause,
    });
  }
}
