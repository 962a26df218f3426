/**
 * Readers of foreign files on garbled input: they read it or refuse it by name, in bounded time and with bounded results.
 * `GRADLOOM_FUZZ_RUNS=1000000` for more than the few hundred runs of each reader.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { readNpy, readNpz, writeNpy, writeNpz } from '../io/numpy';
import { readSafetensors, writeSafetensors } from '../io/safetensors';
import { readTorch } from '../io/torch';
import { writeZip } from '../io/zip';
import { fromSpec } from '../spec';
import { loadCifar10 } from './cifar';
import { parseCsv } from './csv';
import { guessDelimiter } from './csv-form';
import { parseIdx } from './idx';
import { toDigitImage } from './image';
import { decodeText } from './source';
import { CharTokenizer } from './text';

const RUNS = Number(process.env.GRADLOOM_FUZZ_RUNS ?? 300);
const options = { numRuns: RUNS, seed: Number(process.env.GRADLOOM_FUZZ_SEED ?? 1) };
/** Milliseconds that one small input may take; the machine may be busy. */
const LIMIT = 2000;
const TIMEOUT = Math.max(60_000, RUNS * 10);

/** Runs a reader; what it throws must be a named error of bounded length, and no fault of ours. */
function bounded<T>(read: () => T): T | undefined {
  const start = performance.now();
  let result: T | undefined;
  try {
    result = read();
  } catch (error) {
    if (!(error instanceof GradloomError)) throw error;
    expect(error.code).not.toBe('internal');
    expect(error.message.length).toBeLessThan(1000);
  }
  expect(performance.now() - start).toBeLessThan(LIMIT);
  return result;
}

/** A sound file with a few bytes changed, cut off, or repeated. */
const garbled = (file: Uint8Array) =>
  fc
    .record({
      changes: fc.array(fc.tuple(fc.nat(file.length - 1), fc.integer({ min: 0, max: 255 })), {
        maxLength: 6,
      }),
      end: fc.option(fc.nat(file.length)),
      tail: fc.uint8Array({ maxLength: 12 }),
    })
    .map(({ changes, end, tail }) => {
      const bytes = file.slice();
      for (const [at, value] of changes) bytes[at] = value;
      return Uint8Array.of(...bytes.subarray(0, end ?? undefined), ...tail);
    });

/** A text with pieces of its own language put in, and cut off. */
const garbledText = (text: string, pieces: readonly string[]) =>
  fc
    .array(
      fc.tuple(
        fc.nat(text.length),
        fc.nat(6),
        fc.oneof(fc.constantFrom(...pieces), fc.string({ maxLength: 6 })),
      ),
      {
        maxLength: 6,
      },
    )
    .map((changes) =>
      changes.reduce(
        (before, [at, dropped, piece]) => before.slice(0, at) + piece + before.slice(at + dropped),
        text,
      ),
    );

const encode = (text: string) => new TextEncoder().encode(text);
const anyBytes = fc.uint8Array({ maxLength: 200 });
const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  'null',
  '-1',
  '1e999',
  '9007199254740993',
  '"__proto__"',
  '\\u0000',
];

describe('readers', () => {
  const weights = writeSafetensors(
    {
      'a.weight': { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) },
      b: { shape: [], data: Float32Array.of(5) },
    },
    { format: 'pt' },
  );

  it('safetensors: bytes', { timeout: TIMEOUT }, () => {
    fc.assert(
      fc.property(fc.oneof(garbled(weights), anyBytes), (bytes) => {
        const file = bounded(() => readSafetensors(bytes, 'fuzz'));
        const values = Object.values(file?.tensors ?? {}).reduce((sum, { data }) => sum + data.length, 0);
        expect(values).toBeLessThanOrEqual(bytes.length);
      }),
      options,
    );
  });

  it('safetensors: headers', { timeout: TIMEOUT }, () => {
    const header =
      '{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"BF16","shape":[2,1],"data_offsets":[8,12]}}';
    const pieces = [
      ...JSON_PIECES,
      '"dtype"',
      '"F64"',
      '"I64"',
      '"shape"',
      '"data_offsets"',
      '"a"',
      '"\\u0061"',
      '4294967296',
    ];
    fc.assert(
      fc.property(garbledText(header, pieces), fc.nat(16), (text, size) => {
        const start = encode(text);
        const bytes = new Uint8Array(8 + start.length + size);
        new DataView(bytes.buffer).setBigUint64(0, BigInt(start.length), true);
        bytes.set(start, 8);
        bounded(() => readSafetensors(bytes, 'fuzz'));
      }),
      options,
    );
  });

  it('torch.save: archives and pickles', { timeout: TIMEOUT }, () => {
    const file = new Uint8Array(readFileSync('e2e/goldens/fixtures/torch-files/views.pt'));
    const start = file.findIndex((byte, i) => byte === 0x80 && file[i + 1] === 2);
    const archives = garbled(file.slice(start, start + 700)).map((bytes) =>
      writeZip(
        [
          ['a/data.pkl', bytes],
          ['a/data/0', new Uint8Array(96)],
        ],
        (got) => new Error(got),
      ),
    );
    fc.assert(
      fc.property(fc.oneof(garbled(file), archives, anyBytes), (bytes) => {
        const read = bounded(() => readTorch(bytes, 'fuzz'));
        const values = Object.values(read?.tensors ?? {}).reduce((sum, { data }) => sum + data.length, 0);
        expect(values).toBeLessThanOrEqual(2 ** 24);
      }),
      options,
    );
  });

  it('NumPy', { timeout: TIMEOUT }, async () => {
    const array = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
    fc.assert(
      fc.property(fc.oneof(garbled(writeNpy(array)), anyBytes), (bytes) => {
        const read = bounded(() => readNpy(bytes, 'fuzz'));
        expect(read?.data.length ?? 0).toBeLessThanOrEqual(bytes.length);
      }),
      options,
    );
    const header = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }";
    const pieces = [
      "'",
      '(',
      ')',
      ',',
      ':',
      '{',
      '}',
      "'descr'",
      "'|O'",
      'False',
      '-1',
      '9999999999999999',
      '[',
      '\\',
    ];
    fc.assert(
      fc.property(garbledText(header, pieces), fc.nat(16), (text, size) => {
        const start = encode(text);
        const bytes = Uint8Array.of(
          ...writeNpy(array).subarray(0, 8),
          start.length & 255,
          start.length >> 8,
          ...start,
        );
        bounded(() => readNpy(Uint8Array.of(...bytes, ...new Uint8Array(size)), 'fuzz'));
      }),
      options,
    );
    const packed = new Uint8Array(readFileSync('e2e/goldens/fixtures/torch-files/compressed.npz'));
    await fc.assert(
      fc.asyncProperty(fc.oneof(garbled(packed), garbled(writeNpz({ array }))), async (bytes) => {
        const start = performance.now();
        const failure = await readNpz(bytes, 'fuzz').then(
          () => undefined,
          (error: unknown) => error,
        );
        bounded(() => {
          if (failure) throw failure;
        });
        expect(performance.now() - start).toBeLessThan(LIMIT);
      }),
      options,
    );
  });

  it('model specs', { timeout: TIMEOUT }, () => {
    const types = [
      'linear',
      'conv2d',
      'lstm',
      'embedding',
      'gpt',
      'resnet',
      'transformerEncoder',
      'relu',
      'sequential',
      '__proto__',
    ];
    const size = fc.oneof(
      fc.integer({ min: -2, max: 9 }),
      fc.constantFrom(1e9, 2 ** 53, Number.NaN, 0.5, 'x', null, [], {}, [3, 3]),
    );
    const keys = [
      'inFeatures',
      'outFeatures',
      'inChannels',
      'outChannels',
      'kernelSize',
      'numLayers',
      'numEmbeddings',
      'embeddingDim',
      'inputSize',
      'hiddenSize',
      'vocabSize',
      'blockSize',
      'nLayer',
      'layers',
      'dModel',
      'nhead',
      'depth',
      '__proto__',
      'body',
    ];
    const { spec } = fc.letrec((tie) => ({
      spec: fc.oneof(
        { maxDepth: 3 },
        fc
          .tuple(
            fc.constantFrom(...types),
            fc.dictionary(fc.constantFrom(...keys), fc.oneof(size, tie('spec')), { maxKeys: 7 }),
          )
          .map(([type, rest]) => ({ type, ...rest })),
        fc.array(tie('spec'), { maxLength: 3 }),
      ),
    }));
    const whole = { type: fc.constantFrom(...types), ...Object.fromEntries(keys.map((key) => [key, size])) };
    fc.assert(
      fc.property(
        fc.oneof(
          spec,
          fc.record(whole, { requiredKeys: ['type'] }),
          fc.json().map((text) => JSON.parse(text)),
        ),
        (value) => {
          bounded(() => fromSpec(value));
        },
      ),
      { ...options, numRuns: Math.ceil(RUNS / 2) },
    );
  });

  it('tables', { timeout: TIMEOUT }, () => {
    const table = 'sepal,petal;kind\n5.1,3.5,"se,tosa"\n4.9,3.0,virginica\n1;2;3\n';
    const pieces = [
      ',',
      ';',
      '\t',
      '"',
      '""',
      '\n',
      '\r\n',
      '\r',
      '\ufeff',
      '1,5',
      '1e400',
      'NaN',
      '-',
      '2024-01-01',
      'é',
      ' ',
    ];
    fc.assert(
      fc.property(garbledText(table, pieces), (text) => {
        bounded(() => guessDelimiter(text));
        const data = bounded(() => parseCsv(text));
        if (data) expect(data.x.every((value) => Number.isFinite(value))).toBe(true);
        expect((data?.x.length ?? 0) <= text.length).toBe(true);
      }),
      options,
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => void bounded(() => decodeText(bytes, 'fuzz'))),
      options,
    );
  });

  it('IDX and CIFAR-10', { timeout: TIMEOUT }, async () => {
    const idx = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, ...new Array(8).fill(7));
    fc.assert(
      fc.property(fc.oneof(garbled(idx), anyBytes), (bytes) => {
        const array = bounded(() => parseIdx(bytes));
        if (array) expect(array.data.length).toBe(array.shape.reduce((size, n) => size * n, 1));
      }),
      options,
    );
    await expect(loadCifar10(new Uint8Array(3074))).rejects.toBeInstanceOf(GradloomError);
  });

  it('images', { timeout: TIMEOUT }, () => {
    const side = fc.oneof(fc.integer({ min: -1, max: 12 }), fc.constantFrom(Number.NaN, 1e9, 0.5));
    fc.assert(
      fc.property(
        side,
        side,
        fc.uint8Array({ maxLength: 600 }),
        fc.integer({ min: 0, max: 3 }),
        (width, height, data, kind) => {
          const fits = Number.isInteger(width * height) && width > 0 && height > 0 && width * height < 500;
          const pixels =
            kind < 2 && fits
              ? new Uint8ClampedArray(width * height * (kind === 0 ? 1 : 4)).fill(data[0] ?? 9)
              : data;
          const image = bounded(() => toDigitImage({ width, height, data: pixels }));
          if (image) expect(image.length).toBe(784);
        },
      ),
      options,
    );
  });

  it('tokenizers', { timeout: TIMEOUT }, () => {
    const json = JSON.stringify(CharTokenizer.fromText('hello 𝄞', { special: ['<pad>'] }));
    fc.assert(
      fc.property(fc.oneof(garbledText(json, JSON_PIECES), fc.json()), (text) => {
        const tokenizer = bounded(() => CharTokenizer.fromJSON(text));
        if (tokenizer)
          expect(tokenizer.decode(tokenizer.encode(tokenizer.characters.join('')))).toBe(
            tokenizer.characters.join(''),
          );
      }),
      options,
    );
  });
});
