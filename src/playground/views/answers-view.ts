/** Right and wrong: the confusion matrix of the test set, its worst and its best answers. */
import { css, html, nothing } from 'lit';
import type { Judged, Report } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { paintImage } from './pictures';
import { short } from './transport';

export class AnswersView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        border-collapse: separate;
        border-spacing: 2px;
        font-size: 12px;
        font-variant-numeric: tabular-nums;
      }
      th {
        padding: 2px 5px;
        font-weight: 600;
        color: var(--muted);
        white-space: nowrap;
      }
      td {
        min-width: 26px;
        height: 24px;
        padding: 0 4px;
        border-radius: 5px;
        color: var(--text);
        text-align: center;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(92px, 1fr));
        gap: 8px;
        list-style: none;
      }
      li {
        padding: 6px;
        border-radius: 9px;
        background: var(--tile);
        font-size: 12px;
        overflow-wrap: anywhere;
      }
      li canvas {
        width: 100%;
        aspect-ratio: 1;
        margin-bottom: 4px;
        border-radius: 5px;
        image-rendering: pixelated;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, report: { state: true } };
  declare report: Report | undefined;
  private readonly refresher = new Refresher(async () => {
    if (!this.isConnected || !this.session?.opened) return;
    this.report = await (await this.session.engine()).call('report');
  }, 1200);

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'test';
  }

  protected override changed(change: Change): void {
    if (change === 'model') this.report = undefined;
    this.refresher.ask();
  }

  override updated(): void {
    const { opened } = this.session ?? {};
    if (opened?.data.input !== 'image' || !this.report) return;
    const all = [...this.report.worst, ...this.report.best];
    this.renderRoot.querySelectorAll('canvas').forEach((canvas, i) => {
      paintImage(canvas, all[i].x, opened.data.xShape);
    });
  }

  private matrix(confusion: number[][], classes: string[]) {
    return html`<div class="scroll" tabindex="0" role="group" aria-label=${this.t('inside.confusion')}><table>
      <caption class="visually-hidden">${this.t('inside.confusionText')}</caption>
      <thead><tr><td></td>${classes.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
      <tbody>${confusion.map((row, i) => {
        const total = row.reduce((a, b) => a + b, 0) || 1;
        return html`<tr><th scope="row">${classes[i]}</th>${row.map((count, j) => {
          const share = Math.round((100 * count) / total);
          const color = i === j ? 'var(--good)' : 'var(--bad)';
          const style = `background:color-mix(in srgb, ${color} ${Math.round(0.3 * share)}%, var(--tile))`;
          return html`<td .style=${style}>${count || ''}</td>`;
        })}</tr>`;
      })}</tbody></table></div>`;
  }

  private sample({ x, label, predicted, probability, loss }: Judged, classes: string[] | undefined) {
    const { data } = this.session!.opened!;
    const picture = data.input === 'image' ? html`<canvas aria-hidden="true"></canvas>` : nothing;
    const input =
      data.input === 'tokens'
        ? [...x].map((token) => data.characters?.[token] ?? '').join('')
        : data.input === 'plane'
          ? `(${short(x[0])}, ${short(x[1])})`
          : '';
    const answer = classes
      ? this.t('inside.answer', {
          label: classes[label],
          answer: classes[predicted],
          percent: Math.round(100 * probability),
        })
      : data.task === 'reconstruct'
        ? this.t('inside.error', { error: short(loss) })
        : this.t('inside.value', { label: short(label), answer: short(predicted) });
    return html`<li>${picture}${input ? html`<b>${input}</b><br />` : nothing}${answer}</li>`;
  }

  override render() {
    const { report } = this;
    const data = this.session?.opened?.data;
    if (!data) return nothing;
    if (!report) return html`<p class="muted">${this.t('inside.waiting')}</p>`;
    const { classes } = data;
    const list = (key: 'worst' | 'best') =>
      report[key].length > 0
        ? html`<div class="stack"><h2 class="sub">${this.t(`inside.${key}`)}</h2><ul>${report[key].map((sample) => this.sample(sample, classes))}</ul></div>`
        : nothing;
    return html`
      ${report.confusion && classes ? html`<div class="stack"><h2 class="sub">${this.t('inside.confusion')}</h2>${this.matrix(report.confusion, classes)}</div>` : nothing}
      ${list('worst')}${list('best')}
      <p class="muted small">${this.t('inside.mislabelled')}</p>`;
  }
}
