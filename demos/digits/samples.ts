/** The grid of test digits with what the network reads in each; wrong ones are marked with a cross. */
import type { ArrayDataset } from '../../src/data';
import { byId, make } from '../shared/dom';
import { paintGrey } from './grey';
import type { Session } from './session';

/** How many are shown, and among how many mistakes are sought. */
const SHOWN = 40;
const SEARCHED = 500;

/** The tiles of one test set. */
export class Samples {
  private readonly choice = byId<HTMLSelectElement>('shown');
  private readonly place = byId('samples');
  private readonly tiles = new Map<number, { button: HTMLButtonElement; text: HTMLElement }>();

  /**
   * @param data the test set, bytes of 28x28 pixels
   * @param onPick called with the number of the sample that the user chose
   */
  constructor(
    private readonly data: ArrayDataset,
    private readonly classes: readonly string[],
    private readonly onPick: (index: number) => void,
  ) {
    this.arrange(firstOnes(data));
  }

  /** Reads the samples anew with the weights as they are now. */
  async refresh(session: Session): Promise<void> {
    const onlyMistakes = this.choice.value === 'mistakes';
    const count = Math.min(this.data.length, onlyMistakes ? SEARCHED : SHOWN);
    const read = await session.classify(this.data.inputs(0, count), count);
    const wrong = [...read.keys()].filter((i) => read[i] !== this.data.y[i]);
    const indices = onlyMistakes ? wrong.slice(0, SHOWN) : firstOnes(this.data);
    this.arrange(indices);
    for (const index of indices) this.mark(index, read[index]);
    byId('score').textContent = `${count - wrong.length} of ${count} right`;
  }

  /** The 28x28 grey bytes of a sample. */
  pixels(index: number): Uint8Array {
    const { xSize } = this.data;
    return (this.data.x as Uint8Array).subarray(index * xSize, (index + 1) * xSize);
  }

  /** Puts the tiles of these samples in place; those that are there already stay, with the keyboard's focus. */
  private arrange(indices: readonly number[]): void {
    const wanted = indices.map((index) => this.tile(index).button);
    if (
      wanted.length === this.place.children.length &&
      wanted.every((tile, i) => tile === this.place.children[i])
    ) {
      return;
    }
    this.place.replaceChildren(...wanted);
  }

  private tile(index: number) {
    let tile = this.tiles.get(index);
    if (!tile) {
      const canvas = make('canvas', { width: 28, height: 28 });
      paintGrey(canvas, this.pixels(index));
      const text = make('span', {}, '?');
      const button = make('button', { type: 'button', onclick: () => this.onPick(index) }, canvas, text);
      tile = { button, text };
      this.tiles.set(index, tile);
    }
    return tile;
  }

  private mark(index: number, read: number): void {
    const { button, text } = this.tile(index);
    const right = read === this.data.y[index];
    const [shown, label] = [this.classes[read], this.classes[this.data.y[index]]];
    button.className = right ? 'right' : 'wrong';
    text.textContent = right ? shown : `✗ ${shown}`;
    button.setAttribute('aria-label', right ? `${label}, read right` : `${label}, read as ${shown}`);
    button.title = right ? '' : `This is ${label}`;
  }
}

const firstOnes = (data: ArrayDataset) => Array.from({ length: Math.min(SHOWN, data.length) }, (_, i) => i);
