/** What each character of a text looks at: the attention weights of a GPT, by layer and head. */
import { css, html, nothing } from 'lit';
import type { Change } from '../session';
import { softmax } from '../softmax';
import { Refresher, SessionView } from './base';
import { paintImage } from './pictures';

export class AttentionView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      .map {
        position: relative;
        width: min(100%, 340px);
        aspect-ratio: 1;
      }
      canvas {
        width: 100%;
        height: 100%;
        border-radius: 8px;
        image-rendering: pixelated;
        cursor: crosshair;
      }
      .text {
        font: 14px/1.7 var(--mono);
        overflow-wrap: anywhere;
      }
      .text span {
        padding: 1px 0;
        border-radius: 3px;
        white-space: pre-wrap;
      }
      .text .from {
        outline: 2px solid var(--test);
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    layer: { state: true },
    head: { state: true },
    tokens: { state: true },
    weights: { state: true },
    query: { state: true },
  };
  declare layer: number;
  declare head: number;
  declare tokens: number[];
  /** Of each query, row after row, `[T, T]`. */
  declare weights: Float32Array | undefined;
  /** The character whose looks are shown in the text. */
  declare query: number;
  private readonly refresher = new Refresher(() => this.refresh(), 500);

  constructor() {
    super();
    Object.assign(this, { layer: 0, head: 0, tokens: [], query: 8 });
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'test';
  }

  protected override changed(): void {
    this.refresher.ask();
  }

  private get sizes() {
    const { nLayer = 2, nHead = 4, nEmbd = 64 } = this.session!.state.model as Record<string, number>;
    return { nLayer, nHead, nEmbd };
  }

  private async refresh(): Promise<void> {
    const { session } = this;
    if (!session?.opened || !this.isConnected || (session.state.model as { type?: string }).type !== 'gpt')
      return;
    const engine = await session.engine();
    const { nLayer, nHead, nEmbd } = this.sizes;
    const [layer, head] = [Math.min(this.layer, nLayer - 1), Math.min(this.head, nHead - 1)];
    const { x } = await engine.call('samples', 'test', 0, 1);
    const path = `transformer.h.${layer}.attn.c_attn`;
    const { data } = (await engine.call('activations', x, 1, [path]))[path];
    const size = nEmbd / nHead;
    const weights = new Float32Array(x.length ** 2);
    for (let i = 0; i < x.length; i++) {
      const scores = Float32Array.from({ length: i + 1 }, (_, j) => {
        let score = 0;
        for (let k = 0; k < size; k++)
          score += data[3 * nEmbd * i + head * size + k] * data[3 * nEmbd * j + nEmbd + head * size + k];
        return score / Math.sqrt(size);
      });
      weights.set(softmax(scores), i * x.length);
    }
    this.tokens = [...x];
    this.weights = weights;
  }

  override updated(): void {
    const canvas = this.renderRoot.querySelector('canvas');
    const count = this.tokens.length;
    if (canvas && this.weights) paintImage(canvas, this.weights.map(Math.sqrt), [1, count, count]);
  }

  private choose(field: 'layer' | 'head', count: number) {
    return html`<label>${this.t(`inside.${field}`)}<select @change=${(event: Event) => {
      this[field] = (event.target as HTMLSelectElement).selectedIndex;
      this.refresher.ask();
    }}>${Array.from({ length: count }, (_, i) => html`<option ?selected=${i === this[field]}>${i + 1}</option>`)}</select></label>`;
  }

  override render() {
    const { session, weights, tokens } = this;
    if (!session?.opened) return nothing;
    const { nLayer, nHead } = this.sizes;
    const characters = session.opened.data.characters ?? [];
    const count = tokens.length;
    const query = Math.min(this.query, count - 1);
    const look = (event: PointerEvent) => {
      const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
      this.query = Math.max(
        0,
        Math.min(count - 1, Math.floor(((event.clientY - box.top) / box.height) * count)),
      );
    };
    return html`
      <div class="fields">${this.choose('layer', nLayer)}${this.choose('head', nHead)}</div>
      ${
        weights
          ? html`
        <div class="map"><canvas role="img" aria-label=${this.t('inside.attentionText', { count })} @pointermove=${look} @pointerdown=${look}></canvas></div>
        <label><span>${this.t('inside.query')}</span><input type="range" min="0" max=${count - 1} .value=${String(query)} @input=${(
          event: Event,
        ) => {
          this.query = Number((event.target as HTMLInputElement).value);
        }} /></label>
        <p class="text">${tokens.map((token, i) => {
          const share = i <= query ? Math.round(100 * weights[query * count + i]) : 0;
          const style = `background:color-mix(in srgb, var(--accent) ${Math.min(80, 2 * share)}%, transparent)`;
          return html`<span class=${i === query ? 'from' : ''} .style=${style}>${characters[token] === '\n' ? '⏎' : characters[token]}</span>`;
        })}</p>
        <p class="muted small">${this.t('inside.attentionHint')}</p>`
          : html`<p class="muted">${this.t('inside.waiting')}</p>`
      }`;
  }
}
