/**
 * `gradloom train`: reads and checks everything the user gave, trains in the page of a headless browser,
 * reports progress and writes the weights, also when Ctrl-C ends the run early.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import type { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';
import { type LoadedData, loadData } from './data';
import { EXIT, PageFailure } from './errors';
import { describeAdapter } from './info';
import { type LaunchedBrowser, launchBrowser } from './launch';
import { modelOf, optimizerOf, outputPath, type TrainFlags } from './options';
import { openPage } from './page-driver';
import type { DatasetRequest, TrainEvent, TrainOutcome, TrainRequest } from './protocol';
import { TRAIN_PAGE } from './protocol';
import { BarDisplay, JsonReporter, LineDisplay, type Reporter, TextReporter } from './report';
import { type PageServer, startPageServer } from './server';

/** Signals that come closer together than this are one key press. */
const ECHO_MS = 500;

/** Runs the command and returns its exit code: 0, or 130 when Ctrl-C ended the run and the weights are saved. */
export async function train(flags: TrainFlags): Promise<number> {
  // All that can be wrong with the flags and the data shows before a browser is started.
  const optimizer = optimizerOf(flags);
  const chosen = flags.model === undefined ? undefined : modelOf(flags.model);
  const data = await loadData(flags.data, flags.seed);
  const { name, specFor } = chosen ?? modelOf(data.train.xShape.length > 1 ? 'lenet' : 'mlp');
  const out = outputPath(flags.out, name);

  const { epochs, batchSize, shuffle, validationSplit, seed } = flags;
  const request: TrainRequest = {
    model: specFor(data.train),
    train: describeDataset('train', data.train),
    test: describeDataset('test', data.test),
    optimizer,
    epochs,
    batchSize,
    shuffle,
    validationSplit,
    seed,
  };
  const reporter = makeReporter(flags.json ?? false);
  const launched = await launchBrowser({ browser: flags.browser });
  try {
    const run = new TrainingRun(request, data, name, launched, reporter);
    return await run.finish(out);
  } finally {
    reporter.close();
    await launched.browser.close();
  }
}

function describeDataset(name: 'train' | 'test', data: ArrayDataset): DatasetRequest {
  const { x, xShape, classes, classCount, scale, mean, std } = data;
  if (classCount === undefined) {
    throw new GradloomError({
      code: 'data',
      op: 'train',
      argument: '--data',
      got: `${data.name}, with numbers to regress on`,
      expected: 'classes (words, or whole numbers that repeat) in the last column',
    });
  }
  const xType = x instanceof Uint8Array ? 'uint8' : 'float32';
  return { name, xType, xShape, classes, classCount, scale, mean, std };
}

function makeReporter(json: boolean): Reporter {
  const write = (text: string) => void process.stdout.write(text);
  if (json) return new JsonReporter(write);
  const display = process.stdout.isTTY ? new BarDisplay(write, process.stdout) : new LineDisplay(write);
  return new TextReporter(write, display);
}

/** One run in a browser that is already there. */
class TrainingRun {
  private weights?: Uint8Array;
  private steps = 0;
  private started = Date.now();

  constructor(
    private readonly request: TrainRequest,
    private readonly data: LoadedData,
    private readonly modelName: string,
    private readonly launched: LaunchedBrowser,
    private readonly reporter: Reporter,
  ) {}

  /** Trains, writes the weights to `out` and returns the exit code. */
  async finish(out: string): Promise<number> {
    const server = await startPageServer({
      files: this.files(),
      onUpload: (bytes) => {
        this.weights = bytes;
      },
    });
    try {
      const outcome = await this.trainIn(server);
      const seconds = (Date.now() - this.started) / 1000;
      // Without a first step there is nothing to save.
      const { steps, weights } = this;
      const file = weights && { out, bytes: weights.byteLength };
      if (weights) writeWhole(out, weights);
      this.reporter.result({ event: 'result', ...outcome, steps, seconds, ...file });
      return outcome.interrupted ? EXIT.interrupted : EXIT.ok;
    } finally {
      await server.close();
    }
  }

  private files(): Map<string, Uint8Array> {
    const files = new Map<string, Uint8Array>();
    for (const name of ['train', 'test'] as const) {
      const { x, y } = this.data[name];
      files.set(`${name}.x`, bytesOf(x));
      files.set(`${name}.y`, bytesOf(y));
    }
    return files;
  }

  private async trainIn(server: PageServer): Promise<TrainOutcome> {
    const { page, failure } = await openPage(
      this.launched.browser,
      server,
      TRAIN_PAGE,
      'gradloomRun',
      (page) => page.exposeBinding('gradloomEvents', (_, events: TrainEvent[]) => this.receive(events)),
    );
    const release = this.stopOnSignal(page);
    try {
      const answer = await Promise.race([
        page.evaluate((request) => window.gradloomRun(request), this.request),
        failure,
      ]);
      if (!answer.ok) throw new PageFailure(answer.error);
      return answer.value;
    } finally {
      release();
    }
  }

  /** Ctrl-C asks the page to stop and hand over what it has; the second one ends everything at once. */
  private stopOnSignal(page: Page): () => void {
    let askedAt: number | undefined;
    const stop = () => {
      if (askedAt !== undefined) {
        // Under `npm run` one Ctrl-C arrives twice: from the terminal and passed on by npm.
        if (Date.now() - askedAt < ECHO_MS) return;
        this.reporter.close();
        process.exit(EXIT.interrupted); // playwright-core ends the browser as the process exits
      }
      askedAt = Date.now();
      this.reporter.note('Stopping after this step (Ctrl-C again to stop at once) ...');
      page.evaluate(() => window.gradloomStop()).catch(() => {});
    };
    process.on('SIGINT', stop).on('SIGTERM', stop);
    return () => process.off('SIGINT', stop).off('SIGTERM', stop);
  }

  private receive(events: readonly TrainEvent[]): void {
    const { reporter, request, data } = this;
    for (let i = 0; i < events.length; i++) {
      const event = events[i];
      if (event.event === 'start') {
        this.started = Date.now();
        reporter.start({
          ...event,
          model: this.modelName,
          data: data.description,
          trainExamples: data.train.length,
          testExamples: data.test.length,
          classes: request.train.classCount,
          epochs: request.epochs,
          batchSize: request.batchSize,
          adapter: describeAdapter(this.launched.adapter),
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
        this.steps = steps[steps.length - 1].step;
        reporter.steps(steps);
      }
    }
  }
}

function bytesOf(array: Uint8Array | Float32Array | Int32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Writes beside the file and renames, so that an old file is never left half overwritten. */
function writeWhole(path: string, bytes: Uint8Array): void {
  const part = `${path}.part`;
  try {
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (error) {
    rmSync(part, { force: true });
    const got = `${path}, which could not be written (${(error as Error).message})`;
    throw new GradloomError({ code: 'unsupported', op: 'train', argument: '--out', got, cause: error });
  }
}
