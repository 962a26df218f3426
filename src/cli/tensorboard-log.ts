/** Writes what the page tells of a training as an event file of TensorBoard. */
import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { GradloomError } from '../errors';
import { scalarsRecord, versionRecord } from '../train/callbacks/event-file';
import type { TrainEvent } from './protocol';

export class TensorBoardLog {
  private readonly file: string;

  /** Begins a file. Error `argument`: a folder that cannot be written to. */
  constructor(folder: string) {
    const seconds = Date.now() / 1000;
    this.file = join(folder, `events.out.tfevents.${Math.floor(seconds)}.gradloom.${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      appendFileSync(this.file, versionRecord(seconds));
    } catch (error) {
      throw new GradloomError({
        code: 'argument',
        op: 'train',
        argument: '--tensorboard',
        got: `${folder}, which cannot be written to (${(error as Error).message})`,
        expected: 'a folder for event files',
      });
    }
  }

  add(events: readonly TrainEvent[]): void {
    const now = Date.now() / 1000;
    const records = events.flatMap((event) => {
      if (event.event === 'start') return [];
      const { event: kind, epoch, ...rest } = event;
      const step = 'step' in event ? event.step - 1 : epoch - 1;
      const scalars = Object.entries(rest).flatMap(([name, value]) =>
        typeof value === 'number' && name !== 'step' && name !== 'seconds'
          ? [[tagOf(kind, name), value] as const]
          : [],
      );
      return [scalarsRecord(Object.fromEntries(scalars), step, now)];
    });
    if (records.length > 0) appendFileSync(this.file, Buffer.concat(records));
  }
}

/** The tags of the callback `tensorBoard`. */
function tagOf(kind: 'step' | 'epoch', name: string): string {
  const validation = /^validation([A-Z]\w*)$/.exec(name)?.[1];
  if (validation) return `validation/${validation[0].toLowerCase()}${validation.slice(1)}`;
  return `${kind === 'step' ? 'batch' : 'epoch'}/${name}`;
}
