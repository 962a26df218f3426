/** Activations of one sample, layer by layer: feature maps, filters, and the exact arithmetic of the output under the pointer. */
import { css, html, nothing } from 'lit';
import { type Arithmetic, convArithmetic, linearArithmetic } from '../arithmetic';
import { topLayers } from '../engine/layers';
import type { Samples, Values } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { paintImage, paintSigned, rangeOf } from './pictures';
import { divergingColor } from './plane';
import { short } from './transport';

/** Pictures of a layer that are shown, and values of a row. */
const [MOST_MAPS, MOST_VALUES] = [16, 64];

type Layer = { key: string; spec: Record<string, unknown> };
/** Output of a layer under the pointer: layer, channel, row, column. */
type Spot = { layer: number; at: [number, number, number] };

export class LayersView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      .maps {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(54px, 1fr));
        gap: 5px;
      }
      .maps canvas {
        width: 100%;
        border-radius: 4px;
        image-rendering: pixelated;
        cursor: crosshair;
      }
      .filters canvas {
        width: 30px;
        border-radius: 3px;
        image-rendering: pixelated;
      }
      canvas.values {
        width: 100%;
        height: 22px;
        border-radius: 4px;
        image-rendering: pixelated;
        cursor: crosshair;
      }
      canvas.selected {
        outline: 2px solid var(--test);
      }
      section {
        display: grid;
        gap: 6px;
      }
      .sum {
        position: sticky;
        bottom: 8px;
        display: grid;
        gap: 8px;
        padding: 10px 12px;
        border: 1px solid var(--line);
        border-radius: 10px;
        background: var(--card);
        box-shadow: 0 3px 14px rgb(0 0 0 / 15%);
        font-size: 12.5px;
      }
      table {
        border-collapse: separate;
        border-spacing: 1px;
        font: 10.5px var(--mono);
      }
      td {
        min-width: 30px;
        padding: 1px 3px;
        border-radius: 3px;
        text-align: right;
      }
      .pair {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    index: { state: true },
    found: { state: true },
    spot: { state: true },
    sum: { state: true },
  };
  declare index: number;
  declare found: Record<string, Values> | undefined;
  declare spot: Spot | undefined;
  declare sum: Arithmetic | undefined;
  private sample: Samples | undefined;
  private filters: Record<string, Values> = {};
  private readonly refresher = new Refresher(() => this.refresh(), 400);

  constructor() {
    super();
    this.index = 0;
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'steps';
  }

  protected override changed(change: Change): void {
    if (change === 'model')
      Object.assign(this, { found: undefined, spot: undefined, sum: undefined, filters: {} });
    this.refresher.ask();
  }

  private get layers(): Layer[] {
    return topLayers(this.session!.state.model).filter(({ key }) => key !== '') as Layer[];
  }

  private async refresh(): Promise<void> {
    const { session, layers } = this;
    if (!session?.opened || !this.isConnected || layers.length === 0) return;
    const engine = await session.engine();
    this.sample = await engine.call('samples', 'test', this.index, 1);
    const weighted = layers.filter(({ spec }) => spec.type === 'conv2d' || spec.type === 'linear');
    const names = weighted.flatMap(({ key, spec }) => [
      `${key}.weight`,
      ...(spec.bias === false ? [] : [`${key}.bias`]),
    ]);
    const [found, ...values] = await Promise.all([
      engine.call(
        'activations',
        this.sample.x,
        1,
        layers.map(({ key }) => key),
      ),
      ...names.map((name) => engine.call('parameter', name)),
    ]);
    this.filters = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    this.found = found;
    if (this.spot) this.explain(this.spot);
  }

  /** The sum of the output under the pointer, where the layer is a convolution or a linear one. */
  private explain(spot: Spot): void {
    this.spot = spot;
    this.sum = undefined;
    const { layers, found, sample } = this;
    const layer = layers[spot.layer];
    const weight = this.filters[`${layer.key}.weight`];
    if (!weight || !found || !sample) return;
    const before = spot.layer === 0 ? undefined : found[layers[spot.layer - 1].key];
    const input = {
      shape: before ? before.shape.slice(1) : this.session!.opened!.data.xShape,
      data: before?.data ?? sample.x,
    };
    const bias = this.filters[`${layer.key}.bias`]?.data;
    const { stride = 1, padding = 0, dilation = 1, groups = 1 } = layer.spec as Record<string, unknown>;
    if (layer.spec.type === 'linear' && input.shape.length === 1)
      this.sum = linearArithmetic(input, weight, bias, spot.at[0]);
    else if (
      typeof stride === 'number' &&
      typeof padding === 'number' &&
      dilation === 1 &&
      groups === 1 &&
      layer.spec.type === 'conv2d'
    )
      this.sum = convArithmetic(input, weight, bias, spot.at, { stride, padding });
  }

  private point(event: PointerEvent, layer: number, channel: number): void {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const box = canvas.getBoundingClientRect();
    const column = Math.min(
      canvas.width - 1,
      Math.floor(((event.clientX - box.left) / box.width) * canvas.width),
    );
    const row = Math.min(
      canvas.height - 1,
      Math.floor(((event.clientY - box.top) / box.height) * canvas.height),
    );
    this.explain({
      layer,
      at: channel < 0 ? [column, 0, 0] : [channel, Math.max(0, row), Math.max(0, column)],
    });
  }

  /** Arrow keys move through the outputs of a layer. */
  private key(event: KeyboardEvent, layer: number, channel: number): void {
    const ways: Record<string, [number, number]> = {
      ArrowLeft: [0, -1],
      ArrowRight: [0, 1],
      ArrowUp: [-1, 0],
      ArrowDown: [1, 0],
    };
    const way = ways[event.key];
    if (!way) return;
    event.preventDefault();
    const canvas = event.currentTarget as HTMLCanvasElement;
    const { at } =
      this.spot?.layer === layer ? this.spot : { at: [Math.max(0, channel), 0, 0] as Spot['at'] };
    const limit = (value: number, most: number) => Math.min(most - 1, Math.max(0, value));
    if (channel < 0) this.explain({ layer, at: [limit(at[0] + way[1], canvas.width), 0, 0] });
    else
      this.explain({
        layer,
        at: [channel, limit(at[1] + way[0], canvas.height), limit(at[2] + way[1], canvas.width)],
      });
  }

  override updated(): void {
    const { found, layers } = this;
    if (!found) return;
    layers.forEach(({ key, spec }, layer) => {
      const { shape, data } = found[key] ?? {};
      if (!shape) return;
      const of = <T extends Element>(selector: string) =>
        this.renderRoot.querySelectorAll<T>(`[data-layer="${layer}"] ${selector}`);
      if (shape.length === 4) {
        const area = shape[2] * shape[3];
        of<HTMLCanvasElement>('.maps canvas').forEach((canvas, channel) => {
          const part = data.subarray(channel * area, (channel + 1) * area);
          paintImage(canvas, part, [1, shape[2], shape[3]], rangeOf(part));
        });
      } else
        for (const canvas of of<HTMLCanvasElement>('canvas.values'))
          paintSigned(canvas, data, [1, Math.min(data.length, MOST_VALUES)], divergingColor);
      const weight = spec.type === 'conv2d' ? this.filters[`${key}.weight`] : undefined;
      if (!weight) return;
      const [, channels, rows, columns] = weight.shape;
      of<HTMLCanvasElement>('.filters canvas').forEach((canvas, out) => {
        const from = out * channels * rows * columns;
        paintSigned(
          canvas,
          weight.data.subarray(from, from + rows * columns),
          [rows, columns],
          divergingColor,
        );
      });
    });
  }

  private layer({ key, spec }: Layer, index: number) {
    const { shape, data } = this.found![key] ?? {};
    if (!shape || !data) return nothing;
    const name = `${spec.type} [${shape.slice(1).join(', ')}]`;
    const weight = spec.type === 'conv2d' ? this.filters[`${key}.weight`] : undefined;
    const isMaps = shape.length === 4;
    const chosen = (channel: number) =>
      this.spot?.layer === index && (channel < 0 || this.spot.at[0] === channel);
    const canvas = (
      channel: number,
      label: string,
    ) => html`<canvas class=${`${channel < 0 ? 'values' : ''} ${chosen(channel) ? 'selected' : ''}`} tabindex="0" role="img" aria-label=${label}
      @pointermove=${(event: PointerEvent) => this.point(event, index, channel)} @pointerdown=${(event: PointerEvent) => this.point(event, index, channel)}
      @keydown=${(event: KeyboardEvent) => this.key(event, index, channel)}></canvas>`;
    return html`<section data-layer=${index}>
      <h2 class="sub">${name}</h2>
      ${weight ? html`<div class="row filters" role="group" aria-label=${this.t('inside.filters')}>${Array.from({ length: Math.min(MOST_MAPS, weight.shape[0]) }, (_, i) => html`<canvas role="img" aria-label=${this.t('inside.filter', { number: i + 1 })}></canvas>`)}</div>` : nothing}
      ${isMaps ? html`<div class="maps">${Array.from({ length: Math.min(MOST_MAPS, shape[1]) }, (_, i) => canvas(i, this.t('inside.map', { number: i + 1, layer: name })))}</div>` : canvas(-1, this.t('inside.values', { layer: name }))}
    </section>`;
  }

  private arithmetic() {
    const { sum, spot, layers, found } = this;
    if (!spot || !found) return html`<p class="muted small">${this.t('inside.hover')}</p>`;
    const { key, spec } = layers[spot.layer];
    const { shape, data } = found[key];
    const [channel, row, column] = spot.at;
    const value = shape.length === 4 ? data[(channel * shape[2] + row) * shape[3] + column] : data[channel];
    const place = shape.length === 4 ? `${channel + 1}, (${row}, ${column})` : String(channel + 1);
    const title = html`<b>${spec.type} · ${place} = ${short(value)}</b>`;
    if (!sum) return html`<div class="sum" role="status">${title}</div>`;
    const number = (v: number) => (v < 0 ? `(${short(v)})` : short(v));
    if (sum.terms) {
      const shown = sum.terms.slice(0, 6);
      const rest = sum.sum - sum.bias - shown.reduce((total, { input, weight }) => total + input * weight, 0);
      return html`<div class="sum" role="status">${title}<span>${shown.map(({ input, weight }, i) => `${i ? ' + ' : ''}${number(input)} × ${number(weight)}`)}${sum.terms.length > 6 ? ` + … (${number(rest)})` : ''} + ${number(sum.bias)} ${this.t('inside.bias')} = ${short(sum.sum)}</span></div>`;
    }
    const [strongest] = sum.windows!;
    const table = (of: 'input' | 'weight') =>
      html`<table role="img" aria-label=${this.t(`inside.${of}`)}>${Array.from(
        { length: strongest.size[0] },
        (_, i) =>
          html`<tr>${strongest.terms.slice(i * strongest.size[1], (i + 1) * strongest.size[1]).map((term) => {
            const [r, g, b] = divergingColor(
              term[of] / Math.max(...strongest.terms.map((other) => Math.abs(other[of])), 1e-9),
            );
            return html`<td .style=${`background:rgb(${r} ${g} ${b});color:#182033`}>${term[of].toFixed(2)}</td>`;
          })}</tr>`,
      )}</table>`;
    const sums = sum.windows!.slice(0, 6).map((window, i) => `${i ? ' + ' : ''}${number(window.sum)}`);
    return html`<div class="sum" role="status">${title}
      <span class="muted">${this.t('inside.window', { channel: strongest.channel + 1, count: sum.windows!.length })}</span>
      <div class="pair">${table('input')}<span>×</span>${table('weight')}<span>= ${short(strongest.sum)}</span></div>
      <span>${sums}${sum.windows!.length > 6 ? ' + …' : ''} + ${number(sum.bias)} ${this.t('inside.bias')} = ${short(sum.sum)}</span></div>`;
  }

  override render() {
    if (!this.session?.opened) return nothing;
    if (this.layers.length === 0) return html`<p class="muted">${this.t('inside.noLayers')}</p>`;
    const most = this.session.opened.data.testCount - 1;
    return html`
      <label><span>${this.t('inside.sample')} <span class="value">${this.index + 1}</span></span>
        <input type="range" min="0" max=${most} .value=${String(this.index)} @input=${(event: Event) => {
          this.index = Number((event.target as HTMLInputElement).value);
          this.refresher.ask();
        }} /></label>
      ${this.found ? html`${this.layers.map((layer, i) => this.layer(layer, i))}${this.arithmetic()}` : html`<p class="muted">${this.t('inside.waiting')}</p>`}`;
  }
}
