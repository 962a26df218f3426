/** Starts the command line as its users do, in a process of its own. For tests only. */
import { type ChildProcess, spawn } from 'node:child_process';
import { projectRoot } from '../../scripts/setup.mjs';

export interface CliRun {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/**
 * Runs `gradloom` with `args` and collects what it prints.
 * @param options.cwd the folder to start in
 * @param options.onOutput sees all of stdout so far each time something is printed, and may signal the process
 */
export function spawnCli(
  args: readonly string[],
  { cwd, onOutput }: { cwd?: string; onOutput?: (stdout: string, child: ChildProcess) => void } = {},
): Promise<CliRun> {
  const command = [`${projectRoot}/bin/gradloom.mjs`, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, command, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => {
      stdout += text;
      onOutput?.(stdout, child);
    });
    child.stderr.on('data', (text) => (stderr += text));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr }));
  });
}
