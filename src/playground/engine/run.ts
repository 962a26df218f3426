/** One network in training: model, data and trainer of a playground's state on a device. */
import { CharTokenizer } from '../../data';
import { GradloomError } from '../../errors';
import { Generator } from '../../generate';
import type { Device } from '../../gpu/device';
import { readWeights, type StateDict, writeSafetensors } from '../../io';
import { Decodable, type Module } from '../../nn';
import type { OptimizerSpec } from '../../optim';
import { fromSpec } from '../../spec';
import { Predictor, Trainer } from '../../train';
import type { MadeData } from '../data/make';
import type { PlaygroundState, TrainingSettings } from '../recipe';
import { rateAt } from './rates';

export class Run {
  readonly model: Module;
  trainer: Trainer;
  private readonly predictor: Predictor;
  private generator: Generator | undefined;
  /** Samples that were trained on. */
  seen = 0;

  constructor(
    readonly device: Device,
    readonly state: PlaygroundState,
    private training: TrainingSettings,
    readonly made: MadeData,
  ) {
    this.model = fromSpec(state.model);
    this.trainer = this.makeTrainer();
    this.predictor = new Predictor(device, this.model, { seed: training.seed });
  }

  get stepsPerEpoch(): number {
    return Math.max(1, Math.ceil(this.made.train.length / this.batchSize));
  }

  /** Passes through the data so far. */
  get epoch(): number {
    return Math.floor(this.seen / this.made.train.length);
  }

  get isDone(): boolean {
    return this.seen >= this.training.epochs * this.made.train.length;
  }

  private get batchSize(): number {
    return Math.min(this.training.batchSize, this.made.train.length);
  }

  /** Trains for `steps` on the next batches. Rates are those of the schedule at the samples seen. */
  async steps(
    steps: number,
    onStep: (info: { loss: number; accuracy?: number; gradNorm?: number }) => void,
  ): Promise<void> {
    const { trainer, batchSize } = this;
    const first = trainer.steps;
    const { seen, training } = this;
    const total = training.epochs * this.made.train.length;
    const restore = trainer.overrideRate((step) =>
      rateAt(training, (seen + (step - first) * batchSize) / total),
    );
    try {
      await trainer.fitSteps(this.made.train, {
        steps,
        batchSize,
        sync: false,
        onStep: (info) => {
          this.seen += batchSize;
          onStep(info);
        },
      });
    } finally {
      restore();
    }
  }

  get rate(): number {
    return rateAt(this.training, this.seen / (this.training.epochs * this.made.train.length));
  }

  /** Goes on with other settings; the optimizer's memory stays where it is the same optimizer. */
  async configure(training: TrainingSettings): Promise<void> {
    const before = this.training;
    this.training = training;
    const same = (['optimizer', 'momentum', 'weightDecay', 'clip', 'loss'] as const).every(
      (field) => before[field] === training[field],
    );
    if (same) return;
    const old = this.trainer;
    const kept =
      before.optimizer === training.optimizer && old.steps > 0 ? await old.checkpoint() : undefined;
    const trainer = this.makeTrainer();
    if (kept) await trainer.restore(kept, { strict: false });
    this.trainer = trainer;
    await old.dispose();
  }

  predict(x: Float32Array, count: number) {
    const shape = [count, ...this.made.info.xShape];
    return this.trainer.predict({ shape, data: x }, { batchSize: Math.min(count, 1024) });
  }

  activations(x: Float32Array, count: number, paths: string[]) {
    const shape = [count, ...this.made.info.xShape];
    return this.predictor.activations({ shape, data: x }, paths, { batchSize: count });
  }

  /** Writes on from a prompt, token by token. @throws GradloomError `unsupported` where the model is no language model. */
  async generate(
    prompt: string,
    options: {
      count: number;
      temperature: number;
      seed: number;
      signal: AbortSignal;
      onToken(token: number): void;
    },
  ): Promise<string> {
    const { tokenizer } = this.made;
    if (!(this.model instanceof Decodable) || !tokenizer) {
      const got = 'a model that gives no next token';
      throw new GradloomError({
        code: 'unsupported',
        op: 'generate',
        got,
        expected: 'a language model such as gpt',
      });
    }
    this.generator ??= new Generator(this.device, this.model);
    const known = new CharTokenizer(tokenizer.characters, { special: [...tokenizer.special] });
    const { count, temperature, seed, signal, onToken } = options;
    const [result] = await this.generator.generate([known.encode(prompt)], {
      strategy: temperature > 0 ? { type: 'sample', temperature, seed } : 'greedy',
      maxNewTokens: count,
      onFull: 'slide',
      signal,
      onToken,
    });
    return known.decode(result.tokens);
  }

  checkpoint(): Promise<Uint8Array<ArrayBuffer>> {
    return this.trainer.checkpoint();
  }

  /** Goes on from a checkpoint of the same model. */
  async restore(bytes: Uint8Array): Promise<void> {
    await this.trainer.restore(bytes, { strict: false });
  }

  /** The weights as a safetensors file. */
  async weights(): Promise<Uint8Array<ArrayBuffer>> {
    const { characters } = this.made.info;
    return writeSafetensors(await this.trainer.stateDict(), {
      format: 'pt',
      model: JSON.stringify(this.state.model),
      ...(this.made.tokenizer && characters
        ? { tokenizer: JSON.stringify(this.made.tokenizer.toJSON()) }
        : {}),
    });
  }

  /** Takes weights of a file: safetensors, torch.save, NumPy. */
  async load(bytes: Uint8Array): Promise<void> {
    this.trainer.loadStateDict(await readWeights(bytes));
  }

  stateDict(): Promise<StateDict> {
    return this.trainer.stateDict();
  }

  async dispose(): Promise<void> {
    await this.generator?.dispose();
    this.predictor.dispose();
    await this.trainer.dispose();
  }

  private makeTrainer(): Trainer {
    const { loss, clip, seed } = this.training;
    const trainer = new Trainer(this.device, this.model, {
      loss,
      optimizer: optimizerOf(this.training),
      clip: { maxNorm: clip > 0 ? clip : Number.POSITIVE_INFINITY },
      seed,
    });
    trainer.addSection('playground', {
      save: () => ({ values: [this.seen] }),
      load: ({ values }) => {
        [this.seen] = values as [number];
      },
    });
    return trainer;
  }
}

/** Momentum where the optimizer has one under this name; the rates come from elsewhere. */
function optimizerOf({ optimizer, lr, momentum, weightDecay }: TrainingSettings): OptimizerSpec {
  const withMomentum = optimizer === 'sgd' || optimizer === 'rmsprop' ? { momentum } : {};
  const withDecay = weightDecay > 0 || optimizer === 'adamW' ? { weightDecay } : {};
  return { type: optimizer, lr: lr || 1e-3, ...withMomentum, ...withDecay } as OptimizerSpec;
}
