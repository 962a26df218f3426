/** A dark square to draw on with mouse, finger, pen or keys. */
import { css, html } from 'lit';
import { SessionView } from './base';

/** Pixels of a side; the pen is a twelfth of it wide. */
const SIZE = 280;

export class DrawingPad extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: block;
        position: relative;
        width: 100%;
        aspect-ratio: 1;
      }
      canvas {
        width: 100%;
        height: 100%;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: #10131a;
        cursor: crosshair;
        touch-action: none;
      }
      p {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        color: #b6bfd0;
        pointer-events: none;
      }
      i {
        position: absolute;
        width: 18px;
        height: 18px;
        translate: -50% -50%;
        border: 2px solid #ffb366;
        border-radius: 50%;
        pointer-events: none;
      }
      i.down {
        background: #ffb366;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, empty: { state: true }, pen: { state: true } };
  declare empty: boolean;
  /** Where the pen of the keyboard is. */
  declare pen: { x: number; y: number; down: boolean } | undefined;
  private from: { x: number; y: number } | undefined;

  constructor() {
    super();
    this.empty = true;
  }

  /** What is drawn: brightness of each pixel, row after row. */
  get pixels(): { data: Uint8ClampedArray; width: number; height: number } {
    const { data } = this.context.getImageData(0, 0, SIZE, SIZE);
    return { data, width: SIZE, height: SIZE };
  }

  clear(): void {
    this.context.fillStyle = '#000';
    this.context.fillRect(0, 0, SIZE, SIZE);
    this.empty = true;
    this.tell();
  }

  /** Shows a picture in place of a drawing. */
  show(picture: CanvasImageSource): void {
    this.context.drawImage(picture, 0, 0, SIZE, SIZE);
    this.empty = false;
    this.tell();
  }

  private get context(): CanvasRenderingContext2D {
    return this.renderRoot.querySelector('canvas')!.getContext('2d', { willReadFrequently: true })!;
  }

  private tell(): void {
    this.dispatchEvent(new Event('draw'));
  }

  private at(event: PointerEvent) {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * SIZE,
      y: ((event.clientY - box.top) / box.height) * SIZE,
    };
  }

  private line(to: { x: number; y: number }): void {
    const { context } = this;
    Object.assign(context, {
      lineWidth: SIZE / 12,
      lineCap: 'round',
      lineJoin: 'round',
      strokeStyle: '#fff',
    });
    const from = this.from ?? to;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
    this.from = to;
    this.empty = false;
    this.tell();
  }

  private begin(event: PointerEvent): void {
    if (this.locked) return;
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
    this.pen = undefined;
    this.from = undefined;
    this.line(this.at(event));
  }

  private move(event: PointerEvent): void {
    if (this.from)
      for (const part of event.getCoalescedEvents?.() ?? [event]) this.line(this.at(Object.assign(part, {})));
  }

  private key(event: KeyboardEvent): void {
    const pen = this.pen ?? { x: SIZE / 2, y: SIZE / 2, down: false };
    const step = event.shiftKey ? 4 : 14;
    const ways: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    if (event.key in ways) {
      const [dx, dy] = ways[event.key];
      const to = { x: Math.min(SIZE, Math.max(0, pen.x + dx)), y: Math.min(SIZE, Math.max(0, pen.y + dy)) };
      if (pen.down) {
        this.from = pen;
        this.line(to);
      }
      this.from = undefined;
      this.pen = { ...pen, ...to };
    } else if (event.key === ' ') this.pen = { ...pen, down: !pen.down };
    else if (event.key === 'Delete' || event.key === 'Backspace') this.clear();
    else return;
    event.preventDefault();
  }

  override firstUpdated(): void {
    this.clear();
  }

  override render() {
    const { pen } = this;
    const place = pen && `left:${(100 * pen.x) / SIZE}%;top:${(100 * pen.y) / SIZE}%`;
    return html`
      <canvas width=${SIZE} height=${SIZE} tabindex="0" role="application" aria-label=${this.t('pad.label')}
        @pointerdown=${this.begin} @pointermove=${this.move}
        @pointerup=${() => {
          this.from = undefined;
        }} @pointercancel=${() => {
          this.from = undefined;
        }}
        @keydown=${this.key}></canvas>
      ${this.empty ? html`<p aria-hidden="true">${this.t('pad.hint')}</p>` : ''}
      ${pen ? html`<i class=${pen.down ? 'down' : ''} .style=${place}></i>` : ''}`;
  }
}
