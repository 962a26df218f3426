// Arrays of NumPy against NumPy's own values (e2e/goldens/torch_files.py), round trips, and broken files.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../cli/setup.mjs';
import { GradloomError } from '../errors';
import { readNpy, readNpz, writeNpy, writeNpz } from './numpy';

const folder = join(projectRoot, 'e2e/goldens/fixtures/torch-files');
const load = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
const expected = JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'));

const plain = ({ shape, data }: { shape: readonly number[]; data: Float32Array }) => ({
  shape,
  data: Array.from(data, (value) =>
    Number.isFinite(value) ? value : String(value).toLowerCase().replace('infinity', 'inf'),
  ),
});

/** A file of format 1 with this header. */
function file(header: string, values: ArrayLike<number> = []): Uint8Array {
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    1,
    0,
    text.length & 255,
    text.length >> 8,
    ...text,
    ...Array.from(values),
  );
}

describe('against NumPy', () => {
  it.each(['stored.npz', 'compressed.npz'])('%s', async (name) => {
    const arrays = await readNpz(load(name), name);
    expect(Object.fromEntries(Object.entries(arrays).map(([key, array]) => [key, plain(array)]))).toEqual(
      expected[name],
    );
    expect([arrays.i8Big.dtype, arrays.f2Little.dtype, arrays.bool.dtype]).toEqual([
      'int64',
      'float16',
      'bool',
    ]);
  });

  it.each(['version1.npy', 'version2.npy', 'version3.npy'])('%s', (name) => {
    expect(plain(readNpy(load(name)))).toEqual(expected[name]);
  });

  it('writes the bytes of NumPy', () => {
    const data = Float32Array.from({ length: 24 }, (_, i) => i);
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4), }";
    const bytes = writeNpy({ shape: [2, 3, 4], data });
    expect(bytes).toEqual(file(`${header.padEnd(117)}\n`, new Uint8Array(data.buffer)));
    expect(load('version1.npy').length).toBe(bytes.length);
  });

  it.each([
    ['objects.npz', /a is an array of type \|O: Python objects, whose pickle can run code/],
    ['lenet.pt', /readTorch/],
  ])('refuses %s', async (name, message) => {
    await expect(readNpz(load(name), name)).rejects.toThrow(message);
  });

  it.each([
    ['complex.npy', /<c16: complex numbers.*array\.real/],
    ['record.npy', /an array of records.*Save each field/],
    ['stored.npz', /zip archive/],
  ])('refuses %s', (name, message) => {
    expect(() => readNpy(load(name), name)).toThrow(message);
  });
});

it('round trips every typed array by value', async () => {
  const kinds = [
    Float32Array,
    Float64Array,
    Int8Array,
    Int16Array,
    Int32Array,
    Uint8Array,
    Uint8ClampedArray,
    Uint16Array,
    Uint32Array,
  ];
  const tensors = Object.fromEntries(
    kinds.map((Kind) => [Kind.name, { shape: [2, 1], data: Kind.of(7, 3) }]),
  );
  const big = { shape: [1], data: BigInt64Array.of(-5n) };
  const rest = {
    big,
    list: { shape: [2], data: [1, 0.5] },
    scalar: { shape: [], data: [3] },
    none: { shape: [0, 2], data: [] },
  };
  const bytes = writeNpz({ ...tensors, ...rest, 'ü/ñ': big });
  const arrays = await readNpz(bytes);
  for (const { name } of kinds) expect([...arrays[name].data]).toEqual([7, 3]);
  expect([arrays.Float64Array.dtype, arrays.big.dtype, [...arrays['ü/ñ'].data]]).toEqual([
    'float64',
    'int64',
    [-5],
  ]);
  expect([arrays.list.dtype, arrays.scalar.shape, arrays.none.shape]).toEqual(['float32', [], [0, 2]]);
  expect(await readNpz(writeNpz({}))).toEqual({});
  expect(writeNpz(rest)).toEqual(writeNpz(rest));
});

describe('refuses', () => {
  const header = (descr: string, shape = '(1,)', order = 'False') =>
    `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  it.each<[string, Uint8Array, RegExp]>([
    ['too few values', file(header("'<f4'", '(2,)'), [0, 0, 0, 0]), /4 bytes of values; expected 8/],
    ['too many values', file(header("'|u1'"), [0, 0]), /2 bytes of values; expected 1/],
    ['a size beyond 2^53', file(header("'<f4'", '(99999999999999999999,)')), /shape/],
    [
      'a product beyond 2^53',
      file(header("'<f4'", '(9007199254740991, 9007199254740991)')),
      /expected 3.*e\+32/,
    ],
    [
      'an expression',
      file(header('__import__("os").system("x")')),
      /expected descr, fortran_order and shape/,
    ],
    ['a field twice', file(header("'<f4'").replace("'shape'", "'descr': '<f4', 'shape'")), /descr twice/],
    ['no shape', file("{'descr': '<f4', 'fortran_order': False}"), /a header with descr, fortran_order/],
    [
      'a field of its own',
      file(header("'<f4'").replace("'shape'", "'x': True, 'shape'")),
      /descr, fortran_order, x/,
    ],
    ['no dict', file('[1, 2]'), /expected a dict/],
    ['an unknown type', file(header("'<q4'")), /'?<q4: of an unknown type/],
    ['texts', file(header("'<U3'")), /texts/],
    ['long doubles', file(header("'<f16'")), /extended type.*float64/],
    ['a bool of 2', file(header("'|b1'"), [2]), /BOOL element 0 is 2/],
    ['format 9', Uint8Array.from(file(header("'<f4'")), (byte, i) => (i === 6 ? 9 : byte)), /format 9/],
    ['a header that is cut off', file(header("'<f4'")).subarray(0, 30), /truncated/],
    ['another file', new TextEncoder().encode('<html><body>'), /a web page/],
  ])('%s', (_, bytes, message) => {
    expect(() => readNpy(bytes, 'a.npy')).toThrow(message);
    expect(() => readNpy(bytes, 'a.npy')).toThrow(GradloomError);
  });

  it('a damaged or lying archive', async () => {
    const good = writeNpz({ a: { shape: [2], data: [1, 2] } });
    const flipped = good.slice();
    flipped[30 + 5 + 128] ^= 1;
    await expect(readNpz(flipped)).rejects.toThrow(/"a\.npy", damaged/);
    const compressed = load('compressed.npz');
    const local =
      30 +
      new DataView(compressed.buffer).getUint16(26, true) +
      new DataView(compressed.buffer).getUint16(28, true);
    compressed.fill(0xff, local, local + 8);
    await expect(readNpz(compressed)).rejects.toThrow(/damaged/);
  });

  it('a bomb: more bytes than the directory says, and a size that no DEFLATE reaches', async () => {
    const bytes = load('compressed.npz');
    const view = new DataView(bytes.buffer);
    const central = view.getUint32(bytes.length - 6, true);
    const size = view.getUint32(central + 24, true);
    view.setUint32(central + 24, size - 1, true);
    await expect(readNpz(bytes)).rejects.toThrow(/damaged/);
    view.setUint32(central + 24, 4e9, true);
    await expect(readNpz(bytes)).rejects.toThrow(/of 4000000000 bytes, from/);
  });

  it('what cannot be written', () => {
    expect(() => writeNpy({ shape: [3], data: [1] })).toThrow(/1 values; expected 3/);
    expect(() => writeNpy({ shape: [-1], data: [1] })).toThrow(/list of sizes/);
    expect(() => writeNpy(undefined as never)).toThrow(/writeNpy: tensor is undefined/);
    expect(() => writeNpy({ shape: [1], data: ['x'] as never })).toThrow(/"x"/);
    expect(() => writeNpz([] as never)).toThrow(/a record by name/);
    expect(() => writeNpz({ '\ud800': { shape: [1], data: [1] } })).toThrow(/Unicode/);
  });
});
