/** One network in training: model, trainer and data on a device, behind the few calls that the page needs. */
import {
  type ArrayDataset,
  type CheckpointOptions,
  type CheckpointStore,
  type Device,
  fromSpec,
  GradloomError,
  type ModelSpec,
  modelSpecs,
  type nn,
  type OptimizerSpec,
  readSafetensors,
  type StepInfo,
  Trainer,
  writeSafetensors,
} from '../../src';

/** What is trained on, and what it is tested with. */
export interface DigitData {
  train: ArrayDataset;
  test: ArrayDataset;
}

/** What may change between two calls of `train`. */
export interface TrainSettings {
  optimizer: OptimizerSpec;
  batchSize: number;
}

/** What the page hears while training runs. */
export interface TrainEvents {
  onStep(info: StepInfo): void;
  /** The test set was measured. */
  onTest(info: { loss: number; accuracy: number }): void;
  /** Training goes on after the GPU was lost. */
  onRecover(): void;
}

/** Models that the demo offers. */
export type ModelName = keyof typeof modelSpecs;

/** The same start for every run, so that runs with different settings can be compared. */
const SEED = 1;
/** One press of the button trains for at most so many epochs: a forgotten page must not drain a battery. */
export const EPOCHS_PER_RUN = 10;

/** From first weights to reset. Makes its own trainer, and a new one when the optimizer changes. */
export class Session {
  readonly model: nn.Module;
  private readonly spec: ModelSpec;
  private trainer: Trainer;
  private optimizer: OptimizerSpec;
  /** The last of the tasks of `enqueue`. */
  private queue: Promise<unknown> = Promise.resolve();
  private stepsTaken = 0;
  private epochsDone = 0;
  /** Whether the next training is the one of an autosave. */
  private resumes = false;

  /** @param earlier a session of the same model, to go on with what it has learned */
  constructor(
    private readonly device: Device,
    private readonly data: DigitData,
    readonly modelName: ModelName,
    optimizer: OptimizerSpec,
    earlier?: Session,
  ) {
    const { classCount: numClasses = 10, xSize: inFeatures } = data.train;
    this.spec =
      modelName === 'mlp' ? modelSpecs.mlp({ inFeatures, numClasses }) : modelSpecs.lenet({ numClasses });
    this.model = earlier?.model ?? fromSpec(this.spec);
    this.stepsTaken = earlier?.steps ?? 0;
    this.epochsDone = earlier?.epochs ?? 0;
    this.optimizer = optimizer;
    this.trainer = this.makeTrainer();
  }

  /** Goes on from an autosave. @throws GradloomError when it is of another network. */
  async restore(store: CheckpointStore): Promise<void> {
    await this.trainer.restore(store);
    this.resumes = true;
  }

  /** Optimizer steps since the start. */
  get steps(): number {
    return this.stepsTaken;
  }

  /** How often the training data was seen, with the fraction of the current time. */
  get epochs(): number {
    return this.epochsDone;
  }

  /** Trains until the signal or for {@link EPOCHS_PER_RUN} epochs; a later call goes on from there. */
  async train(
    { optimizer, batchSize }: TrainSettings,
    events: TrainEvents,
    signal: AbortSignal,
    checkpoint?: CheckpointOptions,
  ): Promise<void> {
    const resume = this.resumes || undefined;
    this.resumes = false;
    if (JSON.stringify(optimizer) !== JSON.stringify(this.optimizer)) {
      // The model keeps what it has learned; only the optimizer's memory starts anew.
      const { trainer: old } = this;
      this.optimizer = optimizer;
      this.trainer = this.makeTrainer();
      await this.enqueue(() => old.dispose());
    }
    const { trainer } = this;
    let measured = true;
    const tell = (loss: number, accuracy = 0) => {
      measured = true;
      events.onTest({ loss, accuracy });
    };
    const fitted = trainer.fit(this.data.train, {
      epochs: EPOCHS_PER_RUN,
      batchSize,
      validation: this.data.test,
      signal,
      checkpoint,
      resume,
      onRecover: () => events.onRecover(),
      onStep: (info) => {
        this.stepsTaken++;
        measured = false;
        this.epochsDone += 1 / info.stepsPerEpoch;
        events.onStep(info);
      },
      onEpoch: (info) => {
        if (info.validationLoss !== undefined) tell(info.validationLoss, info.validationAccuracy);
      },
    });
    await fitted.catch(async (error) => {
      if (error instanceof GradloomError && error.code === 'diverged') {
        // The weights are good again; the optimizer's memory is not.
        this.trainer = this.makeTrainer();
        await this.enqueue(() => trainer.dispose());
      }
      throw error;
    });
    // Paused within an epoch: measured too, so that every stop shows how good the network is.
    if (!measured) {
      const { loss, accuracy } = await trainer.evaluate(this.data.test);
      tell(loss, accuracy);
    }
  }

  /** Probabilities of the classes for one image, as the model sees it: values of one sample of the data. */
  async probabilities(image: Float32Array): Promise<Float32Array> {
    const logits = await this.predict(image, 1);
    const largest = Math.max(...logits);
    const shares = logits.map((logit) => Math.exp(logit - largest));
    const sum = shares.reduce((total, share) => total + share, 0);
    return shares.map((share) => share / sum);
  }

  /** The most probable class of each of `count` images. */
  async classify(images: Float32Array, count: number): Promise<number[]> {
    const logits = await this.predict(images, count);
    const classes = logits.length / count;
    return Array.from({ length: count }, (_, i) => {
      const row = logits.subarray(i * classes, (i + 1) * classes);
      return row.indexOf(Math.max(...row));
    });
  }

  /** The weights as a safetensors file, with PyTorch's names. */
  async save(): Promise<Uint8Array<ArrayBuffer>> {
    return writeSafetensors(await this.trainer.stateDict(), {
      format: 'pt',
      model: JSON.stringify(this.spec),
    });
  }

  /** The run for PyTorch, as a zip archive. */
  async exportTorch(batchSize: number): Promise<Uint8Array<ArrayBuffer>> {
    const { exportTorch } = await import('../../src/torch');
    return (await exportTorch(this.trainer, { data: this.data.train, batchSize })).zip();
  }

  /**
   * Takes the weights of a safetensors file; of a checkpoint, such as PyTorch hands back, the whole run.
   * @returns whether it is a checkpoint
   * @throws GradloomError when they are not of this model, or the checkpoint of another optimizer.
   */
  async load(bytes: Uint8Array, name: string): Promise<boolean> {
    const { tensors, metadata } = readSafetensors(bytes, name);
    if (metadata.gradloom === undefined) {
      this.trainer.loadStateDict(tensors);
      return false;
    }
    await this.trainer.restore(bytes);
    this.resumes = true;
    this.epochsDone *= this.trainer.steps / Math.max(1, this.stepsTaken);
    this.stepsTaken = this.trainer.steps;
    return true;
  }

  /** Loss and accuracy on the test digits. */
  async measure(): Promise<{ loss: number; accuracy: number }> {
    const { loss, accuracy = 0 } = await this.enqueue(() => this.trainer.evaluate(this.data.test));
    return { loss, accuracy };
  }

  /** The whole run, for `load`. */
  checkpoint(): Promise<Uint8Array> {
    return this.enqueue(() => this.trainer.checkpoint());
  }

  /** Frees what is on the device. Call it when no training runs. */
  async dispose(): Promise<void> {
    await this.enqueue(() => this.trainer.dispose());
  }

  private makeTrainer(): Trainer {
    const trainer = new Trainer(this.device, this.model, {
      loss: 'crossEntropy',
      optimizer: this.optimizer,
      seed: SEED,
    });
    trainer.addSection('demo', {
      save: () => ({ values: [this.stepsTaken, this.epochsDone] }),
      load: ({ values }) => {
        [this.stepsTaken, this.epochsDone] = values as [number, number];
      },
    });
    return trainer;
  }

  private async predict(images: Float32Array, count: number): Promise<Float32Array> {
    const shape = [count, ...this.data.train.xShape];
    const { data } = await this.enqueue(() => this.trainer.predict({ shape, data: images }));
    return data;
  }

  /** One task after the other, so that no trainer is freed while it predicts. */
  private enqueue<T>(task: () => Promise<T>): Promise<T> {
    const result = this.queue.then(task);
    this.queue = result.catch(() => {});
    return result;
  }
}
