/** What a page and the engines that train for it say to each other, by `postMessage` or within one thread. */
import type { DataInfo } from '../data/make';
import type { DataRecipe, PlaygroundState, TrainingSettings } from '../recipe';

/** One layer of the model, at the top of its spec. */
export interface LayerInfo {
  /** Name in the state dict. */
  key: string;
  type: string;
  /** Of one sample; absent behind a layer that does not fit. */
  outputShape?: number[];
  parameters: number;
  multAdds: number;
}

export interface ModelInfo {
  layers: LayerInfo[];
  parameters: number;
  multAdds: number;
  /** Bytes on the GPU for training. */
  bytes?: number;
  /** The layer that does not fit, or -1 for the model as a whole. */
  error?: { layer: number; message: string };
}

export interface AdapterInfo {
  name: string;
  /** Whether it is a processor that plays a GPU. */
  isCpu: boolean;
}

/** What an engine has when it is open. */
export interface Opened {
  data: DataInfo;
  model: ModelInfo;
  adapter: AdapterInfo;
  /** Whether it trains in a worker. */
  inWorker: boolean;
  stepsPerEpoch: number;
  steps: number;
}

/** A group of consecutive training steps. */
export interface StepsInfo {
  /** Number of the first one. */
  first: number;
  losses: number[];
  accuracies?: number[];
  gradNorms: number[];
  /** Of the last one. */
  rate: number;
  epoch: number;
  /** Seconds that they took. */
  seconds: number;
}

export interface TestInfo {
  step: number;
  loss: number;
  accuracy?: number;
}

export interface ErrorInfo {
  code: string;
  message: string;
  fix?: string;
  /** Where values that are no numbers were found first. */
  where?: string;
}

export type EngineEvent =
  | ({ type: 'steps' } & StepsInfo)
  | ({ type: 'test' } & TestInfo)
  | { type: 'running'; running: boolean }
  | { type: 'epoch'; epoch: number; loss: number; accuracy?: number }
  | { type: 'done'; epoch: number }
  | { type: 'recovered'; step: number }
  | { type: 'token'; token: number }
  | ({ type: 'error' } & ErrorInfo);

export interface Values {
  shape: number[];
  data: Float32Array;
}

/** Right and wrong of the test set. */
export interface Report {
  loss: number;
  accuracy?: number;
  /** Rows are the right classes. */
  confusion?: number[][];
  /** Test samples with the largest losses first, with what was said and how sure. */
  worst: Judged[];
  best: Judged[];
}

export interface Judged {
  index: number;
  label: number;
  predicted: number;
  probability: number;
  loss: number;
  x: Float32Array;
}

/** Values of a parameter in a few numbers. */
export interface ParameterInfo {
  name: string;
  shape: number[];
  mean: number;
  std: number;
  least: number;
  most: number;
  /** Counts over `least .. most` in equal bins. */
  histogram: number[];
  /** Root mean square of the last step's gradient; absent before the first step. */
  gradient?: number;
}

export interface Samples {
  x: Float32Array;
  y: Float32Array;
  count: number;
}

/** Methods of an engine, as a page calls them. */
export interface EngineMethods {
  open(state: PlaygroundState, checkpoint?: Uint8Array): Promise<Opened>;
  /** Makes data for an `open` to come, and tells of it. */
  prepare(data: DataRecipe): Promise<DataInfo>;
  describe(model: unknown): Promise<ModelInfo>;
  /** The model with layers that take what those before them give. */
  mend(model: unknown): Promise<unknown>;
  /** Options of every layer, as JSON Schema by type. */
  catalog(): Promise<Record<string, Record<string, unknown>>>;
  configure(training: TrainingSettings): Promise<void>;
  play(options: { delay?: number }): Promise<void>;
  pause(): Promise<void>;
  step(count: number): Promise<void>;
  test(): Promise<void>;
  predict(x: Float32Array, count: number): Promise<Values>;
  activations(x: Float32Array, count: number, paths: string[]): Promise<Record<string, Values>>;
  report(): Promise<Report>;
  parameters(): Promise<ParameterInfo[]>;
  parameter(name: string): Promise<Values>;
  samples(split: 'train' | 'test', from: number, count: number): Promise<Samples>;
  /** Texts and their continuations; a `token` event for each. */
  generate(prompt: string, count: number, temperature: number, seed: number): Promise<string>;
  stopGenerating(): Promise<void>;
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  weights(): Promise<Uint8Array<ArrayBuffer>>;
  load(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}
export type EngineMethod = keyof EngineMethods;

/** From the page. */
export type Request = { engine: number; call: number; method: EngineMethod; args: unknown[] };
/** From the engines: an answer, something that happened, or that they are there at all. */
export type Reply =
  | { ready: true }
  | { engine: number; answer: number; value?: unknown; error?: ErrorInfo & Record<string, unknown> }
  | { engine: number; event: EngineEvent };
