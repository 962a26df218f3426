/**
 * Batches of samples in epochs, with the options of torch.utils.data.DataLoader: over data in memory, data that is asked for
 * sample by sample, and streams. `fit`, `evaluate` and loops over a `TrainStep` take it.
 */
import { checkCount, checkOptions, checkSeed } from '../../checks';
import { GradloomError, showValue } from '../../errors';
import { Random } from '../../random';
import { ArrayDataset } from '../dataset';
import type { TensorData } from '../host-tensor';
import { TokenWindows } from '../text/windows';
import { collate as collateSamples, type LoadedBatch, type Sample, wholeBatch } from './collate';
import { itemsOf, readAhead, shuffleBuffer } from './prefetch';
import { type BatchSampler, checkIndex, randomOrder, type Sampler } from './samplers';
import { type ArraySource, isIndexed, type LoaderSource, type StreamSource, sourceOf } from './sources';

/** What a transform is told of a sample. */
export interface SampleContext {
  epoch: number;
  /** Its index, or its number in a stream. */
  index: number;
  /** Random numbers of this sample in this epoch, from the loader's seed. */
  random: Random;
}

export interface DataLoaderOptions<T = any> {
  /** Samples per batch; null where the source gives whole batches, of any sizes. Default 32. */
  batchSize?: number | null;
  /** Draws in another order every epoch; streams through a buffer of `shuffleBuffer` samples. Default false. */
  shuffle?: boolean;
  /** Samples in the buffer that a shuffled stream is drawn from. Default 1024. */
  shuffleBuffer?: number;
  /** Leaves out a last batch that would be smaller. Default false. */
  dropLast?: boolean;
  /** Indices in the order in which they are drawn, in place of `shuffle`. */
  sampler?: Sampler;
  /** Whole batches of indices, in place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: BatchSampler;
  /** Makes a sample of what the source gives. */
  transform?(item: T, context: SampleContext): Sample | Promise<Sample>;
  /** Makes a batch of samples: pads them, for example. Default: stacks them. */
  collate?(samples: any[]): unknown;
  /** Batches that are made ahead while the GPU works. Default 2. */
  prefetch?: number;
  /** What each sample of an `ArrayDataset` counts for. */
  sampleWeight?: TensorData;
  /** Of orders and transforms. Default 0. */
  seed?: number;
  /** Shown in errors and checkpoints. */
  name?: string;
}

const OPTIONS: (keyof DataLoaderOptions)[] = [
  'batchSize',
  'shuffle',
  'shuffleBuffer',
  'dropLast',
  'sampler',
  'batchSampler',
  'transform',
  'collate',
  'prefetch',
  'sampleWeight',
  'seed',
  'name',
];

/** Where a loader is: the epoch, and how many of its batches were given. */
export interface LoaderState {
  epoch: number;
  batch: number;
}

export class DataLoader<T = any> implements AsyncIterable<LoadedBatch> {
  readonly batchSize: number | null;
  readonly name: string;
  private readonly source: ArraySource | StreamSource;
  private current: LoaderState = { epoch: 0, batch: 0 };

  /** @throws GradloomError `argument` for unknown options, those that exclude each other, and for what is no source. */
  constructor(
    readonly data: LoaderSource<T>,
    readonly options: DataLoaderOptions<T> = {},
  ) {
    checkOptions('DataLoader', options, OPTIONS);
    checkLoaderOptions(options);
    this.batchSize = options.batchSize === undefined ? 32 : options.batchSize;
    this.source = sourceOf(data, options.sampleWeight);
    const { sampler, batchSampler, name } = options;
    if (!isIndexed(this.source) && (sampler || batchSampler)) {
      throw fail(
        sampler ? 'sampler' : 'batchSampler',
        'given for a stream',
        'data with a length',
        'shuffle draws from a buffer',
      );
    }
    this.name = name ?? (data instanceof ArrayDataset || data instanceof TokenWindows ? data.name : 'loader');
  }

  /** Batches of an epoch; undefined for streams, and where a sampler decides. */
  get length(): number | undefined {
    const { samples, batchSize } = this;
    const { batchSampler, sampler, dropLast } = this.options;
    if (samples === undefined || batchSampler || sampler) return undefined;
    if (batchSize === null) return samples;
    return dropLast ? Math.floor(samples / batchSize) : Math.ceil(samples / batchSize);
  }

  /** Samples in the data; undefined for streams. */
  get samples(): number | undefined {
    return isIndexed(this.source) ? this.source.length : undefined;
  }

  /** The data set that lies on the GPU as a whole, where its batches are gathered there. */
  get resident(): ArrayDataset | TokenWindows | undefined {
    const { data } = this;
    const { sampler, batchSampler, transform, collate, sampleWeight } = this.options;
    const isPlain =
      !(sampler || batchSampler || transform || collate || sampleWeight) && this.batchSize !== null;
    return isPlain && (data instanceof ArrayDataset || data instanceof TokenWindows) ? data : undefined;
  }

  /** What tells the data apart: its arrays, where they are in memory. */
  get arrays(): readonly ArrayBufferView[] {
    return isIndexed(this.source) ? (this.source.arrays ?? []) : [];
  }

  /** Whether an epoch may begin with any batch without those before being made. */
  get isSeekable(): boolean {
    return isIndexed(this.source);
  }

  /** One epoch; the next pass, also after a `break`, is the next one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<LoadedBatch> {
    const { epoch, batch: from } = this.current;
    try {
      for await (const batch of this.iterate(epoch, { from })) {
        this.current = { epoch, batch: this.current.batch + 1 };
        yield batch;
      }
    } finally {
      this.current = { epoch: epoch + 1, batch: 0 };
    }
  }

  /** Where a pass is, batches given so far included, for `load`. */
  get state(): LoaderState {
    return { ...this.current };
  }

  /** Goes on from a `state`: the next pass begins with its next batch. Exact for streams that give the same again. */
  load({ epoch, batch }: LoaderState): void {
    for (const [argument, value] of Object.entries({ epoch, batch })) {
      if (!(Number.isSafeInteger(value) && value >= 0))
        throw fail(argument, showValue(value), 'a whole number from 0');
    }
    this.current = { epoch, batch };
  }

  /**
   * The batches of an epoch, whose number decides their order, from batch `from` on.
   * @param options.signal ends it, also while the source keeps it waiting
   */
  iterate(
    epoch: number,
    { from = 0, signal }: { from?: number; signal?: AbortSignal } = {},
  ): AsyncGenerator<LoadedBatch> {
    const { source } = this;
    const batches = isIndexed(source)
      ? this.indexed(source, epoch, from)
      : this.streamed(source, epoch, from);
    return readAhead(batches, this.options.prefetch ?? 2, signal);
  }

  private async *indexed(source: ArraySource, epoch: number, from: number): AsyncGenerator<LoadedBatch> {
    const { transform, collate } = this.options;
    let number = 0;
    for (const indices of this.batchesOf(source.length, epoch)) {
      if (number++ < from) continue;
      if (source.rows && !transform && !collate) {
        yield source.rows(indices);
        continue;
      }
      const samples: unknown[] = [];
      for (const index of indices)
        samples.push(await this.transformed(await source.get(index), epoch, index));
      yield await this.batchOf(samples);
    }
  }

  private *batchesOf(length: number, epoch: number): Generator<number[]> {
    const { batchSampler, sampler, shuffle, dropLast, seed = 0 } = this.options;
    if (batchSampler) {
      const batches = typeof batchSampler === 'function' ? batchSampler(epoch, length) : batchSampler;
      let number = 0;
      for (const batch of batches) {
        const indices = Array.from(batch, (index) =>
          checkIndex(`batchSampler, batch ${number}`, index, length),
        );
        if (indices.length === 0) throw fail(`batchSampler, batch ${number}`, 'empty', 'at least one index');
        number++;
        yield indices;
      }
      return;
    }
    const order = sampler
      ? typeof sampler === 'function'
        ? sampler(epoch, length)
        : sampler
      : shuffle
        ? randomOrder(length, seed, epoch)
        : Array.from({ length }, (_, i) => i);
    const size = this.batchSize ?? 1;
    let batch: number[] = [];
    for (const index of order) {
      batch.push(checkIndex('sampler', index, length));
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !dropLast) yield batch;
  }

  private async *streamed(source: StreamSource, epoch: number, from: number): AsyncGenerator<LoadedBatch> {
    const { shuffle, dropLast, seed = 0, shuffleBuffer: buffer = 1024 } = this.options;
    let items: AsyncGenerator<unknown> = itemsOf(await source.open(epoch));
    if (shuffle) items = shuffleBuffer(items, buffer, new Random(seed, `DataLoader ${epoch}`));
    const size = this.batchSize ?? 1;
    // Batches before `from` are read and not made.
    const skipped = from * size;
    let index = -1;
    let samples: unknown[] = [];
    for await (const item of items) {
      index++;
      if (index < skipped) continue;
      samples.push(await this.transformed(item as T, epoch, index));
      if (samples.length < size) continue;
      const full = samples;
      samples = [];
      yield await this.batchOf(full);
    }
    if (samples.length > 0 && !dropLast) yield await this.batchOf(samples);
  }

  private transformed(item: unknown, epoch: number, index: number): unknown {
    const { transform, seed = 0 } = this.options;
    if (!transform) return item;
    return transform(item as T, { epoch, index, random: new Random(seed, `DataLoader ${epoch} ${index}`) });
  }

  private async batchOf(samples: unknown[]): Promise<LoadedBatch> {
    const { collate } = this.options;
    if (collate)
      return wholeBatch(await collate(this.batchSize === null ? (samples[0] as unknown[]) : samples));
    return this.batchSize === null ? wholeBatch(samples[0]) : collateSamples(samples as Sample[]);
  }
}

function checkLoaderOptions(options: DataLoaderOptions): void {
  const {
    batchSize,
    batchSampler,
    sampler,
    shuffle,
    dropLast,
    prefetch,
    seed,
    shuffleBuffer: buffer,
  } = options;
  if (batchSize !== undefined && batchSize !== null) checkCount('DataLoader', 'batchSize', batchSize);
  if (buffer !== undefined) checkCount('DataLoader', 'shuffleBuffer', buffer);
  if (seed !== undefined) checkSeed('DataLoader', seed);
  if (prefetch !== undefined && !(Number.isSafeInteger(prefetch) && prefetch >= 0))
    throw fail('prefetch', showValue(prefetch), 'a whole number from 0');
  for (const name of ['shuffle', 'dropLast'] as const) {
    if (!['undefined', 'boolean'].includes(typeof options[name]))
      throw fail(name, showValue(options[name]), 'true or false');
  }
  for (const name of ['transform', 'collate'] as const) {
    if (!['undefined', 'function'].includes(typeof options[name]))
      throw fail(name, showValue(options[name]), 'a function');
  }
  for (const name of ['sampler', 'batchSampler'] as const) {
    const value = options[name] as unknown;
    const isRight = value === undefined || typeof value === 'function' || Symbol.iterator in Object(value);
    if (!isRight) throw fail(name, showValue(value), 'an iterable, or a function of epoch and length');
  }
  if (sampler && shuffle) throw fail('sampler', 'given with shuffle', 'one of the two');
  if (batchSampler) {
    const other = (['batchSize', 'shuffle', 'sampler', 'dropLast'] as const).find((name) => options[name]);
    if (other) throw fail('batchSampler', `given with ${other}`, 'one of the two');
  }
  if (batchSize === null && dropLast) throw fail('dropLast', 'given with batchSize: null', 'one of the two');
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'DataLoader', argument, got, expected, fix });
