/**
 * TensorBoard's event files: TFRecords (length, masked CRC-32C, data, masked CRC-32C) of `tensorflow.Event` messages of
 * protocol buffers. Sources: tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto, TFRecord.
 */
import { crc32c } from '../../crc32';

const text = new TextEncoder();

/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A message: fields one after the other. */
class Message {
  private readonly parts: number[] = [];

  double(field: number, value: number): this {
    return this.fixed(field, FIXED64, 8, (view) => view.setFloat64(0, value, true));
  }

  float(field: number, value: number): this {
    return this.fixed(field, FIXED32, 4, (view) => view.setFloat32(0, value, true));
  }

  /** A whole number from 0 to 2^53. */
  int64(field: number, value: number): this {
    this.varint(field * 8 + VARINT);
    this.varint(value);
    return this;
  }

  bytes(field: number, value: Uint8Array | string): this {
    const bytes = typeof value === 'string' ? text.encode(value) : value;
    this.varint(field * 8 + BYTES);
    this.varint(bytes.length);
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }

  finish(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.parts);
  }

  private fixed(field: number, wire: number, size: number, write: (view: DataView) => void): this {
    const bytes = new Uint8Array(size);
    write(new DataView(bytes.buffer));
    this.varint(field * 8 + wire);
    this.parts.push(...bytes);
    return this;
  }

  private varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.parts.push((rest % 128) | 128);
    this.parts.push(rest);
  }
}

/** The record with which a file begins. @param seconds since 1970 */
export const versionRecord = (seconds: number): Uint8Array<ArrayBuffer> =>
  record(new Message().double(1, seconds).bytes(3, 'brain.Event:2').finish());

/** Numbers of a step by their tags. */
export function scalarsRecord(
  scalars: Readonly<Record<string, number>>,
  step: number,
  seconds: number,
): Uint8Array<ArrayBuffer> {
  const summary = new Message();
  for (const [tag, value] of Object.entries(scalars))
    summary.bytes(1, new Message().bytes(1, tag).float(2, value).finish());
  return record(new Message().double(1, seconds).int64(2, step).bytes(5, summary.finish()).finish());
}

function record(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(16 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(8, masked(crc32c(bytes.subarray(0, 8))), true);
  bytes.set(data, 12);
  view.setUint32(12 + data.length, masked(crc32c(data)), true);
  return bytes;
}

/** Checksums of data that holds checksums are stored rotated, plus a constant. */
const masked = (crc: number): number => (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
