/** Files of strangers: each is refused in little time and text. */
import { describe, expect, it } from 'vitest';
import { refusal } from '../../e2e/support/refusal';
import { GradloomError } from '../errors';
import { readNpy, readNpz, readSafetensors, readTorch, readWeights, writeSafetensors } from '.';

const text = (value: string) => new TextEncoder().encode(value);

/** A safetensors file with this header. */
function file(header: string, data = 0): Uint8Array {
  const bytes = text(header);
  const all = new Uint8Array(8 + bytes.length + data);
  new DataView(all.buffer).setBigUint64(0, BigInt(bytes.length), true);
  all.set(bytes, 8);
  return all;
}

const long = 'x'.repeat(1e6);
const many = (n: number, entry: (i: number) => string) =>
  `{${Array.from({ length: n }, (_, i) => entry(i)).join()}}`;
const tensor = (begin: number, end: number, shape = `[${(end - begin) / 4}]`) =>
  `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;

const SAFETENSORS: [string, Uint8Array][] = [
  ['nothing', new Uint8Array(0)],
  ['7 bytes', new Uint8Array(7)],
  ['a header of 2^63 bytes', Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 127, 123)],
  ['a header longer than the file', file('{}').with(0, 200)],
  ['no JSON', file('{"a":')],
  ['a list', file('[]')],
  ['null', file('null')],
  ['a number', file('7')],
  ['lists in lists', file('['.repeat(200_000))],
  ['objects in objects', file(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
  ['a name of a million characters', file(`{"${long}":${tensor(0, 4)}}`)],
  ['a type of a million characters', file(`{"a":{"dtype":"${long}","shape":[1],"data_offsets":[0,4]}}`, 4)],
  ['100,000 tensors without data', file(many(100_000, (i) => `"t${i}":${tensor(4 * i, 4 * i + 4)}`))],
  [
    '100,000 overlapping tensors',
    file(
      many(100_000, (i) => `"t${i}":${tensor(0, 4)}`),
      4,
    ),
  ],
  ['duplicate names', file(`{"a":${tensor(0, 4)},"a":${tensor(4, 8)}}`, 8)],
  ['a duplicate __proto__', file(`{"__proto__":${tensor(0, 4)},"__proto__":${tensor(4, 8)}}`, 8)],
  ['a shape of 10^9 dimensions to come', file(`{"a":${tensor(0, 4, `[${'1,'.repeat(300_000)}1]`)}}`, 4)],
  ['a shape beyond numbers', file(`{"a":${tensor(0, 4, '[1e308,1e308]')}}`, 4)],
  ['a negative size', file(`{"a":${tensor(0, 4, '[-1,-1]')}}`, 4)],
  ['half an element', file(`{"a":${tensor(0, 4, '[0.5,2]')}}`, 4)],
  ['offsets backwards', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}', 4)],
  ['offsets beyond the file', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,9e15]}}', 4)],
  ['offsets of text', file('{"a":{"dtype":"F32","shape":[1],"data_offsets":["0","4"]}}', 4)],
  ['no shape', file('{"a":{"dtype":"F32","data_offsets":[0,4]}}', 4)],
  ['an unknown type', file('{"a":{"dtype":"F8","shape":[4],"data_offsets":[0,4]}}', 4)],
  ['bytes behind the last tensor', file(`{"a":${tensor(0, 4)}}`, 8)],
  ['metadata of numbers', file('{"__metadata__":{"a":1}}')],
  ['metadata that is a list', file('{"__metadata__":[]}')],
  ['a web page', text(`<!doctype html>${' '.repeat(1e6)}`)],
  ['a zip archive', Uint8Array.of(0x50, 0x4b, 3, 4, ...new Uint8Array(100))],
  ['a pickle', Uint8Array.of(0x80, 2, ...new Uint8Array(100))],
  ['gzip', Uint8Array.of(0x1f, 0x8b, 8, ...new Uint8Array(100))],
];

const READERS: [string, (bytes: Uint8Array) => unknown][] = [
  ['readSafetensors', (bytes) => readSafetensors(bytes)],
];

describe.each(READERS)('%s refuses', (_, read) => {
  it.each(SAFETENSORS)('%s', (_, bytes) => {
    const { error, milliseconds } = refusal(() => read(bytes));
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).not.toBe('internal');
    expect((error as Error).message.length).toBeLessThan(1000);
    expect(milliseconds).toBeLessThan(100);
  });
});

/** Readers that unpack, and so answer later. */
const LATER: [string, (bytes: Uint8Array) => unknown][] = [
  ['readTorch', (bytes) => readTorch(bytes)],
  ['readNpz', (bytes) => readNpz(bytes)],
  ['readNpy', (bytes) => readNpy(bytes)],
  ['readWeights', (bytes) => readWeights(bytes)],
];

const npy = (header: string) => {
  const bytes = text(header);
  return Uint8Array.of(0x93, ...text('NUMPY'), 1, 0, bytes.length % 256, bytes.length >> 8, ...bytes);
};

const OTHERS: [string, Uint8Array][] = [
  ...SAFETENSORS.slice(0, 3),
  ['a zip archive', SAFETENSORS[29][1]],
  ['a web page', SAFETENSORS[28][1]],
  ['a pickle of marks', Uint8Array.from([0x80, 2].concat(new Array(200_000).fill(0x28)))],
  [
    'a pickle that doubles its stack',
    Uint8Array.from([0x80, 2, 0x5d].concat(new Array(100_000).fill(0x32), 0x2e)),
  ],
  [
    'an array of 10^15 elements',
    npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000000,), }\\n"),
  ],
  ['an array of objects', npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }\\n")],
  [
    'parentheses in parentheses',
    npy(`{'descr': '<f4', 'fortran_order': False, 'shape': ${'('.repeat(20_000)}`),
  ],
];

describe.each(LATER)('%s refuses', (_, read) => {
  it.each(OTHERS)('%s', async (_, bytes) => {
    let milliseconds = Number.POSITIVE_INFINITY;
    let error: unknown;
    for (let i = 0; i < 3; i++) {
      const before = process.cpuUsage();
      error = await Promise.resolve()
        .then(() => read(bytes))
        .then(
          () => undefined,
          (caught: unknown) => caught,
        );
      const { user, system } = process.cpuUsage(before);
      milliseconds = Math.min(milliseconds, (user + system) / 1000);
    }
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).not.toBe('internal');
    expect((error as Error).message.length).toBeLessThan(1000);
    expect(milliseconds).toBeLessThan(100);
  });
});

it('a file of its own writing is none of them', () => {
  const bytes = writeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } });
  expect(refusal(() => readSafetensors(bytes)).error).toBeUndefined();
});
