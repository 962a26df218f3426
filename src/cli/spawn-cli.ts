/** Starts the command line as its users do, in a process of its own. For tests only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { projectRoot } from './setup.mjs';

export interface CliRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** What stderr holds beside the lines that tell what is being waited for. */
  errors: string;
}

export interface SpawnOptions {
  /** The folder to start in. */
  cwd?: string;
  /** Environment variables beside those of this process. */
  env?: Record<string, string>;
  /** Sees all of stdout so far each time something is printed there, and may signal the process. */
  onOutput?(stdout: string, child: ChildProcess): void;
  /** The same for stderr. */
  onNotice?(stderr: string, child: ChildProcess): void;
}

/**
 * Runs `gradloom` with `args` and collects what it prints.
 */
export function spawnCli(
  args: readonly string[],
  { cwd, env, onOutput, onNotice }: SpawnOptions = {},
): Promise<CliRun> {
  const command = [`${projectRoot}/bin/gradloom.mjs`, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
      onOutput?.(stdout, child);
    });
    child.stderr.on('data', (text) => {
      stderr += text;
      onNotice?.(stderr, child);
    });
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({ exitCode, stdout, stderr, errors: stderr.replace(/^.* \.\.\.\n/gm, '') }),
    );
  });
}
