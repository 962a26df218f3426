// safetensors: byte-exact against files of the reference implementation (safetensors 0.8.0 for Python), round
// trips, every element type, and files broken in every way we could think of.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { StateDict } from './state-dict';

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** A file with this header (padded as the format wants unless told otherwise) and data. */
function file(header: unknown, data: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(Array.from(data), 8 + text.length);
  return bytes;
}

const one = (dtype: string, shape: number[], data: ArrayBufferView, padding = '') => {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return file(JSON.stringify({ t: { dtype, shape, data_offsets: [0, bytes.length] } }) + padding, bytes);
};

function refusal(bytes: Uint8Array): GradloomError {
  try {
    readSafetensors(bytes, 'w.safetensors');
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).toBe('data');
    return error as GradloomError;
  }
  throw new Error('accepted');
}

/** Written by the reference implementation from `state` below with metadata `{ format: 'pt' }`. */
const REFERENCE = latin(
  '\x10\x01\x00\x00\x00\x00\x00\x00{"__metadata__":{"format":"pt"},' +
    '"fc.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},' +
    '"fc.weight":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},' +
    '"n":{"dtype":"F32","shape":[],"data_offsets":[24,28]},' +
    '"\xc3\xbcn\xc3\xaf":{"dtype":"F32","shape":[0,3],"data_offsets":[28,28]}}  ' +
    '\x00\x00\x80>\x00\x00\x80\xbf\x00\x00\x80?\x00\x00\x00\xc0\x00\x00\x00?\x00\x00@@\x00\x00\xe0@',
);
const state: StateDict = {
  'fc.weight': { shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) },
  'fc.bias': { shape: [2], data: Float32Array.of(0.25, -1) },
  n: { shape: [], data: Float32Array.of(7) },
  ünï: { shape: [0, 3], data: new Float32Array(0) },
};

describe('against the reference implementation', () => {
  it('writes its bytes', () => {
    expect(writeSafetensors(state, { format: 'pt' })).toEqual(REFERENCE);
  });

  it('reads its bytes, also at an odd address and from a Buffer', () => {
    const shifted = new Uint8Array(REFERENCE.length + 3);
    shifted.set(REFERENCE, 3);
    for (const bytes of [REFERENCE, shifted.subarray(3), Buffer.from(REFERENCE)]) {
      expect(readSafetensors(bytes)).toEqual({ tensors: state, metadata: { format: 'pt' } });
    }
  });

  it('reads its mixed types', () => {
    const hex =
      '18010000000000007b2263223a7b226474797065223a22493634222c227368617065223a5b325d2c22646174615f6f66667365' +
      '7473223a5b302c31365d7d2c2262223a7b226474797065223a22463634222c227368617065223a5b325d2c22646174615f6f66' +
      '6673657473223a5b31362c33325d7d2c2261223a7b226474797065223a22463136222c227368617065223a5b325d2c22646174' +
      '615f6f666673657473223a5b33322c33365d7d2c2265223a7b226474797065223a225538222c227368617065223a5b335d2c22' +
      '646174615f6f666673657473223a5b33362c33395d7d2c2264223a7b226474797065223a22424f4f4c222c227368617065223a' +
      '5b325d2c22646174615f6f666673657473223a5b33392c34315d7d7d20202020200500000000000000fdffffffffffffff0000' +
      '00000000f03f0000000000000440003c00400102030100';
    const { tensors, metadata } = readSafetensors(Buffer.from(hex, 'hex'));
    const values = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({ a: [1, 2], b: [1, 2.5], c: [5, -3], d: [1, 0], e: [1, 2, 3] });
    expect(metadata).toEqual({});
  });
});

describe('round trip', () => {
  it('keeps any tensors, bit by bit, and any metadata; the header ends on a multiple of 8', () => {
    const tensor = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }).chain((shape) => {
      const size = shape.reduce((product, extent) => product * extent, 1);
      return fc
        .array(fc.float(), { minLength: size, maxLength: size })
        .map((values) => ({ shape, data: Float32Array.from(values) }));
    });
    const name = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text !== '__metadata__');
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(fc.dictionary(name, tensor), fc.dictionary(text, text), (tensors, metadata) => {
        const bytes = writeSafetensors(tensors, metadata);
        expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
        const back = readSafetensors(bytes);
        expect({ ...back.tensors }).toEqual({ ...tensors });
        expect({ ...back.metadata }).toEqual({ ...metadata });
        expect(writeSafetensors(back.tensors, back.metadata)).toEqual(bytes);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('refuses tensors that contradict themselves', () => {
    const data = new Float32Array(3);
    expect(() => writeSafetensors({ w: { shape: [2], data } })).toThrow(
      /data of w is 3 values; expected 2 for \[2\]/,
    );
    expect(() => writeSafetensors({ w: { shape: [-3], data } })).toThrow(/shape of w is \[-3\]/);
    expect(() => writeSafetensors({ __metadata__: { shape: [3], data } })).toThrow(/reserved/);
  });
});

describe('element types', () => {
  it.each<[string, ArrayBufferView, number[]]>([
    [
      'F32',
      Float32Array.of(1.5, Number.NaN, Number.NEGATIVE_INFINITY, -0),
      [1.5, Number.NaN, Number.NEGATIVE_INFINITY, -0],
    ],
    [
      'F16',
      Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x03ff, 0x0400, 0x7bff, 0x7c00, 0xfc00, 0x7e00, 0x8000),
      [1, -2, 2 ** -24, 1023 * 2 ** -24, 2 ** -14, 65504, Infinity, -Infinity, Number.NaN, -0],
    ],
    ['BF16', Uint16Array.of(0x3f80, 0xc020, 0x7f80, 0x0001), [1, -2.5, Infinity, 2 ** -133]],
    ['F64', Float64Array.of(0.1, Infinity, 1e-60), [Math.fround(0.1), Infinity, 0]],
    ['I64', BigInt64Array.of(-3n, 2n ** 40n), [-3, 2 ** 40]],
    ['I32', Int32Array.of(-16777216, 7), [-16777216, 7]],
    ['I16', Int16Array.of(-32768, 5), [-32768, 5]],
    ['I8', Int8Array.of(-128, 5), [-128, 5]],
    ['U8', Uint8Array.of(0, 255), [0, 255]],
    ['BOOL', Uint8Array.of(0, 1), [0, 1]],
  ])('reads %s', (dtype, data, expected) => {
    for (const padding of ['', ' ', '   ']) {
      const { t } = readSafetensors(one(dtype, [expected.length], data, padding)).tensors;
      expect([...t.data]).toEqual(expected);
    }
  });

  it.each<[string, ArrayBufferView, RegExp]>([
    ['F64', Float64Array.of(1, 1e39), /t: F64 element 1 is 1e\+39; expected a value that float32/],
    ['I64', BigInt64Array.of(2n ** 24n + 1n), /I64 element 0 is 16777217/],
    ['I64', BigInt64Array.of(2n ** 63n - 1n), /I64 element 0 is 9223372036854775807/],
    ['I32', Int32Array.of(0, 0, 16777217), /I32 element 2 is 16777217/],
    ['BOOL', Uint8Array.of(2), /BOOL element 0 is 2; expected 0 or 1/],
  ])('refuses %s that float32 cannot hold', (dtype, data, message) => {
    const size = dtype.endsWith('64') ? 8 : dtype === 'BOOL' ? 1 : 4;
    expect(refusal(one(dtype, [data.byteLength / size], data)).message).toMatch(message);
  });
});

describe('broken files', () => {
  const tensor = (begin: number, end: number, shape = [(end - begin) / 4]) => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  });
  it.each<[string, Uint8Array, RegExp]>([
    ['no header length', new Uint8Array(7), /w\.safetensors is 7 bytes; expected at least 8/],
    [
      'a huge header',
      file('{}', [], 2n ** 63n),
      /header of 9223372036854775808 bytes; expected at most 100000000/,
    ],
    ['a cut header', file('{}', [], 20n), /is 10 bytes; expected 28 or more/],
    ['no JSON', file('{"a":'), /header cannot be read/],
    ['no UTF-8', file('{"ü":1}', [], 3n), /header cannot be read/],
    ['a list', file([]), /header is no object/],
    ['null', file('null'), /header is no object/],
    ['no info', file({ a: 3 }), /a is 3; expected an object with dtype/],
    [
      'a deep nest',
      file(`{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`),
      /expected an object with dtype/,
    ],
    [
      'a foreign type',
      file({ a: { ...tensor(0, 4), dtype: 'F8_E4M3' } }, [0, 0, 0, 0]),
      /"F8_E4M3"; expected one of F32/,
    ],
    ['an inherited type', file({ a: { ...tensor(0, 4), dtype: 'toString' } }), /"toString"; expected/],
    ['a missing type', file({ a: { shape: [], data_offsets: [0, 4] } }), /dtype is undefined/],
    ['a negative size', file({ a: tensor(0, 4, [-1]) }), /shape is \[-1\]/],
    ['a fraction', file({ a: tensor(0, 4, [0.5]) }), /shape is \[0\.5\]/],
    ['one offset', file({ a: { ...tensor(0, 4), data_offsets: [0] } }), /data_offsets is \[0\]/],
    ['backward offsets', file({ a: tensor(4, 0, [1]) }, [0, 0, 0, 0]), /data_offsets is \[4,0\]/],
    [
      'another size',
      file({ a: tensor(0, 8, [3]) }, new Uint8Array(8)),
      /a is 8 bytes; expected 12 for F32 \[3\]/,
    ],
    ['an overflowing size', file({ a: tensor(0, 8, [2 ** 52, 2 ** 52, 2 ** 52]) }), /a is 8 bytes; expected/],
    [
      'cut data',
      file({ a: tensor(0, 8) }, new Uint8Array(7)),
      /end at byte 8; expected at most 7.*truncated/,
    ],
    [
      'an overlap',
      file({ a: tensor(0, 8), b: tensor(4, 12) }, new Uint8Array(12)),
      /b is at byte 4, inside another/,
    ],
    [
      'a gap',
      file({ a: tensor(0, 4), b: tensor(8, 12) }, new Uint8Array(12)),
      /b is at byte 8, after a gap; .* 4/,
    ],
    ['bytes too many', file({ a: tensor(0, 4) }, new Uint8Array(6)), /followed by 2 bytes of no tensor/],
    ['odd metadata', file({ __metadata__: { a: 1 } }), /__metadata__ "a" is number; expected a text/],
    ['metadata in a list', file({ __metadata__: [] }), /__metadata__ is no object/],
  ])('refuses %s', (_, bytes, message) => {
    expect(refusal(bytes).message).toMatch(message);
  });

  it('never gives anything but a GradloomError for garbled or truncated bytes', () => {
    const change = fc.tuple(fc.nat({ max: REFERENCE.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(
        fc.array(change, { maxLength: 4 }),
        fc.nat({ max: REFERENCE.length }),
        (changes, length) => {
          const bytes = REFERENCE.slice();
          for (const [at, value] of changes) bytes[at] = value;
          try {
            readSafetensors(bytes.subarray(0, changes.length === 0 ? length : undefined));
          } catch (error) {
            expect(error).toBeInstanceOf(GradloomError);
            expect((error as GradloomError).code).toBe('data');
          }
        },
      ),
      { seed: 2, numRuns: 3000 },
    );
  });
});
