/** The plane with its points and what the network says everywhere on it, drawn anew while it learns. */
import { css, html, nothing } from 'lit';
import type { Samples, Values } from '../engine/protocol';
import type { Change } from '../session';
import { softmax } from '../softmax';
import { Refresher, SessionView } from './base';
import { type Color, classColor, cssColor } from './theme';

/** Places on a side at which the network is asked. */
const GRID = 48;

/** Centres of a grid over the plane, row after row from the top. */
export function gridInputs(side: number): Float32Array {
  const x = new Float32Array(2 * side * side);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      const at = 2 * (row * side + column);
      x[at] = (2 * (column + 0.5)) / side - 1;
      x[at + 1] = 1 - (2 * (row + 0.5)) / side;
    }
  }
  return x;
}

export class PlaneView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 8px;
        justify-items: center;
      }
      .frame {
        position: relative;
        width: min(100%, var(--plane-size, 420px));
        aspect-ratio: 1;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        overflow: hidden;
      }
      canvas {
        position: absolute;
        inset: 0;
        width: 100%;
        height: 100%;
        touch-action: manipulation;
      }
      .legend {
        display: flex;
        flex-wrap: wrap;
        gap: 4px 14px;
        justify-content: center;
        font-size: 12.5px;
      }
      .drawing canvas {
        cursor: crosshair;
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    drawing: { attribute: false },
  };
  /** The class of points that a click adds; undefined where clicks add nothing. */
  declare drawing: number | undefined;
  private train: Samples | undefined;
  private test: Samples | undefined;
  private readonly field = document.createElement('canvas');
  private readonly refresher = new Refresher(() => this.refresh(), 70);

  protected override hears(change: Change): boolean {
    return change !== 'token' && change !== 'settings' && change !== 'runs';
  }

  protected override changed(change: Change): void {
    if (change === 'model') this.train = undefined;
    this.refresher.ask();
  }

  private async refresh(): Promise<void> {
    const { session } = this;
    if (session?.opened?.data.input !== 'plane') return;
    const engine = await session.engine();
    const { trainCount, testCount } = session.opened.data;
    this.train ??= await engine.call('samples', 'train', 0, Math.min(trainCount, 1500));
    this.test = await engine.call('samples', 'test', 0, Math.min(testCount, 600));
    const values = await engine.call('predict', gridInputs(GRID), GRID * GRID);
    paintField(this.field, values, session.opened.data.task === 'classify');
    this.paint();
  }

  private paint(): void {
    const canvas = this.renderRoot.querySelector('canvas');
    const { session, train } = this;
    if (!canvas || !session?.opened || !train) return;
    const size = Math.max(1, Math.round(canvas.clientWidth * Math.min(2, devicePixelRatio)));
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const context = canvas.getContext('2d')!;
    context.imageSmoothingEnabled = true;
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.field, 0, 0, size, size);
    const isClasses = session.opened.data.task === 'classify';
    const dot = (samples: Samples, i: number, isTest: boolean) => {
      const [x, y] = [samples.x[2 * i], samples.x[2 * i + 1]];
      const color = isClasses ? classColor(samples.y[i]) : divergingColor(samples.y[i]);
      context.beginPath();
      context.arc(((x + 1) / 2) * size, ((1 - y) / 2) * size, size / (isTest ? 120 : 95), 0, 2 * Math.PI);
      context.fillStyle = cssColor(color);
      context.fill();
      context.lineWidth = size / 420;
      context.strokeStyle = isTest ? '#182033' : '#ffffff';
      context.stroke();
    };
    for (let i = 0; i < train.count; i++) dot(train, i, false);
    if (this.test) for (let i = 0; i < this.test.count; i++) dot(this.test, i, true);
  }

  private add(event: PointerEvent): void {
    if (this.drawing === undefined) return;
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const x = (2 * (event.clientX - box.left)) / box.width - 1;
    const y = 1 - (2 * (event.clientY - box.top)) / box.height;
    this.dispatchEvent(new CustomEvent('point', { detail: { x, y, label: this.drawing } }));
  }

  private get description(): string {
    const { opened, curves } = this.session!;
    const accuracy = curves.test.last?.accuracy;
    const values = {
      count: opened!.data.trainCount,
      accuracy: accuracy === undefined ? '–' : `${Math.round(100 * accuracy)} %`,
    };
    return this.t(opened!.data.task === 'classify' ? 'plane.text' : 'plane.textFunction', values);
  }

  override updated(): void {
    this.paint();
  }

  override render() {
    const data = this.session?.opened?.data;
    if (data?.input !== 'plane') return nothing;
    return html`
      <div class="frame ${this.drawing === undefined ? '' : 'drawing'}">
        <canvas role="img" aria-label=${this.description} @pointerdown=${this.add}></canvas>
      </div>
      <p class="legend muted">${this.t('plane.legend')}</p>`;
  }
}

/** A colour between the two ends for values from -1 to 1. */
export function divergingColor(value: number): Color {
  const t = Math.max(-1, Math.min(1, value));
  const [blue, orange] = [classColor(0), classColor(1)];
  const end = t < 0 ? orange : blue;
  const part = Math.abs(t);
  return [0, 1, 2].map((i) => Math.round(245 + (end[i] - 245) * part)) as unknown as Color;
}

/** Paints scores on a grid: classes in their colours, the surer the stronger; values from orange over white to blue. */
export function paintField(canvas: HTMLCanvasElement, { shape, data }: Values, isClasses: boolean): void {
  const count = shape[0];
  const side = Math.round(Math.sqrt(count));
  const width = data.length / count;
  canvas.width = canvas.height = side;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(side, side);
  for (let i = 0; i < count; i++) {
    let color: Color;
    if (isClasses && width > 1) {
      const shares = softmax(data.subarray(i * width, (i + 1) * width));
      const sure = (Math.max(...shares) - 1 / width) / (1 - 1 / width);
      color = [0, 1, 2].map((channel) => {
        const mixed = shares.reduce((sum, share, c) => sum + share * classColor(c)[channel], 0);
        return Math.round(246 + (mixed - 246) * (0.12 + 0.53 * sure));
      }) as unknown as Color;
    } else color = divergingColor(data[i * width]);
    image.data.set([...color, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
}
