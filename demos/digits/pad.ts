/**
 * The canvas to draw a digit on: with mouse, finger or pen, and with the keyboard (arrows move the pen, Space puts it
 * down or lifts it, Delete clears). Strokes are opaque on a transparent ground, which `toDigitImage` takes as ink.
 */
import type { PixelImage } from '../../src/data';
import { byId } from '../shared/dom';

/** Width of the pen and of one step with the arrow keys, in pixels of the canvas. */
const PEN = 20;
const KEY_STEP = 14;

const ARROWS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

interface Point {
  x: number;
  y: number;
}

/** The drawing: strokes in, pixels out. */
export class DrawingPad {
  private readonly canvas = byId<HTMLCanvasElement>('pad');
  private readonly frame = byId('pad-frame');
  private readonly pen = byId('pen');
  private readonly context = this.canvas.getContext('2d', { willReadFrequently: true })!;
  private last: Point = { x: this.canvas.width / 2, y: this.canvas.height / 2 };
  private penDown = false;
  private empty = true;

  /** @param onChange called after every change of the drawing */
  constructor(private readonly onChange: () => void) {
    const { canvas, frame } = this;
    frame.tabIndex = 0;
    canvas.addEventListener('pointerdown', (event) => this.press(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    frame.addEventListener('keydown', (event) => this.key(event));
    frame.addEventListener('blur', () => (this.pen.hidden = true));
    byId('clear').addEventListener('click', () => this.clear());
  }

  /** What is drawn; undefined while nothing is. */
  get image(): PixelImage | undefined {
    if (this.empty) return undefined;
    return this.context.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  clear(): void {
    this.context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.empty = true;
    this.penDown = false;
    this.changed();
  }

  private press(event: PointerEvent): void {
    // A second finger would tear the stroke.
    if (event.button !== 0 || !event.isPrimary) return;
    // A stroke goes on where the pointer leaves the canvas and comes back.
    this.canvas.setPointerCapture(event.pointerId);
    this.pen.hidden = true;
    this.last = this.pointOf(event);
    this.lineTo(this.last);
  }

  private move(event: PointerEvent): void {
    if (!this.canvas.hasPointerCapture(event.pointerId)) return;
    // Fast strokes come as several points per frame.
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length > 0 ? events : [event]) this.lineTo(this.pointOf(each));
  }

  private key(event: KeyboardEvent): void {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const { width, height } = this.canvas;
      const limit = (value: number, most: number) => Math.max(PEN, Math.min(most - PEN, value));
      const x = limit(this.last.x + KEY_STEP * arrow[0], width);
      const y = limit(this.last.y + KEY_STEP * arrow[1], height);
      if (this.penDown) this.lineTo({ x, y });
      this.last = { x, y };
    } else if (event.key === ' ') {
      this.penDown = !this.penDown;
      if (this.penDown) this.lineTo(this.last);
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
    this.showPen();
  }

  private lineTo(point: Point): void {
    const { context } = this;
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = '#fff';
    context.beginPath();
    context.moveTo(this.last.x, this.last.y);
    // Not quite the same point: canvases leave out lines without length, and a dot should be seen.
    context.lineTo(point.x + 0.01, point.y);
    context.stroke();
    this.last = point;
    this.empty = false;
    this.changed();
  }

  private changed(): void {
    byId('pad-hint').hidden = !this.empty;
    this.onChange();
  }

  private showPen(): void {
    const { width, height } = this.canvas;
    this.pen.style.left = `${(100 * this.last.x) / width}%`;
    this.pen.style.top = `${(100 * this.last.y) / height}%`;
    this.pen.className = this.penDown ? 'down' : '';
    this.pen.hidden = false;
  }

  /** Canvas pixels from the page's: the canvas is shown at any size. */
  private pointOf(event: PointerEvent): Point {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.canvas.height,
    };
  }
}
