/** The curves of loss and accuracy, drawn with uPlot in the page's colours and as wide as their place. */
import uPlot from 'uplot';
import { byId } from '../shared/dom';
import { Series } from './series';

/** Figures of the training batches and of the test set over the steps of a run. */
export class Curves {
  readonly loss = new Curve(byId('loss-chart'), (value) => `${Number(value.toFixed(3))}`);
  readonly accuracy = new Curve(byId('accuracy-chart'), (value) => `${Math.round(100 * value)}%`, [0, 1]);

  clear(): void {
    this.loss.clear();
    this.accuracy.clear();
  }

  /** Brings the charts up to date with what was added. */
  draw(): void {
    this.loss.draw();
    this.accuracy.draw();
  }
}

/** One chart: training as a faint raw line under a smooth one, test as a line with dots. */
class Curve {
  readonly training = new Series();
  private readonly testSteps: number[] = [];
  private readonly testValues: number[] = [];
  private chart: uPlot;

  constructor(
    private readonly place: HTMLElement,
    private readonly format: (value: number) => string,
    private readonly range?: [number, number],
  ) {
    this.chart = this.create();
    new ResizeObserver(() => {
      // A hidden place has no size, and uPlot cannot draw without one.
      if (place.clientWidth > 0) this.chart.setSize(this.size());
    }).observe(place);
    // Canvases do not follow the colour scheme by themselves.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.chart.destroy();
      this.chart = this.create();
      this.draw();
    });
  }

  /** The newest figure of the test set. */
  get test(): number | undefined {
    return this.testValues.at(-1);
  }

  addTest(step: number, value: number): void {
    this.testSteps.push(step);
    this.testValues.push(value);
  }

  clear(): void {
    this.training.clear();
    this.testSteps.length = this.testValues.length = 0;
    this.draw();
  }

  draw(): void {
    const { steps, values, smooth } = this.training;
    this.chart.setData(
      uPlot.join([
        [steps, values, smooth],
        [this.testSteps, this.testValues],
      ]),
    );
  }

  /** What nearly all of the raw values stay below: a spike at the start does not flatten the rest. */
  private get high(): number {
    const sorted = [...this.training.values].sort((a, b) => a - b);
    const usual = sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 0;
    return Math.max(usual, this.training.smooth.at(-1) ?? 0, this.testValues.at(-1) ?? 0);
  }

  private size() {
    return { width: this.place.clientWidth, height: this.place.clientHeight };
  }

  private create(): uPlot {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const [text, lines] = [colour('--pico-muted-color'), colour('--pico-muted-border-color')];
    const [train, test] = [colour('--curve-train'), colour('--curve-test')];
    const axis = { stroke: text, grid: { stroke: lines, width: 1 }, ticks: { stroke: lines, width: 1 } };
    const options: uPlot.Options = {
      ...this.size(),
      legend: { show: false },
      cursor: { show: false },
      padding: [8, 8, 0, 0],
      scales: {
        x: { time: false, range: (_, min, max) => [Math.min(0, min ?? 0), Math.max(10, max ?? 0)] },
        y: { range: () => this.range ?? [0, 1.05 * (this.high || 2.4)] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          values: (_, ticks) => ticks.map((step) => (Number.isInteger(step) ? `${step}` : '')),
        },
        { ...axis, size: 52, values: (_, ticks) => ticks.map(this.format) },
      ],
      series: [
        {},
        { stroke: `${train}55`, width: 1, spanGaps: true, points: { show: false } },
        { stroke: train, width: 2, spanGaps: true, points: { show: false } },
        { stroke: test, width: 2, spanGaps: true, points: { show: true, size: 7, fill: test } },
      ],
    };
    return new uPlot(options, [[], [], [], []], this.place);
  }
}
