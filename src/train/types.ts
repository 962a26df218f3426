/** What the trainer takes and tells. */
import type { AugmentSpec } from '../data/augment/spec';
import type { TensorData } from '../data/host-tensor';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import type { AverageOptions } from '../optim/average';
import type { ClipOptions } from '../optim/clip';
import type { OptimizerSpec } from '../optim/optimizer';
import type { CheckpointOptions, CheckpointSource, RecoverInfo, SnapshotCadence } from './checkpoint/options';
import type { FitData } from './fit-data';
import type { DivergenceReport } from './inspect/first-bad';
import type { LossFunction, TrainerLoss } from './loss';
import type { StepSchedule } from './rates';

export type { FitData, TrainingData } from './fit-data';

/** `l1 * sum(|w|) + l2 * sum(w^2)` of some parameters. */
export interface Penalty {
  l1?: number;
  l2?: number;
  /** Names or globs, or a function of name and variable. Default: parameters of two and more dimensions. */
  params?: readonly string[] | ((name: string, variable: Variable) => boolean);
}

export interface TrainerOptions extends AverageOptions {
  /**
   * A loss by name, or a function of output and target that gives a scalar; for models with several outputs losses by the names
   * of the outputs, which are added up.
   */
  loss: TrainerLoss;
  /** Factors on the losses of outputs. Default 1. */
  lossWeights?: Record<string, number>;
  /** Penalties on parameters that training adds to the loss; `weightDecay` of an optimizer costs less. */
  regularization?: Penalty | readonly Penalty[];
  optimizer: OptimizerSpec;
  /** Learning rates by the number of the step. */
  schedule?: StepSchedule;
  clip?: ClipOptions;
  /**
   * The model gives its class scores last, `[N, T, classes]` for targets `[N, T]`, as language models and taggers do,
   * instead of `[N, classes, T]`, as PyTorch's losses want them. Loss and accuracy then take every position by itself.
   * Needed only where the shapes fit both ways, with as many classes as positions.
   */
  classesLast?: boolean;
  /** Of initialization, shuffling and dropout. Default 0. */
  seed?: number;
}

/** Metrics of one training step. */
export interface StepMetricsInfo {
  loss: number;
  /**
   * Fraction of correct predictions in the batch; absent for regression. Class indices and one-hot targets: the largest
   * score is at the class. Binary losses: element by element, probabilities above 0.5 and logits and margins above 0 say yes.
   */
  accuracy?: number;
  /** Total norm of the gradients before clipping, with `clip.maxNorm`. */
  gradNorm?: number;
}

/** One training step, delivered a little after it ran. */
export interface StepInfo extends StepMetricsInfo {
  epoch: number;
  /** Number of the step within this call of `fit`, from 0. */
  step: number;
  /** NaN for streams, whose length is not known. */
  stepsPerEpoch: number;
  /** The rate that the step was taken with, of parameters in no group. */
  learningRate: number;
}

export interface EpochInfo {
  epoch: number;
  /** Means over the epoch's samples, or over the targets that count where these are classes; with `reduction: 'sum'` sums. */
  loss: number;
  accuracy?: number;
  validationLoss?: number;
  validationAccuracy?: number;
  /** The `metrics` of `fit` on the validation data. */
  validationMetrics?: Record<string, MetricValue>;
  /** Seconds of training, without validation. */
  seconds: number;
}

export interface FitOptions {
  epochs?: number;
  /** What each sample counts for, [N]: losses become sum(w l) / sum(w), and accuracies weighted shares. */
  sampleWeight?: TensorData;
  /** What the samples of each class count for: a list, a record by class index, or 'balanced' for n / (classes * count). */
  classWeight?: readonly number[] | Readonly<Record<number, number>> | 'balanced';
  batchSize?: number;
  shuffle?: boolean;
  /**
   * Ends an epoch after so many full batches, of which each epoch draws others; more than the data has begin it anew.
   * Default: every sample once.
   */
  stepsPerEpoch?: number;
  /** Leaves out the last batch of an epoch where it would be smaller, such as one sample, of which batch norm has no statistics. */
  dropLast?: boolean;
  /**
   * Random transforms of the training samples on the GPU, as part of the batch gather: `[{ type: 'randomCrop', padding: 4 },
   * { type: 'randomHorizontalFlip' }]`, or ranges as in Keras. What is drawn depends on seed, epoch and sample alone.
   * Validation and evaluation see the samples as they are.
   */
  augment?: AugmentSpec;
  /**
   * What happens when a loss, a gradient or a weight is NaN or infinite. `'stop'` (default) ends training with an error `diverged`
   * that tells where it began (`report`), and puts the weights back to those before the epoch. `'restore'` goes back to the last
   * snapshot before (see `recover`) and on with half the learning rate, a few times. `'skip'` checks the norm of all gradients
   * on the GPU and does not update where it is none, at the cost of a pass over the gradients. `'ignore'` goes on.
   */
  onNaN?: 'stop' | 'restore' | 'skip' | 'ignore';
  /** Called when a step was skipped, and when training goes on from before. */
  onDivergence?(info: DivergenceInfo): unknown;
  /** Fraction of the data that is held out, chosen by the seed (of a text the end); or a data set of its own. */
  validationSplit?: number;
  validation?: FitData;
  /** Measured on the validation data after every epoch, as by `Trainer.evaluate`. */
  metrics?: Metrics;
  /** Validates the averages of the weights (`ema`, `swa` of the trainer). Default false. */
  averaged?: boolean;
  /** Awaited where it returns a promise: training goes on afterwards. */
  onStep?(info: StepInfo): unknown;
  onEpoch?(info: EpochInfo): void | Promise<void>;
  /** Told of steps and epochs after `onStep` and `onEpoch`; the list may change while training runs. */
  callbacks?: Callback[];
  /** Ends training after the current steps; what was learned is kept. */
  signal?: AbortSignal;
  /** Keeps checkpoints in a store while training goes on: `{ store, every: 100, keepLast: 3, keepBest: true }`. */
  checkpoint?: CheckpointOptions;
  /**
   * Goes on where a checkpoint was taken, with the same bits as if nothing had come between: the bytes of a file, a store
   * (its newest one; from the start when it has none), or true after `Trainer.restore`. `epochs` counts those before, too.
   */
  resume?: CheckpointSource | true;
  /**
   * What happens when the GPU is lost (a driver restarts, the computer slept): by default training takes another one and goes
   * on from its last snapshot in memory, to the same bits, without telling callbacks anything twice. `{ every: steps }` or
   * `{ seconds }` (default 10) say how often snapshots are taken; false takes none, and `fit` rejects with `device-lost`.
   */
  recover?: boolean | SnapshotCadence;
  /** Called when training goes on after a loss. */
  onRecover?(info: RecoverInfo): unknown;
  /**
   * Milliseconds of GPU work that may be queued at once while a page is seen, so that it draws beside training: steps are
   * submitted in pieces, long ones in several. Default 8 in pages whose GPU is none on the processor; false, and the default
   * elsewhere: no limit.
   */
  frameBudget?: number | false;
  /** Whether training goes on while the page is hidden, at full speed (default), or waits until it is seen again. */
  whenHidden?: 'continue' | 'pause';
  /** What tells whether the page is hidden. Default: the document; a worker hears it from its page. */
  visibility?: PageVisibility;
}

/** What `onNaN: 'skip'` and `'restore'` did. */
export interface DivergenceInfo {
  policy: 'skip' | 'restore';
  /** Number of the step within `fit`, from 0. */
  step: number;
  /** Of a step that was skipped. */
  loss?: number;
  gradNorm?: number;
  /** Of a step that training went back from: where the first bad values came from. */
  report?: DivergenceReport;
  /** The step from which training goes on, and the learning rate there. */
  restoredTo?: number;
  learningRate?: number;
}

/** Whether a page is seen. */
export interface PageVisibility {
  readonly hidden: boolean;
  /** Calls `listener` when that changes; returns the function that stops it. */
  onChange(listener: () => void): () => void;
}

export interface History {
  epochs: EpochInfo[];
  /** Whether the signal ended it early. */
  aborted: boolean;
  /** Why a callback ended it early. */
  stopped?: string;
}

/**
 * A metric of evaluations by name (`top5` and any other k, `precision`, `recall`, `f1`, `iou` as macro means and with `Micro`,
 * `Weighted` or `PerClass` at the end, `confusionMatrix`, `auc`, `aucPerClass`, `averagePrecision`, `perplexity`, `mae`, `mse`, `rmse`, `r2`), or a function of output and target, as
 * the loss takes them, that gives a scalar, whose mean over the samples gets the name of the function.
 */
export type MetricSpec = string | LossFunction | CustomMetric;

/** A metric of one's own over the whole data set: sums of batches on the GPU, which add up, and what is made of them. */
export interface CustomMetric {
  name: string;
  /** Numbers of a batch, of output and target as the loss takes them. */
  sums(output: Tensor, target: Tensor): Tensor;
  /** The value of their sums over all batches. */
  value(sums: Float64Array): MetricValue;
}

/** Metrics; those of a model with several outputs for each that has a loss, or by the names of outputs. */
export type Metrics = readonly MetricSpec[] | Readonly<Record<string, readonly MetricSpec[]>>;

/** A number, one for each class, or a confusion matrix. */
export type MetricValue = number | number[] | number[][];

export interface AveragedOption {
  /** Takes the averages of the weights (`ema`, `swa` of the trainer) in their place. Default false. */
  averaged?: boolean;
}

export interface EvaluateOptions extends AveragedOption {
  batchSize?: number;
  /** Measured over the whole data set, however it is divided into batches. */
  metrics?: Metrics;
}

export interface Evaluation {
  /** Mean over all samples, or targets that count; with `reduction: 'sum'` the sum over all of them. */
  loss: number;
  accuracy?: number;
  /** Those asked for, by name; lists are per class, matrices have a row per right class. */
  metrics?: Record<string, MetricValue>;
}

/** What callbacks may use of their trainer. */
export interface TrainerControl {
  readonly steps: number;
  /** The rate of the next step; setting it takes the place of the schedule. */
  get learningRate(): number;
  set learningRate(rate: number | undefined);
  stateDict(options?: AveragedOption): Promise<StateDict>;
  loadStateDict(state: StateDict): void;
  checkpoint(): Promise<Uint8Array<ArrayBuffer>>;
  evaluate(data: FitData, options?: EvaluateOptions): Promise<Evaluation>;
}

/** What may change while `fit` runs. */
export interface FitChanges {
  /** A rate in place of the schedule from the next step on, as `trainer.learningRate`. */
  learningRate?: number;
  /** From the next step on; the rest of the epoch is divided anew. */
  batchSize?: number;
  /** In place of those that `fit` was called with. */
  callbacks?: readonly Callback[];
}

/** The training that a callback belongs to. */
export interface FitControl {
  readonly trainer: TrainerControl;
  readonly epochs: number;
  /** NaN for streams, whose length is not known. */
  readonly stepsPerEpoch: number;
  /** Waits before the next step, until `resume` is called. */
  pause(): void;
  resume(): void;
  /** Changes the learning rate, the batch size or the list of callbacks from the next step on. */
  update(changes: FitChanges): void;
  /** Ends training after the steps under way; `fit` resolves with this reason. */
  stop(reason?: string): void;
}

/** What a callback keeps in checkpoints. */
export interface CallbackState {
  /** What JSON can hold. */
  values?: unknown;
  tensors?: StateDict;
}

/** Functions that `fit` calls. Each may return a promise: training goes on when it resolves. */
export interface Callback {
  /** Names its state in checkpoints, which `save` gives and `load` takes. */
  readonly name?: string;
  onTrainBegin?(control: FitControl): unknown;
  onEpochBegin?(info: { epoch: number }, control: FitControl): unknown;
  /** Right before a step is submitted, up to some steps ahead of `onStep`; not awaited. */
  onStepBegin?(info: { epoch: number; step: number }, control: FitControl): unknown;
  /** A step, delivered a little after it ran. */
  onStep?(info: StepInfo, control: FitControl): unknown;
  onEpochEnd?(info: EpochInfo, control: FitControl): unknown;
  /** When `fit` is about to reject with this error. */
  onException?(error: unknown, control: FitControl): unknown;
  /** After the last epoch, also when training was stopped or aborted. */
  onTrainEnd?(history: History, control: FitControl): unknown;
  save?(): CallbackState;
  load?(state: CallbackState): void;
}
