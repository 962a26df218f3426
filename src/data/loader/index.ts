/** Batches of samples in epochs. */
export type { LoadedBatch, Named, Sample } from './collate';
export { type FileOptions, readLines, readRecords, type StreamedFile } from './files';
export { DataLoader, type DataLoaderOptions, type LoaderState, type SampleContext } from './loader';
export { type BatchSampler, type Sampler, weightedRandomSampler } from './samplers';
export type { BatchArrays, IndexedSource, LoaderSource, Stream } from './sources';
