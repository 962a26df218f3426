// What each reporter prints for the same run, and the arithmetic of its figures.
import { describe, expect, it } from 'vitest';
import type { StepEvent } from './protocol';
import {
  BarDisplay,
  duration,
  JsonReporter,
  LineDisplay,
  type Reporter,
  type RunDescription,
  TextReporter,
} from './report';

const run: RunDescription = {
  event: 'start',
  model: 'lenet',
  data: 'digits',
  parameters: 61706,
  trainExamples: 10000,
  testExamples: 2000,
  classes: 10,
  epochs: 2,
  batchSize: 5000,
  stepsPerEpoch: 2,
  totalSteps: 4,
  adapter: 'google swiftshader (software)',
};

function step(number: number, seconds: number): StepEvent {
  const epoch = number <= 2 ? 1 : 2;
  return { event: 'step', epoch, step: number, loss: 1 / number, accuracy: 1 - 1 / number, seconds };
}

function playRun(reporter: Reporter): void {
  reporter.start(run);
  reporter.steps([step(1, 2), step(2, 2.5)]);
  reporter.epoch({ event: 'epoch', epoch: 1, loss: 0.75, accuracy: 0.25 });
  reporter.steps([step(3, 3)]);
  reporter.steps([step(4, 3.5)]);
  reporter.epoch({
    event: 'epoch',
    epoch: 2,
    loss: 0.29,
    accuracy: 0.71,
    validationLoss: 0.3,
    validationAccuracy: 0.7,
  });
  reporter.result({
    event: 'result',
    interrupted: false,
    steps: 4,
    seconds: 65,
    testLoss: 0.2,
    testAccuracy: 0.9731,
    out: '/tmp/w.safetensors',
    bytes: 246824,
  });
  reporter.close();
}

/** A clock that a test sets. */
function makeClock(): { time: number; now: () => number } {
  const clock = { time: 0, now: () => clock.time };
  return clock;
}

describe('JsonReporter', () => {
  it('prints one object per line and nothing else', () => {
    let text = '';
    const reporter: Reporter = new JsonReporter((part) => (text += part));
    playRun(reporter);
    reporter.note('not for programs');
    const lines = text.trimEnd().split('\n');
    const events = lines.map((line) => JSON.parse(line));
    const names = ['start', 'step', 'step', 'epoch', 'step', 'step', 'epoch', 'result'];
    expect(events.map(({ event }) => event)).toEqual(names);
    expect(events[1]).toEqual(step(1, 2));
    expect(events.at(-1)).toMatchObject({ testAccuracy: 0.9731, out: '/tmp/w.safetensors' });
  });
});

describe('TextReporter with lines', () => {
  it('prints the start, one line per epoch and the result', () => {
    let text = '';
    const write = (part: string) => (text += part);
    playRun(new TextReporter(write, new LineDisplay(write, makeClock().now)));
    expect(text).toBe(
      `Training lenet (61,706 parameters) on digits: 10,000 training and 2,000 test examples, 10 classes
Adapter: google swiftshader (software)
Epoch 1/2  loss 0.7500  accuracy 25.00%
Epoch 2/2  loss 0.2900  accuracy 71.00%  validation loss 0.3000  accuracy 70.00%
Test loss 0.2000  accuracy 97.31% after 4 steps in 1:05
Weights: /tmp/w.safetensors (246,824 bytes)
`,
    );
  });

  it('adds a line within the epoch after five seconds, with mean figures, speed and time left', () => {
    const lines: string[] = [];
    const clock = makeClock();
    const write = (part: string) => void lines.push(part);
    const reporter = new TextReporter(write, new LineDisplay(write, clock.now));
    reporter.start(run);
    clock.time = 5100;
    reporter.steps([step(1, 4), step(2, 5)]);
    clock.time = 5200;
    reporter.steps([step(3, 5.1)]);
    expect(lines.slice(1)).toEqual([
      'Epoch 1/2  step 2/2  loss 0.7500  accuracy 25.00%  1.0 steps/s  ETA 0:02\n',
    ]);
  });

  it('says when a run was stopped', () => {
    let text = '';
    const write = (part: string) => (text += part);
    const reporter = new TextReporter(write, new LineDisplay(write));
    const result = {
      event: 'result',
      interrupted: true,
      steps: 1234,
      seconds: 9,
      out: 'w',
      bytes: 8,
    } as const;
    reporter.result(result);
    expect(text).toBe('Stopped after 1,234 steps in 0:09\nWeights: w (8 bytes)\n');
  });
});

describe('TextReporter with a bar', () => {
  it('draws the bar while an epoch lasts and leaves a line and a visible cursor behind', () => {
    let text = '';
    const terminal = {
      isTTY: true,
      columns: 80,
      write: (part: string) => (text += part),
    } as unknown as NodeJS.WriteStream;
    playRun(new TextReporter((part) => (text += part), new BarDisplay((part) => (text += part), terminal)));
    expect(text).toMatch(/Epoch 1\/2 \[=+\] loss 0\.7500 {2}accuracy 25\.00% {2}2\.0 steps\/s {2}ETA 0:01/);
    expect(text).toContain('Epoch 2/2  loss 0.2900  accuracy 71.00%  validation loss 0.3000');
    const cursorHidden = text.lastIndexOf('\x1b[?25l');
    expect(cursorHidden).toBeGreaterThan(0);
    expect(text.lastIndexOf('\x1b[?25h')).toBeGreaterThan(cursorHidden);
  });
});

describe('duration', () => {
  it('reads as minutes and seconds, with hours when there are some', () => {
    expect([0, 9.6, 65, 3723, Number.NaN].map(duration)).toEqual(['0:00', '0:10', '1:05', '1:02:03', '-']);
  });
});
