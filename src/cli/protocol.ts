/**
 * What the command line (in Node) and its page (in the browser) say to each other. All of it is JSON; the
 * arrays of the data set and the finished weights travel as bytes over `DATA_PATH` and `UPLOAD_PATH`.
 */
import type { AugmentSpec } from '../data/augment/spec';
import type { ErrorCode } from '../errors';
import type { SearchOutcome, Trial } from '../experiments/search';
import type { GenerateOptions } from '../generate/options';
import type { OptimizerSpec } from '../optim/optimizer';
import type { SearchConfig } from './search-config';

/** Where the page finds the bytes of the data set, by name: `/__gradloom/data/train.x`. */
export const DATA_PATH = '/__gradloom/data/';
/** Where the page POSTs the weights, as the bytes of a safetensors file. */
export const UPLOAD_PATH = '/__gradloom/weights';

/** Where the page keeps checkpoints, by name. */
export const CHECKPOINT_PATH = '/__gradloom/checkpoints/';

/** The page of the `train` command, relative to the checkout. */
export const TRAIN_PAGE = '/src/cli/page/index.html';
/** The harness page, which the `harness` and `check` commands use. */
export const HARNESS_PAGE = '/e2e/harness.html';

/** The optimizer and its options under PyTorch's names in camelCase. */
export type OptimizerRequest = OptimizerSpec;

/**
 * One part (training or test) of the data set: what `ArrayDataset.fromArrays` takes, less the arrays, which the
 * page fetches as `<name>.x` and `<name>.y` (class indices as int32, numbers to regress on as float32).
 */
export interface DatasetRequest {
  name: 'train' | 'test';
  xType: 'uint8' | 'float32';
  yType: 'int32' | 'float32';
  xShape: readonly number[];
  yShape: readonly number[];
  classes?: readonly string[];
  /** Absent for numbers to regress on. */
  classCount?: number;
  scale: number;
  mean: readonly number[];
  std: readonly number[];
}

/** A text instead, whose tokens (int32) the page fetches as `<name>.x`: what `TokenWindows` takes. */
export interface WindowsRequest {
  name: 'train' | 'test';
  blockSize: number;
  vocabSize: number;
  stride: number;
}

/** What a model that can generate is asked for. */
export interface GenerateRequest {
  prompts: number[][];
  options: Omit<GenerateOptions, 'onToken' | 'signal'>;
}

/** What the page needs to generate with weights that it fetches as `weights`. */
export interface GenerateRun {
  /** The JSON model spec, not checked yet. */
  model: unknown;
  generate: GenerateRequest;
}

/** What the page needs to measure weights, fetched as `weights`, on the data set `test`. */
export interface EvaluateRun {
  /** The JSON model spec, not checked yet. */
  model: unknown;
  test: DatasetRequest;
  loss: 'crossEntropy' | 'mse';
}

/** What the page needs to predict with weights, fetched as `weights`, from samples fetched as `predict.x` (float32). */
export interface PredictRun {
  /** The JSON model spec, not checked yet. */
  model: unknown;
  xShape: readonly number[];
  scale: number;
  mean: readonly number[];
  std: readonly number[];
}

/** How images are brought to one size. */
export interface ImageOptions {
  size?: [height: number, width: number];
  channels: 1 | 3;
}

/** Images that the page reads, fetched as `image.0`, `image.1`, ..., with their paths. */
export interface ImagesRun {
  names: string[];
  options: ImageOptions;
}

/** A part of a folder of images, whose bytes are POSTed in the order of the parts. */
export interface ImagesPart {
  part: 'train' | 'validation' | 'test';
  name: string;
  xShape: readonly number[];
  classes: readonly string[];
  y: number[];
}

/** All that the page needs for one training run. */
export interface TrainRequest {
  /** The JSON model spec, not checked yet. */
  model: unknown;
  train: DatasetRequest | WindowsRequest;
  test: DatasetRequest | WindowsRequest;
  loss: 'crossEntropy' | 'mse';
  optimizer: OptimizerRequest;
  /** Of the learning rate; what depends on the number of steps is filled in. */
  schedule?: { type: string } & Record<string, unknown>;
  clip?: { maxNorm?: number; value?: number };
  /** Decay of the average of the weights that is validated, measured and written. */
  ema?: number;
  earlyStopping?: { patience: number; monitor?: string };
  classWeight?: 'balanced' | number[];
  epochs: number;
  /** Ends an epoch early, or begins the data anew. */
  stepsPerEpoch?: number;
  batchSize: number;
  shuffle: boolean;
  augment?: AugmentSpec;
  /** Fraction of the training examples kept for validation after each epoch; 0 for none. */
  validationSplit: number;
  /** Validates on the test examples instead. */
  validateOnTest: boolean;
  seed: number;
  /** Goes into the file of the weights. */
  metadata: Record<string, string>;
  /** What to generate when all is trained. */
  generate?: GenerateRequest;
  /** Goes on from the newest checkpoint under `CHECKPOINT_PATH`, and keeps more there. */
  checkpoint?: { every?: number };
}

/** All that the page needs for a search of settings. */
export interface SearchRequest {
  /** The configuration; model, optimizer and the rest are not checked yet. */
  config: SearchConfig;
  train: DatasetRequest;
  /** Where the configuration has none. */
  loss: 'crossEntropy' | 'mse';
  seed: number;
  /** Fraction of the examples that trials are measured on. */
  validationSplit: number;
  /** What the results belong to beside the space. */
  about: unknown;
  /** Results of a search that ended early. */
  kept?: string;
}

/** The model is built and training begins. */
export interface StartEvent {
  event: 'start';
  /** Number of trainable values. */
  parameters: number;
  stepsPerEpoch: number;
  totalSteps: number;
}

/** One training step; `loss` is the batch's mean, `accuracy` its share of right answers. */
export interface StepEvent {
  event: 'step';
  /** From 1. */
  epoch: number;
  /** From 1, counted over all epochs. */
  step: number;
  loss: number;
  accuracy?: number;
  /** When it ended, counted from the start event. */
  seconds: number;
}

/** The end of an epoch: means over its steps, and over the validation examples where there are any. */
export interface EpochEvent {
  event: 'epoch';
  epoch: number;
  loss: number;
  accuracy?: number;
  validationLoss?: number;
  validationAccuracy?: number;
}

export type TrainEvent = StartEvent | StepEvent | EpochEvent;

/** How a run ended; test figures are absent when it was interrupted. */
export interface TrainOutcome {
  interrupted: boolean;
  /** Steps of the whole run. */
  steps: number;
  testLoss?: number;
  testAccuracy?: number;
  /** Why it ended before its last epoch. */
  stopped?: string;
  /** The tokens that were asked for, in the order of the prompts. */
  generated?: number[][];
}

/** An error on its way from the page to Node. */
export interface PageError {
  code: ErrorCode;
  message: string;
}

export type PageAnswer<T> = { ok: true; value: T } | { ok: false; error: PageError };

declare global {
  interface Window {
    /** Trains and POSTs the weights; never rejects, so that the error's code survives the way to Node. */
    gradloomRun(request: TrainRequest): Promise<PageAnswer<TrainOutcome>>;
    /** POSTs the run of the newest checkpoint as a zip archive for PyTorch; gives the notes on it. Never rejects. */
    gradloomExport(request: TrainRequest): Promise<PageAnswer<string[]>>;
    /** Generates with given weights; never rejects. */
    gradloomGenerate(request: GenerateRun): Promise<PageAnswer<number[][]>>;
    /** Measures given weights; never rejects. */
    gradloomEvaluate(request: EvaluateRun): Promise<PageAnswer<{ loss: number; accuracy?: number }>>;
    /** Decodes images and POSTs their bytes; never rejects. */
    gradloomImages(request: ImagesRun): Promise<PageAnswer<ImagesPart[]>>;
    /** POSTs the outputs as float32 and gives their shape; never rejects. */
    gradloomPredict(request: PredictRun): Promise<PageAnswer<number[]>>;
    /** Searches settings; never rejects. */
    gradloomSearch(request: SearchRequest): Promise<PageAnswer<SearchOutcome>>;
    /** Set by Node: takes the results so far, and the trial that is new among them. */
    gradloomTrial(results: string, trial?: Trial): Promise<void>;
    /** Ends the run after the current step; the weights are still POSTed. */
    gradloomStop(): void;
    /** Set by Node: receives events in order, several at a time. */
    gradloomEvents(events: TrainEvent[]): Promise<void>;
  }
}
