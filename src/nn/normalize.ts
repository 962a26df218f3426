/** Normalization of inputs as part of a model, so that it travels with the weights. */
import { GradloomError, showValue } from '../errors';
import type { Tensor } from '../graph/ir/graph';
import type { Variable } from '../graph/ir/variable';
import { div, reshape, sub } from '../ops';
import { buffer, Module } from './module';

/**
 * (x - mean) / std of `[N, C, ...]` per channel (tables: per column), or with one number for all: torchvision's Normalize. The
 * statistics are buffers, saved with the weights: a model that begins with this takes plain inputs in `predict`.
 * `new nn.Normalize(train.statistics())`.
 */
export class Normalize extends Module {
  readonly mean: Variable;
  readonly std: Variable;

  /** @throws GradloomError `argument` for lists of different lengths, and deviations that are not above 0. */
  constructor(statistics: { mean: number | readonly number[]; std: number | readonly number[] }) {
    super();
    const [mean, std] = (['mean', 'std'] as const).map((name) => {
      const value = statistics?.[name];
      const list = typeof value === 'number' ? [value] : value;
      const isGood = (entry: unknown) => Number.isFinite(entry) && (name === 'mean' || (entry as number) > 0);
      if (Array.isArray(list) && list.length > 0 && list.every(isGood)) return list as number[];
      const expected = name === 'mean' ? 'numbers, one per channel' : 'numbers above 0, one per channel';
      throw fail(name, showValue(value), expected);
    });
    if (mean.length !== std.length) throw fail('std', `${std.length} numbers`, `${mean.length}, as mean`);
    this.mean = buffer([mean.length], (data) => data.set(mean));
    this.std = buffer([std.length], (data) => data.set(std));
  }

  override forward(x: Tensor): Tensor {
    const channels = this.mean.size;
    if (channels > 1 && x.shape[1] !== channels) {
      throw new GradloomError({
        code: 'shape',
        op: 'Normalize',
        argument: 'x',
        got: `[${x.shape}]`,
        expected: `[N, ${channels}, ...]`,
      });
    }
    const shape = [1, channels, ...new Array<number>(Math.max(0, x.rank - 2)).fill(1)];
    const along = (values: Variable) =>
      channels === 1 ? values : reshape(x.graph.tensor(values), { shape });
    return div(sub(x, along(this.mean)), along(this.std));
  }
}

const fail = (argument: string, got: string, expected: string) =>
  new GradloomError({ code: 'argument', op: 'Normalize', argument, got, expected });
