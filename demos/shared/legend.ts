/** The names of curves beside their colours. */
import { byId, make } from './dom';
import { PALETTE } from './line-chart';

/** A name with its colour before it. */
export function named(name: string, index: number): HTMLElement {
  const swatch = make('span', { className: 'swatch' });
  swatch.style.background = PALETTE[index];
  return make('span', {}, swatch, name);
}

export function showLegend(names: readonly string[]): void {
  byId('legend').replaceChildren(...names.map(named));
}
