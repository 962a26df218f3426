/** Live curves of a run: loss, accuracy, learning rate, gradient norm; kept runs lie behind them. */
import { css, html, nothing, unsafeCSS } from 'lit';
import uPlot from 'uplot';
import uplotStyle from 'uplot/dist/uPlot.min.css?inline';
import type { CurvePoint } from '../curves';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { short } from './transport';

type Quantity = 'loss' | 'accuracy' | 'rate' | 'gradNorm';

export class ChartsView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    unsafeCSS(uplotStyle),
    css`
      :host {
        display: grid;
        gap: 10px;
      }
      .charts {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr));
        gap: 14px;
      }
      figure {
        min-width: 0;
        margin: 0;
      }
      figcaption {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 8px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      .chart {
        height: 150px;
        overflow: hidden;
      }
      .legend {
        display: flex;
        gap: 14px;
        font-size: 12px;
      }
      .legend span::before {
        content: '';
        display: inline-block;
        width: 16px;
        height: 3px;
        margin-right: 6px;
        border-radius: 2px;
        vertical-align: middle;
        background: currentcolor;
      }
      .train { color: var(--train); }
      .test { color: var(--test); }
      .kept { color: var(--muted); }
      figcaption select {
        width: auto;
        min-height: 26px;
        padding: 0 4px;
        font-size: 12px;
      }
      .u-legend { display: none; }
    `,
  ];
  static override properties = { ...SessionView.properties, second: { state: true } };
  declare second: Exclude<Quantity, 'loss'> | undefined;
  private readonly plots = new Map<string, { plot: uPlot; key: string }>();
  private readonly sizes = new ResizeObserver(() => this.refresher.ask());
  private readonly schemes = matchMedia('(prefers-color-scheme: dark)');
  private readonly recolor = () => {
    this.drop();
    this.refresher.ask();
  };
  private readonly refresher = new Refresher(async () => this.draw(), 90);

  override connectedCallback(): void {
    super.connectedCallback();
    this.sizes.observe(this);
    this.schemes.addEventListener('change', this.recolor);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.sizes.disconnect();
    this.schemes.removeEventListener('change', this.recolor);
    this.drop();
  }

  /** Colours are read when a plot is made: with another theme they are made anew. */
  drop(): void {
    for (const { plot } of this.plots.values()) plot.destroy();
    this.plots.clear();
  }

  protected override hears(change: Change): boolean {
    return change !== 'token' && change !== 'settings';
  }

  override updated(): void {
    this.refresher.ask();
  }

  private get shown(): Quantity[] {
    const hasClasses = ['classify', 'language'].includes(this.session?.opened?.data.task ?? 'classify');
    return ['loss', this.second ?? (hasClasses ? 'accuracy' : 'gradNorm')];
  }

  private valuesOf(points: readonly CurvePoint[], quantity: Quantity): [number[], (number | null)[]] {
    return [
      points.map(({ step }) => step),
      points.map((point) => {
        const value = point[quantity];
        return value === undefined || !Number.isFinite(value)
          ? null
          : quantity === 'accuracy'
            ? 100 * value
            : value;
      }),
    ];
  }

  private draw(): void {
    const { session } = this;
    if (!session || !this.isConnected) return;
    this.shown.forEach((quantity, i) => {
      const place = this.renderRoot.querySelector<HTMLElement>(`#chart-${i}`);
      if (!place || place.clientWidth === 0) return;
      const { train, test } = session.curves;
      const kept = session.runs.map(({ curves }) => this.valuesOf(curves.train.points, quantity));
      const tables = [this.valuesOf(train.points, quantity), this.valuesOf(test.points, quantity), ...kept];
      const data = uPlot.join(tables as unknown as uPlot.AlignedData[]);
      const key = `${quantity} ${tables.length}`;
      let made = this.plots.get(place.id);
      if (made && made.key !== key) {
        made.plot.destroy();
        made = undefined;
      }
      if (made) made.plot.setData(data);
      else {
        made = { plot: new uPlot(this.options(quantity, kept.length, place), data, place), key };
        this.plots.set(place.id, made);
      }
      if (made.plot.width !== place.clientWidth)
        made.plot.setSize({ width: place.clientWidth, height: place.clientHeight });
    });
  }

  private options(quantity: Quantity, kept: number, place: HTMLElement): uPlot.Options {
    const style = getComputedStyle(this);
    const color = (name: string) => probe(this, style.getPropertyValue(name));
    const grid = { stroke: color('--line'), width: 1 };
    const axis = { stroke: color('--muted'), grid, ticks: { show: false }, font: '11px system-ui' };
    const line = (name: string, width: number, dash?: number[]): uPlot.Series => ({
      ...{ stroke: color(name), width, dash, spanGaps: true, points: { show: false } },
    });
    return {
      ...{ width: place.clientWidth, height: place.clientHeight, padding: [8, 6, 0, 0] },
      cursor: { y: false, points: { size: 6 } },
      legend: { show: false },
      scales: {
        x: { time: false },
        y: { range: quantity === 'accuracy' ? [0, 100] : (plot) => sturdyRange(plot, quantity) },
      },
      axes: [
        {
          ...axis,
          size: 24,
          values: (_, ticks) => ticks.map((tick) => (tick >= 1000 ? `${tick / 1000}k` : `${tick}`)),
        },
        {
          ...axis,
          size: 46,
          values: (_, ticks) =>
            ticks.map((tick) => (quantity === 'accuracy' ? `${tick} %` : axisLabel(tick))),
        },
      ],
      series: [
        {},
        line('--train', 1.7),
        line('--test', 2),
        ...Array.from({ length: kept }, () => line('--muted', 1.2, [4, 3])),
      ],
    };
  }

  private describe(quantity: Quantity): string {
    const { train, test } = this.session!.curves;
    const [first, last, tested] = [train.points[0], train.last, test.last].map((point) =>
      short(point?.[quantity]),
    );
    if (!train.last) return this.t('chart.empty', { what: this.t(`quantity.${quantity}`) });
    const values = { what: this.t(`quantity.${quantity}`), first, last, tested, steps: train.last.step };
    return this.t('chart.text', values);
  }

  override render() {
    if (!this.session) return nothing;
    const [, second] = this.shown;
    const choices: Exclude<Quantity, 'loss'>[] = ['accuracy', 'gradNorm', 'rate'];
    return html`
      <div class="legend" aria-hidden="true">
        <span class="train">${this.t('chart.train')}</span><span class="test">${this.t('chart.test')}</span>
        ${this.session.runs.length > 0 ? html`<span class="kept">${this.t('chart.kept')}</span>` : nothing}
      </div>
      <div class="charts">
        <figure>
          <figcaption>${this.t('quantity.loss')}</figcaption>
          <div class="chart" id="chart-0" role="img" aria-label=${this.describe('loss')}></div>
        </figure>
        <figure>
          <figcaption>
            <select aria-label=${this.t('chart.choose')} @change=${(event: Event) => {
              this.second = (event.target as HTMLSelectElement).value as Exclude<Quantity, 'loss'>;
            }}>
              ${choices.map((choice) => html`<option value=${choice} ?selected=${choice === second}>${this.t(`quantity.${choice}`)}</option>`)}
            </select>
          </figcaption>
          <div class="chart" id="chart-1" role="img" aria-label=${this.describe(second)}></div>
        </figure>
      </div>`;
  }
}

/** The value of a custom property as a colour that a canvas takes: `light-dark` is resolved by the browser. */
function probe(host: Element, value: string): string {
  const span = document.createElement('span');
  span.style.color = value;
  host.shadowRoot!.append(span);
  const { color } = getComputedStyle(span);
  span.remove();
  return color;
}

const axisLabel = (tick: number) =>
  tick !== 0 && Math.abs(tick) < 0.01 ? tick.toExponential(0) : `${Number(tick.toPrecision(3))}`;

/** A range that an early or a single spike does not stretch: to the 97th percentile of what is shown. */
function sturdyRange(plot: uPlot, quantity: Quantity): [number, number] {
  const values = plot.data
    .slice(1)
    .flatMap((series) => [...series])
    .filter((value): value is number => typeof value === 'number')
    .sort((a, b) => a - b);
  if (values.length === 0) return [0, 1];
  const top = values[Math.min(values.length - 1, Math.floor(0.97 * values.length))];
  const most = values.length < 20 ? values.at(-1)! : top;
  const least = quantity === 'loss' ? Math.min(0, values[0]) : 0;
  return [least, most > least ? least + 1.08 * (most - least) : least + 1];
}
