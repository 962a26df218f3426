/** Data sets less a fraction that is held out. */
import { TokenWindows } from '../data/text/windows';
import type { TrainingData } from './types';

export class DataSplits {
  private readonly splits = new WeakMap<TrainingData, Map<number, [TrainingData, TrainingData]>>();

  /** @param seed decides which samples are held out; of a text it is the end */
  constructor(private readonly seed: number) {}

  /** The data less a fraction, and that fraction; the same two for the same fraction, so that they are uploaded once. */
  of(data: TrainingData, fraction: number): [TrainingData, TrainingData] {
    const known = this.splits.get(data) ?? new Map<number, [TrainingData, TrainingData]>();
    this.splits.set(data, known);
    let parts = known.get(fraction);
    if (!parts) {
      parts = data instanceof TokenWindows ? data.split(fraction) : data.split(fraction, this.seed);
      known.set(fraction, parts);
    }
    return parts;
  }
}
