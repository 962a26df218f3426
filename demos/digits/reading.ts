/** What the network makes of one image: the 28x28 pixels that it sees, its verdict, and a bar per class. */
import { byId, make } from '../shared/dom';
import { paintGrey } from './grey';

/** The part of the page beside the drawing. */
export class Reading {
  private readonly bars: { row: HTMLElement; fill: HTMLElement; percent: HTMLElement }[];

  /** @param classes names of the classes, in the order of the probabilities */
  constructor(private readonly classes: readonly string[]) {
    this.bars = classes.map((name) => {
      const fill = make('span', { className: 'fill' });
      const percent = make('span', { className: 'percent' });
      const row = make('li', {}, make('b', {}, name), make('span', { className: 'track' }, fill), percent);
      return { row, fill, percent };
    });
    byId('bars').replaceChildren(...this.bars.map(({ row }) => row));
    this.clear();
  }

  /** Nothing is drawn. */
  clear(): void {
    this.show(new Uint8Array(28 * 28), undefined, 'Draw a digit, or press a test digit.');
  }

  /** Shows an image of 28x28 grey bytes and its probabilities, one per class. */
  present(pixels: Uint8Array, probabilities: Float32Array): void {
    const best = probabilities.indexOf(Math.max(...probabilities));
    const verdict = `It reads ${this.classes[best]}, ${percent(probabilities[best])} sure.`;
    this.show(pixels, probabilities, verdict, best);
  }

  private show(
    pixels: Uint8Array,
    probabilities: Float32Array | undefined,
    verdict: string,
    best = -1,
  ): void {
    paintGrey(byId<HTMLCanvasElement>('seen'), pixels);
    byId('verdict').textContent = verdict;
    this.bars.forEach((bar, i) => {
      const share = probabilities?.[i];
      bar.row.className = i === best ? 'best' : '';
      bar.fill.style.width = `${100 * (share ?? 0)}%`;
      bar.percent.textContent = share === undefined ? '' : percent(share);
      bar.row.dataset.probability = share === undefined ? '' : String(share);
    });
  }
}

const percent = (share: number) => `${(100 * share).toFixed(share > 0.0995 ? 0 : 1)}%`;
