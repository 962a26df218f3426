/** Weights of epochs as files, as keras.callbacks.ModelCheckpoint. */
import { GradloomError } from '../../errors';
import { parseAttrs } from '../../graph/ir/op';
import { writeSafetensors } from '../../io/safetensors';
import * as z from '../../schema';
import type { Callback, EpochInfo } from '../types';
import { metricOf } from './monitor';

const schema = z.strictObject({
  filepath: z.string().default('epoch-{epoch}.safetensors'),
  monitor: z.string().optional(),
  mode: z.enum(['min', 'max']).optional(),
  saveBestOnly: z.boolean().default(false),
  saveWeightsOnly: z.boolean().default(true),
  saveFreq: z.int().min(1).default(1),
  averaged: z.boolean().default(false),
});

export type ModelCheckpointOptions = z.input<typeof schema> & {
  /** Keeps the bytes of a file under its name, and may return a promise. A `CheckpointStore` has such a function. */
  write(name: string, bytes: Uint8Array<ArrayBuffer>): unknown;
};

/**
 * Writes the weights at the end of every `saveFreq`-th epoch, as safetensors; with `saveWeightsOnly: false` whole checkpoints, with
 * `averaged` the averages of the weights. `{epoch}` (from 1) and metrics such as `{validationLoss}` in the name are filled in. With
 * `saveBestOnly` only where `monitor` (default: the validation loss, or the loss) is better than in all epochs before.
 * @throws GradloomError `argument` for unknown options, and where there is no such metric.
 */
export function modelCheckpoint({ write, ...given }: ModelCheckpointOptions): Callback {
  const options = parseAttrs('modelCheckpoint', schema, given);
  const { filepath, monitor, saveBestOnly, saveWeightsOnly, saveFreq, averaged } = options;
  const fail = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: 'modelCheckpoint', argument, got, expected });
  if (typeof write !== 'function') throw fail('write', String(write), 'a function (name, bytes)');
  if (averaged && !saveWeightsOnly) throw fail('averaged', 'true, for whole checkpoints', 'saveWeightsOnly');
  const { mode = /accuracy$/i.test(monitor ?? '') ? 'max' : 'min' } = options;
  let best: number | null = null;
  const isBetter = (value: number) =>
    !Number.isNaN(value) && (best === null || (mode === 'min' ? value < best : value > best));
  return {
    name: 'modelCheckpoint',
    async onEpochEnd(info, { trainer }) {
      if ((info.epoch + 1) % saveFreq !== 0) return;
      if (saveBestOnly) {
        const value = metricOf('modelCheckpoint', info, monitor);
        if (!isBetter(value)) return;
        best = value;
      }
      const bytes = saveWeightsOnly
        ? writeSafetensors(await trainer.stateDict({ averaged }))
        : await trainer.checkpoint();
      await write(nameOf(filepath, info), bytes);
    },
    save: () => ({ values: { best } }),
    load({ values }) {
      best = (values as { best: number | null }).best;
    },
  };
}

/** @throws GradloomError `argument` for names in braces that are no metric of the epoch. */
function nameOf(filepath: string, info: EpochInfo): string {
  return filepath.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (name === 'epoch') return String(info.epoch + 1).padStart(3, '0');
    return metricOf('modelCheckpoint', info, name).toPrecision(4);
  });
}
