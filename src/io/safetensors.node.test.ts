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

  it('takes typed arrays of other kinds and lists by value', () => {
    const given = {
      a: { shape: [2], data: Float64Array.of(0.1, Number.NaN) },
      b: { shape: [2], data: BigInt64Array.of(-3n, 2n ** 40n) },
      c: { shape: [2], data: [1, 2.5] },
      d: { shape: [1], data: new Float32Array(8).fill(7).subarray(2, 3) },
    };
    const { tensors } = readSafetensors(writeSafetensors(given as unknown as StateDict));
    const values = Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [name, [...data]]));
    expect(values).toEqual({ a: [Math.fround(0.1), Number.NaN], b: [-3, 2 ** 40], c: [1, 2.5], d: [7] });
  });

  it.each<[string, unknown, unknown, RegExp]>([
    [
      'null in a list',
      { w: { shape: [2], data: [1, null] } },
      {},
      /data of w is null at 1; expected numbers/,
    ],
    ['a text in a list', { w: { shape: [1], data: ['5'] } }, {}, /data of w is "5" at 0/],
    ['a DataView', { w: { shape: [1], data: new DataView(new ArrayBuffer(4)) } }, {}, /is a DataView/],
    [
      'a large whole number',
      { w: { shape: [1], data: Int32Array.of(2 ** 24 + 1) } },
      {},
      /16777217 at 0; .* hold/,
    ],
    ['no shape', { w: { data: new Float32Array(1) } }, {}, /shape of w is undefined/],
    ['a bare array', { w: new Float32Array(1) }, {}, /shape of w is undefined/],
    ['a Map', new Map([['w', 1]]), {}, /tensors is a Map; .*Object\.fromEntries/],
    ['a list', [], {}, /tensors is \[\]; expected a record/],
    [
      'half a surrogate pair',
      { '\ud800': { shape: [], data: new Float32Array(1) } },
      {},
      /tensor name is .*surrogates/,
    ],
    ['metadata that are no texts', {}, { epochs: 3 }, /metadata "epochs" is 3; expected a text/],
  ])('refuses to write %s', (_, tensors, metadata, message) => {
    const write = () => writeSafetensors(tensors as StateDict, metadata as Record<string, string>);
    expect(write).toThrow(GradloomError);
    expect(write).toThrow(message);
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
    ['U64', BigUint64Array.of(3n, 2n ** 63n), [3, 2 ** 63]],
    ['U32', Uint32Array.of(2 ** 31, 7), [2 ** 31, 7]],
    ['U16', Uint16Array.of(65535, 7), [65535, 7]],
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
    ['U32', Uint32Array.of(2 ** 32 - 1), /U32 element 0 is 4294967295/],
    ['U64', BigUint64Array.of(2n ** 64n - 1n), /U64 element 0 is 18446744073709551615/],
    ['BOOL', Uint8Array.of(2), /BOOL element 0 is 2; expected 0 or 1/],
  ])('refuses %s that float32 cannot hold', (dtype, data, message) => {
    const size = dtype.endsWith('64') ? 8 : dtype === 'BOOL' ? 1 : 4;
    expect(refusal(one(dtype, [data.byteLength / size], data)).message).toMatch(message);
  });
});

it('rounds counters of batches, which nothing reads, instead of refusing the file', () => {
  const bytes = new Uint8Array(BigInt64Array.of(2n ** 40n + 1n).buffer);
  const info = { dtype: 'I64', shape: [], data_offsets: [0, 8] };
  const { tensors } = readSafetensors(file({ 'bn.num_batches_tracked': info }, bytes));
  expect([...tensors['bn.num_batches_tracked'].data]).toEqual([2 ** 40]);
  expect(refusal(file({ 'bn.num_batches': info }, bytes)).message).toMatch(/1099511627777/);
});

it('takes null for no metadata, and an ArrayBuffer', () => {
  const bytes = file(
    { __metadata__: null, a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } },
    [0, 0, 128, 63],
  );
  const { tensors, metadata } = readSafetensors(bytes.buffer as ArrayBuffer);
  expect([[...tensors.a.data], metadata]).toEqual([[1], {}]);
});

describe('what is no safetensors file', () => {
  const text = (content: string) => new TextEncoder().encode(content);
  it.each<[string, unknown, RegExp]>([
    ['torch.save', latin('PK\x03\x04\0\0\x08\x08'), /a zip archive, as torch\.save writes.*readTorch/],
    ['old torch.save', latin('\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'), /a pickle/],
    [
      'a web page',
      text('\ufeff\n<!DOCTYPE html><html><body>Not found'),
      /a web page \(HTML\).*Check the address/,
    ],
    ['gzip', latin('\x1f\x8b\x08\0\0\0\0\0\0\0'), /gzip.*Unpack/],
    ['Keras', latin('\x89HDF\r\n\x1a\n\0\0'), /HDF5/],
    ['JSON', text('{"a": [1, 2, 3]} and more text'), /JSON/],
    ['a list in JSON', text('[1, 2, 3]           '), /JSON/],
    ['Git LFS', text('version https://git-lfs.github.com/spec/v1\noid sha256:1'), /Git LFS/],
    ['a Blob', new Blob(['x']), /a Blob; expected the bytes.*await blob\.arrayBuffer/],
    ['an answer', new Response('x'), /a Response.*await response\.arrayBuffer/],
    ['a promise', Promise.resolve(), /Await it/],
    ['another view', new Float32Array(4), /a Float32Array.*Uint8Array/],
    ['a path', 'w.safetensors', /a text; expected the bytes/],
    ['nothing', undefined, /undefined; expected the bytes/],
  ])('is called what it is: %s', (_, bytes, message) => {
    expect(refusal(bytes as Uint8Array).message).toMatch(message);
  });
});

describe('names that stand twice', () => {
  const info = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
  it.each([
    ['plainly', `{"a":${info},"a":${info}}`, '"a"'],
    ['escaped', `{"a":${info},"\\u0061":${info}}`, '"a"'],
    ['among fields', `{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}`, '"shape"'],
    ['in metadata', `{"__metadata__":{"k":"1", "k" : "2"},"a":${info}}`, '"k"'],
    ['as __proto__', `{"__proto__":${info},"__proto__":${info}}`, '"__proto__"'],
  ])('are refused: %s', (_, header, name) => {
    expect(refusal(file(header, [0, 0, 0, 0])).message).toContain(`whose header has ${name} twice`);
  });

  it('are no texts that look like names', () => {
    const metadata = { a: 'a', b: '","a":', c: '\\' };
    const header = `{"__metadata__":${JSON.stringify(metadata)},"a":${info}}`;
    expect(readSafetensors(file(header, [0, 0, 0, 0])).metadata).toEqual(metadata);
  });
});

it('refuses in short time and text, whatever the file holds', () => {
  const long = 'x'.repeat(2 ** 20);
  for (const header of [
    { [long]: 3 },
    { [long]: { dtype: long, shape: [1], data_offsets: [0, 4] } },
    { a: { dtype: 'F32', shape: new Array(1e5).fill(2), data_offsets: [0, 4] } },
  ]) {
    const bytes = file(header, [0, 0, 0, 0]);
    const start = performance.now();
    expect(refusal(bytes).message.length).toBeLessThan(1000);
    expect(performance.now() - start).toBeLessThan(500);
  }
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
    ['backward offsets', file({ a: tensor(4, 0, [1]) }, [0, 0, 0, 0]), /data_offsets is \[4, 0\]/],
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
