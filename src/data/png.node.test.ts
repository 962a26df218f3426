/** PNG of every colour type, depth, filter and interlacing against the pixels that were put in; broken ones are refused. */
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { Random } from '../random';
import { decodeImage } from './decode-image';
import { decodePng } from './png';

const SAMPLES: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const PASSES = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
];

function chunk(kind: string, content: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), content]);
  const out = Buffer.alloc(12 + content.length);
  out.writeUInt32BE(content.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), 8 + content.length);
  return out;
}

interface Kind {
  width: number;
  height: number;
  depth: number;
  type: number;
  interlaced?: boolean;
  extra?: Uint8Array[];
}

/** A PNG of these samples, row by row; filters go from 0 to 4 and begin anew. */
function encode(
  { width, height, depth, type, interlaced = false, extra = [] }: Kind,
  samples: number[],
): Uint8Array {
  const per = SAMPLES[type];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, Number(interlaced)], 8);
  const raw: number[] = [];
  let filters = 0;
  for (const [x, y, dx, dy] of interlaced ? PASSES : [[0, 0, 1, 1]]) {
    let above: number[] = [];
    for (let row = y; row < height; row += dy) {
      const bits: number[] = [];
      for (let column = x; column < width; column += dx) {
        for (let i = 0; i < per; i++) {
          const value = samples[(row * width + column) * per + i];
          for (let bit = depth - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
        }
      }
      if (bits.length === 0) continue;
      while (bits.length % 8 !== 0) bits.push(0);
      const line = Array.from({ length: bits.length / 8 }, (_, i) =>
        bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => 2 * byte + bit, 0),
      );
      const filter = filters++ % 5;
      const pixel = Math.max(1, (per * depth) >> 3);
      raw.push(
        filter,
        ...line.map((value, i) => {
          const [a, b, c] = [line[i - pixel] ?? 0, above[i] ?? 0, above[i - pixel] ?? 0];
          const p = a + b - c;
          const [pa, pb, pc] = [a, b, c].map((other) => Math.abs(p - other));
          const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
          return (value - [0, a, b, (a + b) >> 1, paeth][filter] + 256) & 255;
        }),
      );
      above = line;
    }
  }
  const packed = deflateSync(Uint8Array.from(raw));
  const half = packed.length >> 1;
  const parts = [
    chunk('IHDR', header),
    ...extra,
    chunk('IDAT', packed.subarray(0, half)),
    chunk('IDAT', packed.subarray(half)),
  ];
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...parts,
    chunk('IEND', new Uint8Array()),
  ]);
}

const draw = (count: number, depth: number) => {
  const random = new Random(count, 'png');
  return Array.from({ length: count }, () => random.integer(2 ** depth));
};

describe('pixels', () => {
  const kinds = [
    [0, 1],
    [0, 2],
    [0, 4],
    [0, 8],
    [0, 16],
    [2, 8],
    [2, 16],
    [4, 8],
    [4, 16],
    [6, 8],
    [6, 16],
  ];
  it.each(kinds.flatMap(([type, depth]) => [false, true].map((interlaced) => ({ type, depth, interlaced }))))(
    'of colour type $type with $depth bits, interlaced: $interlaced',
    async ({ type, depth, interlaced }) => {
      for (const [width, height] of [
        [13, 9],
        [1, 1],
        [3, 5],
      ]) {
        const per = SAMPLES[type];
        const samples = draw(width * height * per, depth);
        const image = await decodePng(encode({ width, height, depth, type, interlaced }, samples));
        const byte = (value: number) => Math.round((value * 255) / (2 ** depth - 1));
        const expected = Array.from({ length: width * height }, (_, i) => {
          const values = samples.slice(i * per, (i + 1) * per).map(byte);
          const grey = per < 3 ? [values[0], values[0], values[0]] : values.slice(0, 3);
          return [...grey, per % 2 === 0 ? values[per - 1] : 255];
        }).flat();
        expect(image).toMatchObject({ width, height });
        expect([...image.data]).toEqual(expected);
      }
    },
  );

  it('of palettes with transparency', async () => {
    const extra = [
      chunk('PLTE', Uint8Array.of(1, 2, 3, 40, 50, 60, 7, 8, 9)),
      chunk('tRNS', Uint8Array.of(0, 128)),
    ];
    for (const depth of [2, 4, 8]) {
      const { data } = await decodePng(encode({ width: 3, height: 1, depth, type: 3, extra }, [2, 0, 1]));
      expect([...data]).toEqual([7, 8, 9, 255, 1, 2, 3, 0, 40, 50, 60, 128]);
    }
    const wrong = encode({ width: 1, height: 1, depth: 2, type: 3, extra }, [3]);
    await expect(decodePng(wrong)).rejects.toThrow(/colour 3 of a palette of 3/);
  });

  it('of one transparent colour', async () => {
    const extra = [chunk('tRNS', Uint8Array.of(1, 0))];
    const { data } = await decodePng(encode({ width: 2, height: 1, depth: 16, type: 0, extra }, [256, 257]));
    expect([...data].filter((_, i) => i % 4 === 3)).toEqual([0, 255]);
  });
});

describe('what is broken', () => {
  const good = encode({ width: 4, height: 4, depth: 8, type: 2 }, draw(48, 8));
  it.each<[string, Uint8Array, RegExp]>([
    ['another format', Uint8Array.of(0xff, 0xd8, 0xff), /without the signature of PNG/],
    ['a cut file', good.subarray(0, 60), /cut off within "IDAT"/],
    ['a file without an end', good.subarray(0, good.length - 12), /without an end/],
    ['a changed byte', good.map((byte, i) => (i === 50 ? byte ^ 1 : byte)), /damaged in "IDAT"/],
    [
      'an unknown kind',
      encode({ width: 1, height: 1, depth: 4, type: 2 }, [1, 2, 3]),
      /colour type 2 of 4 bits/,
    ],
  ])('is refused: %s', async (_, bytes, message) => {
    await expect(decodePng(bytes, 'p.png')).rejects.toThrow(GradloomError);
    await expect(decodePng(bytes, 'p.png')).rejects.toThrow(message);
  });

  it('is refused: images that are larger, or smaller, than their pixels', async () => {
    const sized = (width: number, height: number, pixels: number) => {
      const header = Buffer.alloc(13);
      header.writeUInt32BE(width, 0);
      header.writeUInt32BE(height, 4);
      header.set([8, 0, 0, 0, 0], 8);
      const chunks = [
        chunk('IHDR', header),
        chunk('IDAT', deflateSync(new Uint8Array(pixels))),
        chunk('IEND', new Uint8Array()),
      ];
      return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...chunks]);
    };
    await expect(decodePng(sized(1e6, 1e6, 1))).rejects.toThrow(/1000000x1000000 pixels/);
    await expect(decodePng(sized(4, 4, 5))).rejects.toThrow(/5 bytes of pixels; expected 20/);
    await expect(decodePng(sized(4, 4, 1e6))).rejects.toThrow(/21 bytes of pixels; expected 20/);
  });

  it('never gives anything but a named error', async () => {
    const change = fc.tuple(fc.nat(good.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 5 }), fc.nat(good.length), async (changes, end) => {
        const bytes = Uint8Array.from(good);
        for (const [at, value] of changes) bytes[at] = value;
        await decodePng(changes.length > 2 ? bytes.subarray(0, end) : bytes).catch((error) => {
          expect(error).toBeInstanceOf(GradloomError);
        });
      }),
      { numRuns: Number(process.env.GRADLOOM_FUZZ_RUNS ?? 300), seed: 1 },
    );
  });

  it('says that other formats need a browser', async () => {
    await expect(decodeImage(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0))).rejects.toThrow(
      /no PNG, where there is no browser/,
    );
    expect(await decodeImage(good)).toMatchObject({ width: 4, height: 4 });
  });
});
