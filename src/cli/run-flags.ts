/** The flags of `gradloom train` that are about the run's folder, and those that the folder keeps. */
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { GradloomError } from '../errors';
import type { TrainFlags } from './options';
import { RunFolder } from './run-folder';

/** Flags that are about one call of the command: a run that goes on may have others. */
const PER_CALL = ['run', 'resume', 'json', 'browser', 'adapter'] as const;

/**
 * The flags to train with, and the folder of the run: with `--resume` those that it was begun with.
 * Error `argument`: flags that contradict each other or the run.
 */
export function openRun(flags: TrainFlags, command: Command): { flags: TrainFlags; folder?: RunFolder } {
  const refuse = (argument: string, got: string, expected: string) =>
    new GradloomError({ code: 'argument', op: 'train', argument, got, expected });
  const kept = (of: TrainFlags) =>
    Object.fromEntries(
      Object.entries(of).filter(([name]) => !(PER_CALL as readonly string[]).includes(name)),
    );
  if (flags.run !== undefined && flags.resume !== undefined) {
    throw refuse('--resume', `${flags.resume}, with --run ${flags.run}`, 'one of the two');
  }
  if (flags.run !== undefined) {
    return { flags, folder: RunFolder.begin(flags.run, { flags: kept(flags), cwd: process.cwd() }) };
  }
  if (flags.resume === undefined) {
    if (flags.checkpointEvery !== undefined) {
      throw refuse('--checkpoint-every', String(flags.checkpointEvery), '--run with it');
    }
    return { flags };
  }
  const { folder, run } = RunFolder.resume(flags.resume);
  try {
    for (const [name, value] of Object.entries(kept(flags))) {
      if (command.getOptionValueSource(name) !== 'cli' || value === run.flags[name]) continue;
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      throw refuse(flag, String(value), `${run.flags[name] ?? 'nothing'}, with which the run was begun`);
    }
    const now = Object.fromEntries(PER_CALL.map((name) => [name, flags[name as keyof TrainFlags]]));
    if (existsSync(run.cwd)) process.chdir(run.cwd);
    return { flags: { ...run.flags, ...now } as unknown as TrainFlags, folder };
  } catch (error) {
    folder.release();
    throw error;
  }
}
