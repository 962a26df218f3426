// IDX, CIFAR-10 and folders of them: what is published loads, what is damaged is named.
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GradloomError } from '../errors';
import { CIFAR10_CLASSES, loadCifar10 } from './cifar';
import { loadFolder, matchFolder } from './folder';
import { loadIdx, parseIdx } from './idx';

/** An IDX file of bytes with these dimensions and values. */
function idx(shape: number[], data: ArrayLike<number>, type = 8): Uint8Array {
  const bytes = new Uint8Array(4 + 4 * shape.length + data.length);
  bytes.set([0, 0, type, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((extent, i) => {
    view.setUint32(4 + 4 * i, extent);
  });
  bytes.set(Array.from(data), 4 + 4 * shape.length);
  return bytes;
}

const images = idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
const labels = idx([3], [7, 0, 9]);
const gz = (bytes: Uint8Array) => new Uint8Array(gzipSync(bytes));

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => new Error('accepted'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GradloomError);
  expect((error as GradloomError).code).toBe('data');
  expect((error as GradloomError).fix).toBeTruthy();
  return (error as GradloomError).message;
}

describe('loadIdx', () => {
  it('pairs images and labels, plain or gzip', async () => {
    for (const [x, y] of [
      [images, labels],
      [gz(images), gz(labels)],
      [Buffer.from(images), gz(labels)],
    ]) {
      const data = await loadIdx({ images: { name: 'a', bytes: x }, labels: y });
      expect([data.name, data.length, data.xShape, data.classCount]).toEqual(['a', 3, [1, 2, 2], 10]);
      expect([...data.x]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]);
      expect([...data.y]).toEqual([7, 0, 9]);
      expect(data.inputs(2)[3]).toBeCloseTo(1, 6);
    }
  });

  it('names classes as told, counts them where labels go beyond digits', async () => {
    const letters = await loadIdx({ images, labels: idx([3], [26, 0, 9]) });
    expect([letters.classes, letters.classCount]).toEqual([undefined, 27]);
    const named = await loadIdx({ images, labels: idx([3], [1, 0, 1]), classes: ['shirt', 'shoe'] });
    expect(named.classes).toEqual(['shirt', 'shoe']);
    const message = await refusal(loadIdx({ images, labels, classes: ['shirt', 'shoe'] }));
    expect(message).toMatch(/label of sample 0 is 7; expected a class index in 0\.\.1/);
  });

  it.each<[string, Uint8Array, Uint8Array, RegExp]>([
    [
      'a foreign magic number',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0),
      labels,
      /magic number 2303741511; .*2051/,
    ],
    ['no dimensions', Uint8Array.of(0, 0, 8, 0), labels, /magic number 2048/],
    ['an unknown type', Uint8Array.of(0, 0, 10, 3), labels, /magic number 2563/],
    ['floats', idx([1, 1, 1], [0, 0, 0, 0], 13), labels, /32-bit floats; expected unsigned bytes/],
    ['an empty file', new Uint8Array(0), labels, /is 0 bytes; expected at least 4/],
    ['a cut header', images.subarray(0, 9), labels, /is 9 bytes; expected at least 16/],
    ['cut data', images.subarray(0, 27), labels, /is 27 bytes; expected 28 for \[3, 2, 2\]. .*truncated/],
    ['bytes too many', idx([3, 2, 2], new Uint8Array(14)), labels, /is 30 bytes; expected 28 .*damaged/],
    [
      'absurd dimensions',
      idx([0xffffffff, 0xffffffff, 9], [1]),
      labels,
      /is 17 bytes; expected 166020696586076550000/,
    ],
    ['swapped files', labels, images, /IDX of 1 dimensions; expected 3 for images.*swapped/],
    ['images without pixels', idx([3, 0, 2], []), labels, /0x2 pixels/],
    ['no images', idx([0, 2, 2], []), idx([0], []), /empty; expected at least one sample/],
    ['a label too few', images, idx([2], [1, 2]), /is 2 labels; expected 3, one for each image/],
    ['damaged gzip', gz(images).fill(7, 12), labels, /gzip that cannot be unpacked/],
    ['truncated gzip', gz(images).subarray(0, -9), labels, /gzip that cannot be unpacked/],
  ])('refuses %s', async (_, x, y, message) => {
    expect(await refusal(loadIdx({ images: x, labels: y }))).toMatch(message);
  });

  it('gives nothing but a GradloomError for garbled or truncated bytes', () => {
    const change = fc.tuple(fc.nat({ max: images.length - 1 }), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { maxLength: 3 }), fc.nat({ max: images.length }), (changes, length) => {
        const bytes = images.slice(0, length);
        for (const [at, value] of changes) if (at < length) bytes[at] = value;
        try {
          const { shape, data } = parseIdx(bytes);
          expect(data.length).toBe(shape.reduce((product, extent) => product * extent, 1));
        } catch (error) {
          expect(error).toBeInstanceOf(GradloomError);
        }
      }),
      { seed: 3, numRuns: 2000 },
    );
  });

  it('gives nothing but a GradloomError for garbled gzip', async () => {
    const packed = gz(images);
    const change = fc.tuple(fc.nat({ max: packed.length - 1 }), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 9 }),
        async (changes, cut) => {
          const bytes = packed.slice(0, packed.length - cut);
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          await loadIdx({ images: bytes, labels }).catch((error) => {
            expect(error).toBeInstanceOf(GradloomError);
          });
        },
      ),
      { seed: 4, numRuns: 150 },
    );
  });
});

/** `count` CIFAR-10 images whose pixels all hold their label times ten, plus the channel. */
function cifar(...imageLabels: number[]): Uint8Array {
  const parts = imageLabels.map((label) => {
    const image = new Uint8Array(3073);
    image[0] = label;
    for (let c = 0; c < 3; c++) image.fill(10 * label + c, 1 + 1024 * c, 1 + 1024 * (c + 1));
    return image;
  });
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

describe('loadCifar10', () => {
  it('joins files in order and tells channels apart', async () => {
    const data = await loadCifar10([cifar(3, 9), gz(cifar(0))], 'c');
    expect([data.name, data.length, data.xShape, data.classes]).toEqual([
      'c',
      3,
      [3, 32, 32],
      CIFAR10_CLASSES,
    ]);
    expect([...data.y]).toEqual([3, 9, 0]);
    expect([data.x[0], data.x[1024], data.x[3071], data.x[3072], data.x[6144]]).toEqual([30, 31, 32, 90, 0]);
  });

  it('refuses other files by name', async () => {
    const cut = { name: 'cut.bin', bytes: cifar(1).subarray(1) };
    expect(await refusal(loadCifar10([cifar(1), cut]))).toMatch(
      /cut\.bin is 3072 bytes; expected a multiple of 3073/,
    );
    expect(await refusal(loadCifar10(cifar(1, 10)))).toMatch(
      /labelled 10 at image 1; expected labels 0\.\.9/,
    );
    expect(await refusal(loadCifar10([]))).toMatch(/empty/);
  });
});

describe('folders', () => {
  it.each<[string, string[], unknown]>([
    [
      'as published',
      [
        'train-images-idx3-ubyte.gz',
        'train-labels-idx1-ubyte.gz',
        't10k-images-idx3-ubyte.gz',
        't10k-labels-idx1-ubyte.gz',
        'README',
      ],
      {
        format: 'idx',
        train: { images: 'train-images-idx3-ubyte.gz', labels: 'train-labels-idx1-ubyte.gz' },
        test: { images: 't10k-images-idx3-ubyte.gz', labels: 't10k-labels-idx1-ubyte.gz' },
      },
    ],
    [
      'with dots, folders and capitals',
      [
        'raw/Train-Images.idx3-ubyte',
        'raw\\train-labels.idx1-ubyte',
        't10k-images.idx3-ubyte',
        't10k-labels.idx1-ubyte',
      ],
      {
        format: 'idx',
        train: { images: 'raw/Train-Images.idx3-ubyte', labels: 'raw\\train-labels.idx1-ubyte' },
        test: { images: 't10k-images.idx3-ubyte', labels: 't10k-labels.idx1-ubyte' },
      },
    ],
    [
      'with words around, unpacked references, no test set',
      [
        'latest-train-10k-images-idx3-ubyte.gz',
        'latest-train-10k-images-idx3-ubyte',
        'latest-train-10k-labels-idx1-ubyte.gz',
      ],
      {
        format: 'idx',
        train: {
          images: 'latest-train-10k-images-idx3-ubyte',
          labels: 'latest-train-10k-labels-idx1-ubyte.gz',
        },
      },
    ],
    [
      'of CIFAR-10',
      ['data_batch_2.bin', 'test_batch.bin', 'data_batch_1.bin', 'batches.meta.txt'],
      { format: 'cifar10', train: ['data_batch_1.bin', 'data_batch_2.bin'], test: ['test_batch.bin'] },
    ],
  ])('matches names %s', (_, names, expected) => {
    expect(matchFolder(names)).toEqual(expected);
  });

  it.each<[string, string[], RegExp]>([
    ['nothing', [], /folder is empty; expected train-images/],
    [
      'other files',
      ['a.txt', 't10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
      /without training files \(a\.txt, t10k/,
    ],
    ['half a pair', ['train-images-idx3-ubyte'], /train labels is missing; expected one file/],
    [
      'two sets',
      [
        'emnist-letters-train-images-idx3-ubyte',
        'emnist-digits-train-images-idx3-ubyte',
        'train-labels-idx1-ubyte',
      ],
      /train images is emnist-letters-.*, emnist-digits-.*; expected one file/,
    ],
  ])('refuses %s', (_, names, message) => {
    expect(() => matchFolder(names)).toThrow(message);
  });

  const file = (name: string, bytes: Uint8Array) => ({ name, bytes });
  const train = [
    file('train-images-idx3-ubyte', images),
    file('train-labels-idx1-ubyte', idx([3], [12, 0, 1])),
  ];

  it('loads train and test with the same classes', async () => {
    const test = [
      file('t10k-images-idx3-ubyte.gz', gz(images)),
      file('t10k-labels-idx1-ubyte', idx([3], [2, 1, 0])),
    ];
    const both = await loadFolder([...test, ...train]);
    expect([both.train.classCount, both.test?.classCount, both.test?.classes]).toEqual([13, 13, undefined]);
    expect([...both.test!.y]).toEqual([2, 1, 0]);
    expect((await loadFolder(train)).test).toBeUndefined();
    const pictures = await loadFolder([file('train.bin', cifar(1, 2)), file('test.bin.gz', gz(cifar(3)))]);
    expect([pictures.train.length, pictures.test?.length]).toEqual([2, 1]);
  });

  it('refuses test images of another size', async () => {
    const test = [
      file('test-images-idx3-ubyte', idx([1, 1, 1], [0])),
      file('test-labels-idx1-ubyte', idx([1], [0])),
    ];
    expect(await refusal(loadFolder([...train, ...test]))).toMatch(
      /images of 1x1; expected 2x2 as in train-images/,
    );
  });
});
