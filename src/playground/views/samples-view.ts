/** Training samples with what is true of them, a page at a time. */
import { css, html, nothing } from 'lit';
import type { Samples } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { paintImage } from './pictures';
import { short } from './transport';

const PAGE = 24;

export class SamplesView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 8px;
      }
      ul {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(var(--sample, 42px), 1fr));
        gap: 5px;
        list-style: none;
      }
      li {
        padding: 3px;
        border-radius: 7px;
        background: var(--tile);
        font-size: 11.5px;
        text-align: center;
        overflow: hidden;
        text-overflow: ellipsis;
      }
      canvas {
        width: 100%;
        border-radius: 4px;
        image-rendering: pixelated;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, from: { state: true }, samples: { state: true } };
  declare from: number;
  declare samples: Samples | undefined;
  private readonly refresher = new Refresher(async () => {
    if (!this.isConnected || !this.session?.opened) return;
    this.samples = await (await this.session.engine()).call('samples', 'train', this.from, PAGE);
  }, 0);

  constructor() {
    super();
    this.from = 0;
  }

  protected override hears(change: Change): boolean {
    return change === 'model';
  }

  protected override changed(): void {
    this.from = 0;
    this.samples = undefined;
    this.refresher.ask();
  }

  private turn(by: number): void {
    const { trainCount } = this.session!.opened!.data;
    this.from = Math.max(0, Math.min(trainCount - 1, this.from + by));
    this.refresher.ask();
  }

  override updated(): void {
    const { samples, session } = this;
    const { xShape } = session!.opened?.data ?? {};
    if (!samples || !xShape) return;
    const size = xShape.reduce((a, b) => a * b, 1);
    this.renderRoot.querySelectorAll('canvas').forEach((canvas, i) => {
      paintImage(canvas, samples.x.subarray(i * size, (i + 1) * size), xShape);
    });
  }

  override render() {
    const { samples } = this;
    const data = this.session?.opened?.data;
    if (!data || !samples || data.input === 'plane' || data.input === 'series') return nothing;
    const size = data.xShape.reduce((a, b) => a * b, 1);
    const item = (i: number) => {
      const x = samples.x.subarray(i * size, (i + 1) * size);
      const label = data.classes
        ? data.classes[samples.y[i]]
        : data.task === 'regress'
          ? short(samples.y[i])
          : '';
      if (data.input === 'image')
        return html`<li><canvas role="img" aria-label=${label || String(this.from + i + 1)}></canvas>${label}</li>`;
      const text = data.characters
        ? [...x].map((token) => data.characters![token] ?? '').join('')
        : [...x.slice(0, 4)].map(short).join(', ');
      return html`<li title=${text}><b>${text}</b>${label ? html`<br />${label}` : nothing}</li>`;
    };
    const wide = data.input === 'image' ? '42px' : '100px';
    return html`
      <h2 class="sub">${this.t('data.preview', { from: this.from + 1, to: this.from + samples.count })}</h2>
      <ul .style=${`--sample:${wide}`}>${Array.from({ length: samples.count }, (_, i) => item(i))}</ul>
      <div class="row">
        <button type="button" aria-label=${this.t('data.earlier')} ?disabled=${this.from === 0} @click=${() => this.turn(-PAGE)}>‹</button>
        <button type="button" aria-label=${this.t('data.later')} ?disabled=${this.from + samples.count >= data.trainCount} @click=${() => this.turn(PAGE)}>›</button>
      </div>`;
  }
}
