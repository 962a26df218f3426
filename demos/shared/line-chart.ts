/** A chart of a few named curves, drawn with uPlot in the page's colours and as wide as its place. */
import 'uplot/dist/uPlot.min.css';
import uPlot from 'uplot';

/** Colours of curves and runs, told apart in light and dark. */
export const PALETTE = ['#1f77d0', '#d9730d', '#2e9d57', '#b04ec9', '#c62828', '#8a6d3b'] as const;

export interface LineChartOptions {
  names: readonly string[];
  colours?: readonly string[];
  /** What the horizontal axis shows, for people who cannot see it, too. */
  x: string;
  y: string;
  logX?: boolean;
  /** Limits of the vertical axis; else from 0 to the largest value. */
  range?: readonly [number, number];
  format?(value: number): string;
}

/** Ticks between powers of ten, and between whole numbers, have no label. */
const powerOfTen = (tick: number) => (Math.abs(Math.log10(tick) % 1) < 1e-9 ? tick.toExponential(0) : '');
const wholeNumber = (tick: number) => (Number.isInteger(tick) ? String(tick) : '');

export class LineChart {
  private chart: uPlot;
  private data: uPlot.AlignedData;

  constructor(
    private readonly place: HTMLElement,
    private readonly options: LineChartOptions,
  ) {
    this.data = [[], ...options.names.map(() => [])];
    this.chart = this.create();
    place.setAttribute('role', 'img');
    new ResizeObserver(() => {
      if (place.clientWidth > 0) this.chart.setSize(this.size());
    }).observe(place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      this.chart.destroy();
      this.chart = this.create();
      this.chart.setData(this.data);
    });
  }

  /** Shows curves of points that may lie at different places. */
  draw(curves: readonly { x: readonly number[]; y: readonly number[] }[]): void {
    this.data = uPlot.join(curves.map(({ x, y }) => [[...x], [...y]]));
    this.chart.setData(this.data);
    const { names, x, y, format = String } = this.options;
    const ends = curves.flatMap((curve, i) =>
      curve.y.length > 0 ? [`${names[i]}: ${format(curve.y[curve.y.length - 1])}`] : [],
    );
    this.place.setAttribute('aria-label', `${y} over ${x}. ${ends.join(', ') || 'Nothing yet'}`);
  }

  private size() {
    return { width: this.place.clientWidth || 320, height: this.place.clientHeight || 240 };
  }

  private create(): uPlot {
    const { names, colours = PALETTE, logX, range, x, y, format } = this.options;
    const style = getComputedStyle(document.documentElement);
    const [stroke, lines] = ['--pico-muted-color', '--pico-muted-border-color'].map((name) =>
      style.getPropertyValue(name).trim(),
    );
    const axis = { stroke, grid: { stroke: lines, width: 1 }, ticks: { stroke: lines, width: 1 } };
    return new uPlot(
      {
        ...this.size(),
        legend: { show: false },
        cursor: { show: false },
        padding: [8, 24, 0, 0],
        scales: {
          x: { time: false, distr: logX ? 3 : 1 },
          y: { range: range ? [...range] : (_, __, max) => [0, 1.05 * (max || 1)] },
        },
        axes: [
          {
            ...axis,
            label: x,
            labelSize: 20,
            size: 34,
            values: (_, ticks) => ticks.map(logX ? powerOfTen : wholeNumber),
          },
          {
            ...axis,
            label: y,
            labelSize: 20,
            size: 56,
            ...(format && { values: (_: uPlot, ticks: number[]) => ticks.map(format) }),
          },
        ],
        series: [
          {},
          ...names.map((_, i) => ({ stroke: colours[i], width: 2, spanGaps: true, points: { show: false } })),
        ],
      },
      this.data,
      this.place,
    );
  }
}
