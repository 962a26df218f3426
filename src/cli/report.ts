/**
 * Tells the user how training goes, in one of three ways: a progress bar on a terminal, plain lines in a log,
 * or JSON lines for programs. All write to stdout; errors are somebody else's and go to stderr.
 */
import { SingleBar } from 'cli-progress';
import type { EpochEvent, StartEvent, StepEvent } from './protocol';

/** What the user hears before the first step, beside what the page tells. */
export interface RunDescription extends StartEvent {
  model: string;
  data: string;
  trainExamples: number;
  testExamples: number;
  /** Absent for numbers to regress on. */
  classes?: number;
  /** How the label of a table was found, and what it holds; for people. */
  label?: string;
  /** What became of the words, dates and missing values of a table; for people. */
  notes?: readonly string[];
  epochs: number;
  batchSize: number;
  /** The adapter, for people: `google swiftshader (software)`. */
  adapter: string;
}

/** What a trained model made, for people. */
export interface GeneratedFigures {
  /** Share of the test strings that came out right to the last character. */
  exactMatch?: number;
  /** A few of them. */
  examples?: string[];
  /** Text of a language model, with its prompt. */
  sample?: string;
}

/** The last thing the user hears. */
export interface RunResult extends GeneratedFigures {
  event: 'result';
  /** Ended by Ctrl-C; then there are no test figures. */
  interrupted: boolean;
  /** Steps done. */
  steps: number;
  /** Wall clock from the first step to the weights. */
  seconds: number;
  testLoss?: number;
  testAccuracy?: number;
  /** Root of the mean squared error on the test examples, in the unit of the targets; for numbers only. */
  testRmse?: number;
  /** The weights' file and its size; absent when the run was stopped before its first step. */
  out?: string;
  bytes?: number;
}

export interface Reporter {
  start(run: RunDescription): void;
  /** Steps in order, those of one epoch only. */
  steps(steps: readonly StepEvent[]): void;
  epoch(epoch: EpochEvent): void;
  /** A remark that is no event, such as that the run is being stopped. */
  note(text: string): void;
  result(result: RunResult): void;
  /** Leaves the terminal as it was; safe to call at any time, more than once. */
  close(): void;
}

type Write = (text: string) => void;

/** Every event as one JSON object on a line of its own. */
export class JsonReporter implements Reporter {
  constructor(private readonly write: Write) {}

  start(run: RunDescription): void {
    this.line(run);
  }
  steps(steps: readonly StepEvent[]): void {
    for (const step of steps) this.line(step);
  }
  epoch(epoch: EpochEvent): void {
    this.line(epoch);
  }
  note(): void {}
  result(result: RunResult): void {
    this.line(result);
  }
  close(): void {}

  private line(value: object): void {
    this.write(`${JSON.stringify(value)}\n`);
  }
}

/** How the text reporters show progress within an epoch. */
interface Display {
  /** @param done step within the epoch, of `total`; `text` has loss, accuracy, speed and the time left. */
  update(epochs: string, done: number, total: number, text: string): void;
  /** Ends the epoch's display; `text` sums the epoch up. */
  finish(epochs: string, text: string): void;
  close(): void;
}

/** People's text; `Display` makes the difference between a terminal and a log. */
export class TextReporter implements Reporter {
  private run?: RunDescription;
  private readonly speed = new Speedometer();
  private epochSteps = new Mean();

  constructor(
    private readonly write: Write,
    private readonly display: Display,
  ) {}

  start(run: RunDescription): void {
    this.run = run;
    this.write(
      `Training ${run.model} (${grouped(run.parameters)} parameters) on ${run.data}: ` +
        `${grouped(run.trainExamples)} training and ${grouped(run.testExamples)} test examples, ` +
        `${run.classes === undefined ? 'numbers to regress on' : `${run.classes} classes`}\n` +
        (run.label === undefined ? '' : `Label: ${run.label}\n`) +
        (run.notes ?? [])
          .map((note) => `${run.label === undefined ? 'Images' : 'Table'}: ${note}\n`)
          .join('') +
        `Adapter: ${run.adapter}\n`,
    );
  }

  steps(steps: readonly StepEvent[]): void {
    const { run } = this;
    const last = steps.at(-1);
    if (!run || !last) return;
    for (const step of steps) this.epochSteps.add(step.loss, step.accuracy);
    this.speed.add(steps);
    const done = last.step - (last.epoch - 1) * run.stepsPerEpoch;
    const { perSecond } = this.speed;
    const left = duration((run.totalSteps - last.step) / perSecond);
    const speed = Number.isFinite(perSecond) ? `  ${perSecond.toFixed(1)} steps/s  ETA ${left}` : '';
    const text = `${this.epochSteps}${speed}`;
    this.display.update(this.epochs(last.epoch), done, run.stepsPerEpoch, text);
  }

  epoch({ epoch, loss, accuracy, validationLoss, validationAccuracy }: EpochEvent): void {
    const validation =
      validationLoss === undefined ? '' : `  validation ${figures(validationLoss, validationAccuracy)}`;
    this.display.finish(this.epochs(epoch), `${figures(loss, accuracy)}${validation}`);
    this.epochSteps = new Mean();
  }

  note(text: string): void {
    this.display.close();
    this.write(`${text}\n`);
  }

  result(result: RunResult): void {
    const { interrupted, steps, seconds, testLoss, testAccuracy, testRmse, out, bytes = 0 } = result;
    this.display.close();
    for (const line of generatedLines(result)) this.write(`${line}\n`);
    const time = `${grouped(steps)} steps in ${duration(seconds)}`;
    if (interrupted) this.write(`Stopped after ${time}\n`);
    else {
      const rmse = testRmse === undefined ? '' : `  RMSE ${testRmse.toPrecision(4)}`;
      this.write(`Test ${figures(testLoss ?? Number.NaN, testAccuracy)}${rmse} after ${time}\n`);
    }
    this.write(
      out === undefined ? 'No weights were written\n' : `Weights: ${out} (${grouped(bytes)} bytes)\n`,
    );
  }

  close(): void {
    this.display.close();
  }

  private epochs(epoch: number): string {
    return `Epoch ${epoch}/${this.run?.epochs ?? '?'}`;
  }
}

/** What a bar's line holds beside the bar, at its longest: the rest of the terminal's width is the bar's. */
const TEXT_WIDTH = 72;

/** A bar for the epoch under way, with a line in its place when it is over. */
export class BarDisplay implements Display {
  private bar?: SingleBar;

  constructor(
    private readonly write: Write,
    private readonly terminal: NodeJS.WriteStream,
  ) {}

  update(epochs: string, done: number, total: number, text: string): void {
    if (!this.bar) {
      this.bar = new SingleBar({
        format: '{epochs} [{bar}] {text}',
        barCompleteChar: '=',
        barIncompleteChar: ' ',
        barsize: Math.max(4, Math.min(30, this.terminal.columns - TEXT_WIDTH)),
        hideCursor: true,
        clearOnComplete: true,
        stream: this.terminal,
      });
      this.bar.start(total, done, { epochs, text });
    }
    this.bar.update(done, { epochs, text });
  }

  finish(epochs: string, text: string): void {
    this.close();
    this.write(`${epochs}  ${text}\n`);
  }

  close(): void {
    this.bar?.stop();
    this.bar = undefined;
  }
}

/** Between two lines about the same epoch a log waits this long. */
const LINE_INTERVAL_MS = 5000;

/** One line per epoch, and one every five seconds while it lasts. */
export class LineDisplay implements Display {
  private lastLine: number;

  constructor(
    private readonly write: Write,
    private readonly now: () => number = Date.now,
  ) {
    this.lastLine = now();
  }

  update(epochs: string, done: number, total: number, text: string): void {
    if (this.now() - this.lastLine < LINE_INTERVAL_MS) return;
    this.write(`${epochs}  step ${done}/${total}  ${text}\n`);
    this.lastLine = this.now();
  }

  finish(epochs: string, text: string): void {
    this.write(`${epochs}  ${text}\n`);
    this.lastLine = this.now();
  }

  close(): void {}
}

/** Steps per second over the last few seconds; the first step, which compiles the shaders, does not count. */
class Speedometer {
  private readonly windowSeconds = 5;
  private marks: StepEvent[] = [];

  add(steps: readonly StepEvent[]): void {
    this.marks.push(...steps);
    const oldest = this.marks[this.marks.length - 1].seconds - this.windowSeconds;
    const inWindow = this.marks.findIndex(({ seconds }) => seconds >= oldest);
    // One mark before the window, so that there is a speed even when a step takes longer than that.
    this.marks.splice(0, Math.min(Math.max(0, inWindow - 1), this.marks.length - 2));
  }

  /** NaN until two steps are done. */
  get perSecond(): number {
    const first = this.marks[0];
    const last = this.marks[this.marks.length - 1];
    return (last.step - first.step) / (last.seconds - first.seconds);
  }
}

/** The running mean of loss and accuracy within an epoch. */
class Mean {
  private count = 0;
  private loss = 0;
  private accuracy: number | undefined = 0;

  add(loss: number, accuracy?: number): void {
    this.count++;
    this.loss += loss;
    this.accuracy =
      accuracy === undefined || this.accuracy === undefined ? undefined : this.accuracy + accuracy;
  }

  toString(): string {
    const { count, loss, accuracy } = this;
    return figures(loss / count, accuracy === undefined ? undefined : accuracy / count);
  }
}

function generatedLines({ exactMatch, examples = [], sample }: GeneratedFigures): string[] {
  return [
    ...(sample === undefined ? [] : ['--- sample', sample, '---']),
    ...examples,
    ...(exactMatch === undefined ? [] : [`Exact match ${(100 * exactMatch).toFixed(1)}%`]),
  ];
}

function figures(loss: number, accuracy?: number): string {
  const rest = accuracy === undefined ? '' : `  accuracy ${(accuracy * 100).toFixed(2)}%`;
  return `loss ${loss.toFixed(4)}${rest}`;
}

/** `1:05` or `1:02:03`; `-` for what is not known. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '-';
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en-US');
}
