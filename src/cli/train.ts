/**
 * `gradloom train`: reads and checks everything the user gave, trains in the page of a headless browser,
 * reports progress and writes the weights, also when Ctrl-C ends the run early.
 */
import type { Page } from 'playwright';
import type { CheckpointStore } from '../train/checkpoint/options';
import { findBrowser } from './browser.mjs';
import { notify } from './browser-flags';
import { describeColumn, type LoadedData } from './data';
import { describeError, EXIT } from './errors';
import { inPage } from './in-page';
import { describeAdapter } from './info';
import type { LanguageData } from './language';
import type { BrowserFlags } from './launch';
import type { TrainFlags } from './options';
import { looksLikeWeights, type OutputRequest, outputPath, writeOutput } from './output';
import type { TrainEvent, TrainOutcome, TrainRequest } from './protocol';
import { TRAIN_PAGE } from './protocol';
import { BarDisplay, JsonReporter, LineDisplay, type Reporter, TextReporter } from './report';
import { stopOnSignal } from './signals';
import { TensorBoardLog } from './tensorboard-log';
import { filesOf, requestOf } from './train-request';
import { optimizerOf, scheduleOf, trainingOf } from './training-flags';

/** Runs the command and returns its exit code: 0, or 130 when Ctrl-C ended the run and the weights are saved. */
export async function train(flags: TrainFlags, checkpoints?: CheckpointStore): Promise<number> {
  // All that can be wrong with the flags and the data shows before a browser is started.
  findBrowser(flags);
  optimizerOf(flags);
  scheduleOf(flags);
  trainingOf(flags);
  const { name, data, request: asked } = await requestOf(flags);
  const output = {
    op: 'train',
    argument: '--out',
    path: flags.out ?? `gradloom-${name}.safetensors`,
    inputs: [flags.data, flags.data.replace(/^scrambled:/, ''), flags.model ?? ''],
    replaces: looksLikeWeights,
  };
  const out = outputPath(output);

  const request = { ...asked, checkpoint: checkpoints && { every: flags.checkpointEvery } };
  const log = flags.tensorboard === undefined ? undefined : new TensorBoardLog(flags.tensorboard);
  const reporter = makeReporter(flags.json ?? false);
  try {
    return await new TrainingRun(request, data, name, reporter, { checkpoints, log }).finish(flags, {
      ...output,
      path: out,
    });
  } finally {
    reporter.close();
  }
}

const LABEL_ORIGINS = {
  given: 'as told',
  declared: 'as the first line says',
  name: 'by its name',
  words: 'the only column of words',
  last: 'the last column; --label names another',
} as const;

/** What was taken for the label of a table, and what for its values. */
function labelText(data: LoadedData | LanguageData): string | undefined {
  if (!('table' in data) || !data.table) return undefined;
  const { table, train } = data;
  const { classes } = train;
  const shown = classes?.slice(0, 10).join(', ');
  const values = classes
    ? `${classes.length} classes: ${shown}${classes.length > 10 ? ', ...' : ''}`
    : `numbers, ${table.target?.mean.toPrecision(4)} on average`;
  return `${describeColumn(table.label)} (${LABEL_ORIGINS[table.label.by]}), ${values}`;
}

function makeReporter(json: boolean): Reporter {
  const write = (text: string) => void process.stdout.write(text);
  if (json) return new JsonReporter(write);
  const display = process.stdout.isTTY ? new BarDisplay(write, process.stdout) : new LineDisplay(write);
  return new TextReporter(write, display);
}

/** One run in a browser of its own. */
class TrainingRun {
  private weights?: Uint8Array;
  private started = Date.now();
  private adapter = '';

  constructor(
    private readonly request: TrainRequest,
    private readonly data: LoadedData | LanguageData,
    private readonly modelName: string,
    private readonly reporter: Reporter,
    private readonly kept: { checkpoints?: CheckpointStore; log?: TensorBoardLog },
  ) {}

  /** Trains, writes the weights to `out` and returns the exit code. */
  async finish(flags: BrowserFlags, output: OutputRequest): Promise<number> {
    const { generated, ...outcome } = await this.train(flags).catch((error) => {
      this.saveEpoch(output, error);
      throw error;
    });
    const { describe } = this.data as Partial<LanguageData>;
    const figures = generated && describe?.(generated);
    const seconds = (Date.now() - this.started) / 1000;
    // Without a first step there is nothing to save.
    const { weights } = this;
    const { path: out } = output;
    const file = weights && { out, bytes: weights.byteLength };
    if (weights) writeOutput(output, out, weights);
    this.reporter.result({
      event: 'result',
      ...outcome,
      ...this.inUnits(outcome),
      ...figures,
      seconds,
      ...file,
    });
    return outcome.interrupted ? EXIT.interrupted : EXIT.ok;
  }

  /** Writes the weights after the last whole epoch when the page or its GPU was lost. */
  private saveEpoch(output: OutputRequest, error: unknown): void {
    const { weights } = this;
    const isLost = ['device-lost', 'out-of-memory', 'internal', 'storage'].includes(
      describeError(error).code,
    );
    if (!weights || !isLost) return;
    writeOutput(output, output.path, weights);
    notify(`The weights after the last whole epoch are in ${output.path} ...`);
  }

  /** The error of a regression in the unit of its targets. */
  private inUnits({ testLoss }: TrainOutcome): { testRmse?: number } {
    const target = (this.data as LoadedData).table?.target;
    return target && testLoss !== undefined ? { testRmse: Math.sqrt(testLoss) * target.std } : {};
  }

  private train(flags: BrowserFlags): Promise<TrainOutcome> {
    const served = {
      page: TRAIN_PAGE,
      readyName: 'gradloomRun',
      handlesSignals: true,
      files: filesOf(this.data),
      checkpoints: this.kept.checkpoints,
      onUpload: (bytes: Uint8Array) => void (this.weights = bytes),
      prepare: (page: Page) =>
        page.exposeBinding('gradloomEvents', (_, events: TrainEvent[]) => this.receive(events)),
    };
    return inPage(flags, served, async (page, launched) => {
      this.adapter = describeAdapter(launched.adapter);
      const release = this.stopOnSignal(page);
      try {
        return await page.evaluate((request) => window.gradloomRun(request), this.request);
      } finally {
        release();
      }
    });
  }

  /** Ctrl-C asks the page to stop and hand over what it has. */
  private stopOnSignal(page: Page): () => void {
    const { reporter } = this;
    const ask = () => {
      reporter.note('Stopping after this step (Ctrl-C again to stop at once) ...');
      page.evaluate(() => window.gradloomStop()).catch(() => {});
    };
    return stopOnSignal(ask, () => reporter.close());
  }

  private receive(events: readonly TrainEvent[]): void {
    const { reporter, request, data } = this;
    this.kept.log?.add(events);
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if (event.event === 'start') {
        this.started = Date.now();
        reporter.start({
          ...event,
          model: this.modelName,
          data: data.description,
          label: labelText(data),
          notes: 'notes' in data && data.notes?.length ? data.notes : undefined,
          trainExamples: data.train.length,
          testExamples: data.test.length,
          classes: 'vocabSize' in request.train ? request.train.vocabSize : request.train.classCount,
          epochs: request.epochs,
          batchSize: request.batchSize,
          adapter: this.adapter,
        });
      } else if (event.event === 'epoch') {
        reporter.epoch(event);
      } else {
        // A bar redrawn for each of many steps that come together would only cost time.
        const steps = [event];
        for (let next = events[i + 1]; next?.event === 'step'; next = events[i + 1]) {
          steps.push(next);
          i++;
        }
        reporter.steps(steps);
      }
    }
  }
}
