/** Numbers: the series that is to be foretold, or a table's test rows, with what the network says beside what is true. */
import { css, html, nothing } from 'lit';
import type { Samples, Values } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { short } from './transport';

const SHOWN = 160;

export class SeriesStage extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      svg.plot {
        width: 100%;
        height: 250px;
        border-radius: var(--radius);
        background: var(--tile);
      }
      polyline {
        fill: none;
        stroke-width: 2;
        vector-effect: non-scaling-stroke;
      }
      .true { stroke: var(--muted); }
      .said { stroke: var(--test); }
      .legend { display: flex; gap: 16px; justify-content: center; font-size: 12.5px; }
      .legend span::before {
        content: '';
        display: inline-block;
        width: 18px;
        height: 3px;
        margin-right: 6px;
        vertical-align: middle;
        background: currentcolor;
      }
      .legend .a { color: var(--muted); }
      .legend .b { color: var(--test); }
      table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
      td, th { padding: 5px 8px; border-bottom: 1px solid var(--line); text-align: left; font-weight: 400; }
      .right { color: var(--good); }
      .wrong { color: var(--bad); font-weight: 650; }
    `,
  ];
  static override properties = { ...SessionView.properties, values: { state: true } };
  declare values: Values | undefined;
  private samples: Samples | undefined;
  private readonly refresher = new Refresher(() => this.refresh(), 250);

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'steps' || change === 'test';
  }

  protected override changed(change: Change): void {
    if (change === 'model') this.samples = this.values = undefined;
    this.refresher.ask();
  }

  private async refresh(): Promise<void> {
    const { session } = this;
    const input = session?.opened?.data.input;
    if (!session || (input !== 'series' && input !== 'table')) return;
    const engine = await session.engine();
    this.samples ??= await engine.call('samples', 'test', 0, input === 'series' ? SHOWN : 12);
    this.values = await engine.call('predict', this.samples.x, this.samples.count);
  }

  override render() {
    const data = this.session?.opened?.data;
    const { samples, values } = this;
    if (!data || (data.input !== 'series' && data.input !== 'table') || !samples || !values) return nothing;
    return data.input === 'series' ? this.plot(samples, values) : this.table(samples, values, data.classes);
  }

  private plot({ y, count }: Samples, { data }: Values) {
    const all = [...y, ...data];
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const line = (of: ArrayLike<number>) =>
      Array.from(
        { length: count },
        (_, i) =>
          `${((100 * i) / (count - 1)).toFixed(2)},${(96 - (92 * (of[i] - least)) / (most - least || 1)).toFixed(2)}`,
      ).join(' ');
    const error = Math.sqrt(Array.from(y).reduce((sum, value, i) => sum + (value - data[i]) ** 2, 0) / count);
    return html`
      <svg class="plot" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label=${this.t('series.text', { count, error: short(error) })}>
        <polyline class="true" points=${line(y)}></polyline><polyline class="said" points=${line(data)}></polyline>
      </svg>
      <div class="legend" aria-hidden="true"><span class="a">${this.t('series.true')}</span><span class="b">${this.t('series.said')}</span></div>`;
  }

  private table({ y, count }: Samples, { data }: Values, classes: string[] | undefined) {
    const width = data.length / count;
    return html`<table>
      <caption class="visually-hidden">${this.t('stage.testSamples')}</caption>
      <thead><tr><th scope="col">#</th><th scope="col">${this.t('series.true')}</th><th scope="col">${this.t('series.said')}</th></tr></thead>
      <tbody>${Array.from({ length: count }, (_, i) => {
        const row = data.subarray(i * width, (i + 1) * width);
        const best = row.indexOf(Math.max(...row));
        if (!classes) return html`<tr><td>${i + 1}</td><td>${short(y[i])}</td><td>${short(row[0])}</td></tr>`;
        return html`<tr><td>${i + 1}</td><td>${classes[y[i]]}</td><td class=${best === y[i] ? 'right' : 'wrong'}>${classes[best] ?? '–'}</td></tr>`;
      })}</tbody>
    </table>`;
  }
}
