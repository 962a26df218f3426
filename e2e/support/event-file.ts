/** Reads event files of TensorBoard by their format, without the code that writes them. */
import { expect } from 'vitest';

/** CRC-32C bit by bit, independent of the table. */
function slowCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const unmasked = (value: number) => {
  const rotated = (value - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
};

/** The data of the records of a file, whose checksums are right. */
function recordsIn(bytes: Uint8Array): Uint8Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const found: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(view.getBigUint64(at, true));
    expect(unmasked(view.getUint32(at + 8, true))).toBe(slowCrc(bytes.subarray(at, at + 8)));
    const data = bytes.subarray(at + 12, at + 12 + length);
    expect(unmasked(view.getUint32(at + 12 + length, true))).toBe(slowCrc(data));
    found.push(data);
    at += 16 + length;
  }
  return found;
}

/** Fields of a message by number: numbers, or bytes. */
function fieldsOf(bytes: Uint8Array): [number, number | Uint8Array][] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: [number, number | Uint8Array][] = [];
  let at = 0;
  const varint = () => {
    let [value, scale] = [0, 1];
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const field = tag >> 3;
    if ((tag & 7) === 0) found.push([field, varint()]);
    else if ((tag & 7) === 1) {
      found.push([field, view.getFloat64(at, true)]);
      at += 8;
    } else if ((tag & 7) === 5) {
      found.push([field, view.getFloat32(at, true)]);
      at += 4;
    } else {
      const length = varint();
      found.push([field, bytes.subarray(at, at + length)]);
      at += length;
    }
  }
  return found;
}

export const eventsIn = (file: Uint8Array) =>
  recordsIn(file).map((data) => {
    const event = Object.fromEntries(fieldsOf(data));
    const values = event[5] ? fieldsOf(event[5] as Uint8Array) : [];
    const scalars = values.map(([, value]) => {
      const { 1: tag, 2: number } = Object.fromEntries(fieldsOf(value as Uint8Array));
      return [new TextDecoder().decode(tag as Uint8Array), number];
    });
    const version = event[3] && new TextDecoder().decode(event[3] as Uint8Array);
    return { time: event[1], step: event[2], version, scalars: Object.fromEntries(scalars) };
  });
