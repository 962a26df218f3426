/** The bytes of a file that a reader is given. */
import { GradloomError, showValue as show } from '../errors';

/** @throws GradloomError `data` for what holds no bytes at hand, such as a Blob or an answer of fetch. */
export function bytesOf(given: unknown, op: string, name: string): Uint8Array {
  if (typeof name !== 'string') {
    const fix = `${op}(bytes, name, options)`;
    throw new GradloomError({
      code: 'argument',
      op,
      argument: 'name',
      got: show(name),
      expected: 'a text',
      fix,
    });
  }
  if (given instanceof Uint8Array) return given;
  if (given instanceof ArrayBuffer || Object.prototype.toString.call(given) === '[object ArrayBuffer]') {
    return new Uint8Array(given as ArrayBuffer);
  }
  const fixes: Record<string, string> = {
    Blob: 'Pass await blob.arrayBuffer()',
    File: 'Pass await file.arrayBuffer()',
    Response: 'Pass await response.arrayBuffer()',
    Promise: 'Await it first',
  };
  const kind = Object.prototype.toString.call(given).slice(8, -1);
  const fix = ArrayBuffer.isView(given)
    ? 'Pass new Uint8Array(array.buffer, array.byteOffset, array.byteLength)'
    : (fixes[kind] ?? 'Pass the bytes of the file, as Uint8Array or ArrayBuffer');
  const got =
    typeof given === 'string' ? 'a text' : typeof given === 'object' && given ? `a ${kind}` : show(given);
  const expected = 'the bytes of a file: Uint8Array or ArrayBuffer';
  throw new GradloomError({ code: 'data', op, argument: name, got, expected, fix });
}
