/** Weights and gradients by parameter: distributions, and whether gradients vanish or explode on their way back. */
import { css, html, nothing, svg } from 'lit';
import type { ParameterInfo } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { short } from './transport';

/** Gradients of the first layers that are so many times smaller or larger than those of the last. */
const FAR = 1000;

export class WeightsView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 12px;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 4px 6px;
        border-bottom: 1px solid var(--line);
        text-align: left;
        font-weight: 400;
      }
      thead th {
        color: var(--muted);
      }
      tbody th {
        max-width: 150px;
        overflow-wrap: anywhere;
      }
      svg.histogram {
        width: 96px;
        height: 30px;
        fill: var(--train);
      }
      .bar {
        width: 60px;
        height: 8px;
        border-radius: 4px;
        background: var(--tile);
        overflow: hidden;
      }
      .bar i {
        display: block;
        height: 100%;
        background: var(--test);
      }
    `,
  ];
  static override properties = { ...SessionView.properties, parameters: { state: true } };
  declare parameters: ParameterInfo[] | undefined;
  private readonly refresher = new Refresher(async () => {
    if (!this.isConnected || !this.session?.opened) return;
    this.parameters = await (await this.session.engine()).call('parameters');
  }, 500);

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'steps';
  }

  protected override changed(change: Change): void {
    if (change === 'model') this.parameters = undefined;
    this.refresher.ask();
  }

  private get hint(): string {
    const gradients = (this.parameters ?? [])
      .filter(({ name }) => /weight/i.test(name))
      .map(({ gradient }) => gradient ?? 0);
    const [first, last] = [gradients[0], gradients.at(-1)!];
    if (gradients.length < 2 || !(first >= 0) || !(last > 0)) return '';
    if (first < last / FAR)
      return this.t('inside.vanishing', {
        times: Math.round(last / Math.max(first, 1e-30)).toLocaleString('en'),
      });
    if (first > last * FAR)
      return this.t('inside.exploding', { times: Math.round(first / last).toLocaleString('en') });
    return this.t('inside.gradientsFine');
  }

  override render() {
    const { parameters } = this;
    if (!parameters) return html`<p class="muted">${this.t('inside.waiting')}</p>`;
    const logs = parameters
      .map(({ gradient }) => (gradient ? Math.log10(gradient) : Number.NaN))
      .filter(Number.isFinite);
    const [least, most] = [Math.min(...logs, 0) - 0.5, Math.max(...logs, -8)];
    return html`
      ${this.hint ? html`<p>${this.hint}</p>` : nothing}
      <div class="scroll" tabindex="0" role="group" aria-label=${this.t('inside.weights')}><table>
        <thead><tr><th scope="col">${this.t('inside.parameter')}</th><th scope="col">${this.t('inside.distribution')}</th><th scope="col">${this.t('inside.meanStd')}</th><th scope="col">${this.t('inside.gradient')}</th></tr></thead>
        <tbody>${parameters.map(({ name, shape, histogram, mean, std, least: low, most: high, gradient }) => {
          const top = Math.max(...histogram, 1);
          const bars = histogram.map(
            (count, i) =>
              svg`<rect x=${3 * i} y=${30 - (30 * count) / top} width="2.6" height=${(30 * count) / top}></rect>`,
          );
          const text = this.t('inside.histogram', { least: short(low), most: short(high) });
          const share = gradient
            ? Math.max(3, (100 * (Math.log10(gradient) - least)) / (most - least || 1))
            : 0;
          return html`<tr>
            <th scope="row">${name}<br /><span class="muted">[${shape.join(', ')}]</span></th>
            <td><svg class="histogram" viewBox="0 0 96 30" role="img" aria-label=${text}>${bars}</svg></td>
            <td>${short(mean)}<br />± ${short(std)}</td>
            <td>${short(gradient)}<div class="bar"><i .style=${`width:${Math.min(100, share)}%`}></i></div></td>
          </tr>`;
        })}</tbody></table></div>`;
  }
}
