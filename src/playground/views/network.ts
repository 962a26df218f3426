/** The network of a plane as a diagram: a picture of what each neuron answers everywhere, lines for the weights between. */
import { css, html, nothing, svg } from 'lit';
import { topLayers } from '../engine/layers';
import type { Values } from '../engine/protocol';
import type { Change } from '../session';
import { Refresher, SessionView } from './base';
import { divergingColor, gridInputs } from './plane';
import { classColor, cssColor } from './theme';

/** Places on a side of a neuron's picture. */
const GRID = 14;
/** Neurons of a layer that are shown. */
const MOST_NEURONS = 8;
const [CELL, GAP, COLUMN] = [38, 12, 92];

interface Column {
  /** Path whose output is shown; empty for the inputs. */
  path: string;
  label: string;
  size: number;
  /** Weight that leads here. */
  weight?: string;
}

export class NetworkView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: block;
        max-width: 100%;
        overflow-x: auto;
      }
      .network {
        position: relative;
        margin: 0 auto;
      }
      svg.lines {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
      }
      canvas {
        position: absolute;
        width: 38px;
        height: 38px;
        border: 2px solid var(--line);
        border-radius: 8px;
        image-rendering: auto;
      }
      span {
        position: absolute;
        bottom: 0;
        width: 92px;
        margin-left: -27px;
        font-size: 11px;
        text-align: center;
        color: var(--muted);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, weights: { state: true } };
  declare weights: Record<string, Values>;
  private readonly refresher = new Refresher(() => this.refresh(), 160);

  constructor() {
    super();
    this.weights = {};
  }

  protected override hears(change: Change): boolean {
    return change === 'steps' || change === 'model';
  }

  protected override changed(change: Change): void {
    if (change === 'model') this.weights = {};
    this.refresher.ask();
  }

  /** The layers to draw; undefined where the model is not a chain of linear layers and activations. */
  private get columns(): Column[] | undefined {
    const { session } = this;
    const { opened } = session ?? {};
    if (opened?.data.input !== 'plane') return undefined;
    const columns: Column[] = [{ path: '', label: this.t('network.inputs'), size: 2 }];
    for (const { key, spec } of topLayers(session!.state.model)) {
      const { type, outFeatures } = spec as { type?: string; outFeatures?: number };
      if (type === 'linear' && outFeatures)
        columns.push({ path: key, label: type, size: outFeatures, weight: `${key}.weight` });
      else if (
        typeof type === 'string' &&
        columns.length > 1 &&
        opened.model.layers.find((layer) => layer.key === key)?.parameters === 0
      )
        Object.assign(columns.at(-1)!, { path: key, label: type });
      else return undefined;
    }
    return columns.length > 1 && columns.length < 8 ? columns : undefined;
  }

  private async refresh(): Promise<void> {
    const { columns, session } = this;
    if (!columns || !session) return;
    const engine = await session.engine();
    const x = gridInputs(GRID);
    const paths = columns.slice(1).map(({ path }) => path);
    const [found, ...weights] = await Promise.all([
      engine.call('activations', x, GRID * GRID, paths),
      ...columns.slice(1).map(({ weight }) => engine.call('parameter', weight!)),
    ]);
    this.weights = Object.fromEntries(weights.map((value, i) => [columns[i + 1].weight!, value]));
    await this.updateComplete;
    columns.forEach(({ path }, i) => {
      const values = i === 0 ? { shape: [GRID * GRID, 2], data: x } : found[path];
      for (const canvas of this.renderRoot.querySelectorAll<HTMLCanvasElement>(`canvas[data-column="${i}"]`))
        paintNeuron(canvas, values, Number(canvas.dataset.neuron));
    });
  }

  override render() {
    const { columns } = this;
    if (!columns) return nothing;
    const shown = columns.map(({ size }) => Math.min(size, MOST_NEURONS));
    const height = Math.max(...shown) * (CELL + GAP) + 22;
    const width = (columns.length - 1) * COLUMN + CELL + 54;
    // Shrinks to what there is room for.
    const zoom = Math.min(1, Math.max(0.5, (this.parentElement?.clientWidth || width) / width)).toFixed(3);
    const place = (column: number, neuron: number): [number, number] => [
      27 + column * COLUMN,
      (height - 22 - shown[column] * (CELL + GAP)) / 2 + neuron * (CELL + GAP) + GAP / 2,
    ];
    const lines = columns.slice(1).flatMap(({ weight }, i) => {
      const values = this.weights[weight!];
      if (!values) return [];
      const most = values.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1e-6);
      return Array.from({ length: shown[i + 1] * shown[i] }, (_, k) => {
        const [to, from] = [Math.floor(k / shown[i]), k % shown[i]];
        const value = values.data[to * columns[i].size + from] / most;
        const [[x1, y1], [x2, y2]] = [place(i, from), place(i + 1, to)];
        const [a, b] = [x1 + CELL, y1 + CELL / 2];
        const [c, d] = [x2, y2 + CELL / 2];
        const path = `M${a} ${b}C${(a + c) / 2} ${b} ${(a + c) / 2} ${d} ${c} ${d}`;
        return svg`<path d=${path} fill="none" stroke=${cssColor(classColor(value < 0 ? 1 : 0))} stroke-opacity=${0.15 + 0.75 * Math.abs(value)} stroke-width=${0.4 + 3.6 * Math.abs(value)}></path>`;
      });
    });
    const label = this.t('network.text', { sizes: columns.map(({ size }) => size).join(', ') });
    return html`<div class="network" role="img" aria-label=${label} .style=${`width:${width}px;height:${height}px;zoom:${zoom}`}>
      <svg class="lines" viewBox="0 0 ${width} ${height}" aria-hidden="true">${lines}</svg>
      ${columns.map(
        ({ label: name, size }, i) => html`
        ${Array.from({ length: shown[i] }, (_, k) => {
          const [x, y] = place(i, k);
          return html`<canvas data-column=${i} data-neuron=${k} width=${GRID} height=${GRID} .style=${`left:${x}px;top:${y}px`}></canvas>`;
        })}
        <span .style=${`left:${place(i, 0)[0]}px`}>${name}${size > MOST_NEURONS ? ` (${MOST_NEURONS}/${size})` : ''}</span>`,
      )}
    </div>`;
  }
}

function paintNeuron(canvas: HTMLCanvasElement, { shape, data }: Values, neuron: number): void {
  const width = data.length / shape[0];
  let most = 1e-6;
  for (let i = neuron; i < data.length; i += width) most = Math.max(most, Math.abs(data[i]));
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(GRID, GRID);
  for (let i = 0; i < GRID * GRID; i++)
    image.data.set([...divergingColor(data[i * width + neuron] / most), 255], 4 * i);
  context.putImageData(image, 0, 0);
}
