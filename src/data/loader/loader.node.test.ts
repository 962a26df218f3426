/** Loaders: orders, batches, streams and files, where they go on, and what is refused. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ArrayDataset } from '../dataset';
import { TokenWindows } from '../text/windows';
import {
  DataLoader,
  type DataLoaderOptions,
  type LoadedBatch,
  readLines,
  readRecords,
  weightedRandomSampler,
} from '.';

const values = (batch: LoadedBatch) => Array.from((batch.x as { data: Float32Array }).data);
async function all(loader: DataLoader): Promise<number[][]> {
  const found: number[][] = [];
  for await (const batch of loader) found.push(values(batch));
  return found;
}
const samples = Array.from({ length: 7 }, (_, i) => ({ x: [i], y: i % 3 }));
const arrays = { x: samples.map(({ x }) => x), y: samples.map(({ y }) => y) };
const flat = [0, 1, 2, 3, 4, 5, 6];

describe('batches', () => {
  it('are the same from lists, arrays, data sets, indexed sources and streams', async () => {
    const indexed = { length: 7, get: async (i: number) => samples[i] };
    async function* stream() {
      yield* samples;
    }
    const dataset = ArrayDataset.fromArrays(arrays);
    for (const source of [samples, arrays, dataset, indexed, stream, new Set(samples), async () => samples]) {
      const loader = new DataLoader(source as never, { batchSize: 3 });
      expect(await all(loader)).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
      const [first] = [(await loader[Symbol.asyncIterator]().next()).value as LoadedBatch];
      expect(first.y).toEqual({ shape: [3], dtype: 'i32', data: Int32Array.of(0, 1, 2) });
      expect(first.x).toMatchObject({ shape: [3, 1], dtype: 'f32' });
      const dropping = new DataLoader(source as never, { batchSize: 3, dropLast: true });
      expect(await all(dropping)).toHaveLength(2);
    }
  });

  it('have a length where the data has one', () => {
    expect(new DataLoader(samples, { batchSize: 3 }).length).toBe(3);
    expect(new DataLoader(samples, { batchSize: 3, dropLast: true }).length).toBe(2);
    expect(new DataLoader(() => samples).length).toBeUndefined();
  });

  it('are normalized as the data set says, and windows of text', async () => {
    const data = ArrayDataset.fromArrays({
      x: Uint8Array.of(0, 255, 51, 102),
      xShape: [2],
      y: [1, 0],
      mean: 0.5,
      std: 2,
    });
    const [batch] = await all(new DataLoader(data));
    for (const [i, value] of [-0.25, 0.25, -0.15, -0.05].entries()) expect(batch[i]).toBeCloseTo(value, 6);
    const text = new TokenWindows([0, 1, 2, 3, 4], { blockSize: 2, vocabSize: 5 });
    const windows = (await new DataLoader(text)[Symbol.asyncIterator]().next()).value as LoadedBatch;
    expect(windows.x).toMatchObject({ shape: [3, 2], data: Int32Array.of(0, 1, 1, 2, 2, 3) });
    expect(windows.y).toMatchObject({ data: Int32Array.of(1, 2, 2, 3, 3, 4) });
  });

  it('shuffle anew every epoch, the same for the same seed, and each sample once', async () => {
    for (const source of [samples, () => samples]) {
      const make = (seed: number) =>
        new DataLoader(source as never, { batchSize: 3, shuffle: true, shuffleBuffer: 4, seed });
      const [one, two, three] = [make(1), make(1), make(2)];
      const first = (await all(one)).flat();
      const second = (await all(one)).flat();
      for (const order of [first, second]) expect([...order].sort()).toEqual(flat);
      expect(first).not.toEqual(second);
      expect((await all(two)).flat()).toEqual(first);
      expect((await all(three)).flat()).not.toEqual(first);
    }
  });

  it('go on in the midst of an epoch', async () => {
    for (const source of [samples, () => samples, arrays]) {
      const options = { batchSize: 2, shuffle: true, shuffleBuffer: 3, seed: 5 };
      const whole = new DataLoader(source as never, options);
      await all(whole);
      const rest: number[][] = [];
      let state = whole.state;
      for await (const batch of whole) {
        if (whole.state.batch === 2) state = whole.state;
        if (whole.state.batch > 2) rest.push(values(batch));
      }
      const other = new DataLoader(source as never, options);
      other.load(state);
      expect(await all(other)).toEqual(rest);
      expect(other.state).toEqual({ epoch: 2, batch: 0 });
    }
  });

  it('take samplers, transforms with random numbers of their own, and collate functions', async () => {
    const sampled = new DataLoader(samples, { batchSize: 2, sampler: (epoch) => [6, epoch, 5] });
    expect(await all(sampled)).toEqual([[6, 0], [5]]);
    expect(await all(sampled)).toEqual([[6, 1], [5]]);
    expect(await all(new DataLoader(arrays, { batchSampler: [[1], [2, 3, 4]] }))).toEqual([[1], [2, 3, 4]]);
    const noisy: DataLoaderOptions = {
      batchSize: 4,
      transform: async ({ x, y }, { random, index, epoch }) => ({
        x: [x[0] + index + epoch + random.uniform()],
        y,
      }),
    };
    const [a, b] = [
      await all(new DataLoader(samples, noisy)),
      await all(new DataLoader(() => samples, noisy)),
    ];
    expect(a).toEqual(b);
    expect(a[0][1]).toBeGreaterThan(2);
    const padded = new DataLoader([[1], [2, 3], [4, 5, 6]], {
      batchSize: 3,
      collate: (lists: number[][]) => ({
        x: lists.map((list) => [...list, 0, 0].slice(0, 3)),
        y: lists.map(({ length }) => length),
      }),
    });
    expect(await all(padded)).toEqual([[1, 0, 0, 2, 3, 0, 4, 5, 6]]);
  });

  it('may come whole, of any size, and have names and weights', async () => {
    const source = [
      { x: { a: [[1, 2]], b: [3] }, y: [1], weight: [0.5] },
      {
        x: {
          a: [
            [1, 2],
            [3, 4],
          ],
          b: [3, 4],
        },
        y: [1, 0],
        weight: [1, 2],
      },
    ];
    const sizes: number[] = [];
    for await (const { x, weight } of new DataLoader(source, { batchSize: null })) {
      sizes.push((x as any).a.shape[0], weight!.data.length);
    }
    expect(sizes).toEqual([1, 1, 2, 2]);
    const named = new DataLoader([{ x: { a: [1, 2], b: 3 }, y: { c: 1, d: [0.5] }, weight: 2 }]);
    const { value } = await named[Symbol.asyncIterator]().next();
    expect(value).toMatchObject({
      x: { a: { shape: [1, 2] }, b: { shape: [1] } },
      y: { c: { dtype: 'i32' }, d: { dtype: 'f32', shape: [1, 1] } },
      weight: { data: Float32Array.of(2) },
    });
  });
});

describe('weighted sampling', () => {
  it('draws by weight, and each once without replacement', () => {
    const draw = weightedRandomSampler([1, 0, 3], 4000, { seed: 3 });
    const counts = [0, 0, 0];
    for (const index of draw(0, 3)) counts[index]++;
    expect(counts[1]).toBe(0);
    expect(counts[2] / counts[0]).toBeGreaterThan(2.6);
    expect(counts[2] / counts[0]).toBeLessThan(3.4);
    expect(draw(0, 3)).toEqual(draw(0, 3));
    expect(draw(0, 3)).not.toEqual(draw(1, 3));
    const once = weightedRandomSampler([1, 2, 0, 4], 3, { replacement: false });
    expect([...once(0, 4)].sort()).toEqual([0, 1, 3]);
    let firsts = 0;
    for (let epoch = 0; epoch < 700; epoch++) if (once(epoch, 4)[0] === 3) firsts++;
    expect(firsts / 700).toBeGreaterThan(0.5);
    expect(firsts / 700).toBeLessThan(0.64);
  });

  it.each([
    [() => weightedRandomSampler([0, 0]), /weights is all 0/],
    [() => weightedRandomSampler([1, -1]), /weights\[1\] is -1/],
    [() => weightedRandomSampler([1, 0], 2, { replacement: false }), /numSamples is 2.*at most 1/],
    [() => weightedRandomSampler([1, 0])(0, 3), /2 weights.*3, one per sample/],
  ])('refuses wrong weights %#', (make, message) => {
    expect(make).toThrow(message);
  });
});

describe('streams', () => {
  it('are read ahead, closed, and ended while they keep us waiting', async () => {
    let [given, closed] = [0, 0];
    async function* endless() {
      try {
        for (;;) yield { x: [given++], y: 0 };
      } finally {
        closed++;
      }
    }
    const loader = new DataLoader(endless, { batchSize: 2, prefetch: 3 });
    for await (const _ of loader) {
      await new Promise((resolve) => setTimeout(resolve));
      expect(given).toBe(8);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve));
    expect(closed).toBe(1);
    const stop = new AbortController();
    const stuck = new DataLoader(() => ({
      [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }),
    }));
    const next = stuck.iterate(0, { signal: stop.signal }).next();
    stop.abort();
    expect((await next).done).toBe(true);
  });

  it('an iterator of its own goes on from epoch to epoch', async () => {
    const iterator = samples.values();
    const loader = new DataLoader(iterator, { batchSize: 2, prefetch: 0 });
    for await (const batch of loader) {
      expect(values(batch)).toEqual([0, 1]);
      break;
    }
    expect(await all(loader)).toEqual([[2, 3], [4, 5], [6]]);
  });

  it('errors of theirs reach the caller after the batches before', async () => {
    async function* broken() {
      yield* samples.slice(0, 4);
      throw new RangeError('no more disk');
    }
    const loader = new DataLoader(broken, { batchSize: 2 });
    const found: number[][] = [];
    await expect(
      (async () => {
        for await (const batch of loader) found.push(values(batch));
      })(),
    ).rejects.toThrow(RangeError);
    expect(found).toEqual([
      [0, 1],
      [2, 3],
    ]);
  });
});

describe('files', () => {
  it('are lines, of any ends, packed or not, also where pieces cut characters', async () => {
    const text = '\ufeffä,1\r\nb,2\n\nü';
    const bytes = new TextEncoder().encode(text);
    async function* pieces() {
      for (const byte of bytes) yield Uint8Array.of(byte);
    }
    const packed = new File([gzipSync(bytes) as Uint8Array<ArrayBuffer>], 'rows.csv.gz');
    for (const file of [new Blob([bytes]), pieces, packed]) {
      const found: string[] = [];
      for await (const line of readLines(file)()) found.push(line);
      expect(found).toEqual(['ä,1', 'b,2', '', 'ü']);
    }
    const loader = new DataLoader(readLines(new Blob(['1 0\n2 1\n3 1\n'])), {
      batchSize: 2,
      transform: (line: string) => ({ x: [Number(line.split(' ')[0])], y: Number(line.split(' ')[1]) }),
    });
    expect(await all(loader)).toEqual([[1, 2], [3]]);
    expect(await all(loader)).toEqual([[1, 2], [3]]);
  });

  it('are records', async () => {
    const file = new Blob([Uint8Array.of(9, 1, 2, 3, 4)]);
    const found: Uint8Array[] = [];
    for await (const record of readRecords(file, 2, { skip: 1 })()) found.push(record);
    expect(found).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
    const read = async () => {
      for await (const _ of readRecords(file, 2)());
    };
    await expect(read()).rejects.toThrow(/1 bytes after the last record.*whole records of 2/);
    const bad = async () => {
      for await (const _ of readLines(new Blob([Uint8Array.of(0xff, 0xfe, 0xfd)]))());
    };
    await expect(bad()).rejects.toThrow(/UTF-8/);
  });
});

describe('refuses', () => {
  it.each([
    [samples, { batchsize: 2 }, /batchsize.*Did you mean batchSize/],
    [samples, { batchSize: 0 }, /batchSize is 0/],
    [samples, { shuffle: true, sampler: [1] }, /sampler is given with shuffle/],
    [samples, { batchSampler: [[1]], batchSize: 3 }, /batchSampler is given with batchSize/],
    [() => samples, { sampler: [1] }, /sampler is given for a stream/],
    [samples, { transform: 1 }, /transform is 1/],
    [samples, { prefetch: -1 }, /prefetch is -1/],
    [samples, { seed: 0.5 }, /seed is 0.5/],
    [5, {}, /source is 5/],
    [[], {}, /of length 0/],
    [{ x: [[1], [2]], y: [1] }, {}, /y is \[1\].*2 samples along the first dimension, as x has/],
    [{ x: [[1]], y: [1], z: [1] }, {}, /z is no part of the arrays/],
    [{ x: [[1]], y: [1], sampleWeight: [-1] }, {}, /sampleWeight\[0\] is -1/],
  ])('%j with %j', (source, options, message) => {
    expect(() => new DataLoader(source as never, options as never)).toThrow(message);
  });

  it.each([
    [
      [
        { x: [1], y: 0 },
        { x: [1, 2], y: 0 },
      ],
      {},
      /x of sample 1 is \[2\].*\[1\] of f32/,
    ],
    [[{ x: [1] }], {}, /sample 0/],
    [
      [
        { x: { a: 1 }, y: 0 },
        { x: { b: 1 }, y: 0 },
      ],
      {},
      /x of sample 1.*other names/,
    ],
    [samples, { sampler: [7] }, /sampler is 7.*0 to 6/],
    [[{ x: [[1]], y: [1, 2] }], { batchSize: null }, /y is \[2\].*1 samples/],
    [samples, { collate: () => 3 }, /batch is 3/],
  ])('%j with %j when it comes to it', async (source, options, message) => {
    await expect(all(new DataLoader(source as never, options as never))).rejects.toThrow(message);
  });
});
