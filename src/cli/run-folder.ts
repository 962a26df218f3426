/**
 * The folder of a run that outlives its process: the flags that it was begun with, its checkpoints, and a lock that says
 * which process works in it. Files are replaced as a whole, so that a process killed at any moment leaves sound ones.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { GradloomError, showValue } from '../errors';
import type { CheckpointStore } from '../train/checkpoint/options';
import { writeAtomically } from './write-file';

const FLAGS = 'run.json';
const LOCK = 'lock.json';
/** Held while a lock whose process is gone is replaced. */
const TAKEOVER = 'lock.takeover';
/** A takeover takes milliseconds: one older than this was killed in the midst of it. */
const TAKEOVER_MS = 10_000;

/** What a run was begun with. */
export interface SavedRun {
  flags: Record<string, unknown>;
  /** The folder in which relative paths in the flags begin. */
  cwd: string;
}

/** Checkpoints in a folder of the disk. */
export function diskStore(folder: string): CheckpointStore {
  const isName = (name: string) => /^[\w-][\w.-]*$/.test(name);
  const pathOf = (name: string) => {
    if (isName(name)) return join(folder, name);
    const expected = 'letters, digits, dots and dashes';
    throw new GradloomError({
      code: 'argument',
      op: 'checkpoint',
      argument: 'name',
      got: showValue(name),
      expected,
    });
  };
  return {
    list: async () => readdirSync(folder).filter((name) => name.endsWith('.safetensors')),
    read: async (name) => new Uint8Array(await readFile(pathOf(name))),
    async write(name, bytes) {
      writeAtomically(pathOf(name), bytes);
      syncFolder(folder);
    },
    remove: async (name) => rmSync(pathOf(name), { force: true }),
  };
}

/** Makes renames in a folder last, where the system can. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    // Some file systems do not take it.
    try {
      fsyncSync(handle);
    } catch {}
  } finally {
    closeSync(handle);
  }
}

export class RunFolder {
  readonly store: CheckpointStore;

  private constructor(
    readonly path: string,
    private readonly op: string,
  ) {
    this.store = diskStore(path);
  }

  /** Begins a run in a folder without one. Error `argument`: there is a run, or another process works there. */
  static begin(path: string, run: SavedRun): RunFolder {
    mkdirSync(path, { recursive: true });
    const folder = new RunFolder(resolve(path), '--run');
    folder.lock();
    try {
      const before = folder.saved();
      if (before && JSON.stringify(before.flags) !== JSON.stringify(run.flags)) {
        throw folder.refuse(
          'in which a run with other flags was begun',
          'a new folder',
          `Go on with it by --resume ${path}`,
        );
      }
      if (before && readdirSync(folder.path).some((name) => name.endsWith('.safetensors'))) {
        throw folder.refuse(
          'in which this run was begun',
          'a new folder',
          `Go on with it by --resume ${path}`,
        );
      }
      writeAtomically(join(folder.path, FLAGS), JSON.stringify(run));
      syncFolder(folder.path);
    } catch (error) {
      folder.release();
      throw error;
    }
    return folder;
  }

  /** The folder of a run that was begun. Error `argument`: there is none, or another process works there. */
  static resume(path: string, op = '--resume'): { folder: RunFolder; run: SavedRun } {
    const folder = new RunFolder(resolve(path), op);
    const nothing = () =>
      folder.refuse('in which no run was begun', 'the folder of --run', `Begin one with --run ${path}`);
    if (!statSync(folder.path, { throwIfNoEntry: false })?.isDirectory()) throw nothing();
    folder.lock();
    try {
      const run = folder.saved();
      if (!run) throw nothing();
      return { folder, run };
    } catch (error) {
      folder.release();
      throw error;
    }
  }

  /** Lets other processes work in the folder. */
  release(): void {
    if (this.holder()?.key === ownKey()) rmSync(join(this.path, LOCK), { force: true });
  }

  private saved(): SavedRun | undefined {
    let text: string;
    try {
      text = readFileSync(join(this.path, FLAGS), 'utf8');
    } catch {
      return undefined;
    }
    try {
      const { flags, cwd } = JSON.parse(text);
      if (typeof flags === 'object' && flags !== null && typeof cwd === 'string') return { flags, cwd };
    } catch {}
    throw this.refuse(`whose ${FLAGS} is damaged`, 'the file as --run wrote it');
  }

  /** Takes the lock; one whose process is gone is replaced. */
  private lock(): void {
    const file = join(this.path, LOCK);
    const text = JSON.stringify({ pid: process.pid, key: ownKey() });
    try {
      writeFileSync(file, text, { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST')
        throw this.refuse(`which cannot be written (${(error as Error).message})`);
      this.takeOver(file, text);
    }
    for (const name of readdirSync(this.path)) {
      if (name.endsWith('.part')) rmSync(join(this.path, name), { force: true });
    }
  }

  private takeOver(file: string, text: string): void {
    const guard = join(this.path, TAKEOVER);
    const age = Date.now() - (statSync(guard, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
    if (age > TAKEOVER_MS) rmSync(guard, { force: true });
    try {
      writeFileSync(guard, '', { flag: 'wx' });
    } catch {
      throw this.refuse('in which another process begins to work');
    }
    try {
      const holder = this.holder();
      if (holder && holder.key === keyOf(holder.pid)) {
        throw this.refuse(`in which process ${holder.pid} works`, 'a folder that no other process uses');
      }
      const part = `${file}.${process.pid}.part`;
      writeFileSync(part, text);
      renameSync(part, file);
    } finally {
      rmSync(guard, { force: true });
    }
  }

  /** Who holds the lock; a file cut short is nobody's. */
  private holder(): { pid: number; key: string } | undefined {
    try {
      const { pid, key } = JSON.parse(readFileSync(join(this.path, LOCK), 'utf8'));
      return Number.isInteger(pid) && typeof key === 'string' ? { pid, key } : undefined;
    } catch {
      return undefined;
    }
  }

  private refuse(got: string, expected?: string, fix?: string): GradloomError {
    return new GradloomError({
      code: 'argument',
      op: 'train',
      argument: this.op,
      got: `${this.path}, ${got}`,
      expected,
      fix,
    });
  }
}

const ownKey = () => keyOf(process.pid);

/** Tells a process from later ones that get its number: when it began. Undefined when there is none. */
function keyOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return undefined;
  }
  try {
    // Field 22 of Linux's /proc/<pid>/stat, behind the name in brackets; state Z is a process that has ended.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return fields[0] === 'Z' ? undefined : `${pid} ${fields[19]}`;
  } catch {}
  try {
    return `${pid} ${execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()}`;
  } catch {
    return String(pid);
  }
}
