// The choice of the adapter with real browsers: a driver that never answers, the memory, and no process left behind.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findBrowser } from '../src/cli/browser.mjs';
import { spawnCli } from '../src/cli/spawn-cli';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-adapter-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** `gradloom info` with a memory and a folder for temporary files of its own. */
async function info(...flags: string[]) {
  const env = { XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder, GRADLOOM_ADAPTER: 'auto' };
  const start = performance.now();
  const run = await spawnCli(['info', '--json', ...flags], { cwd: folder, env });
  return { ...run, seconds: (performance.now() - start) / 1000 };
}

const memory = () =>
  Object.values(JSON.parse(readFileSync(join(folder, 'cache/gradloom/adapters.json'), 'utf8')));

/** Command lines of the running processes that name `folder`, where each browser has its profile. */
function leftOver(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const commands = pids.map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return ''; // it has just ended
    }
  });
  return commands.filter((command) => command.includes(folder));
}

it('takes an adapter at once when told which', async () => {
  const { exitCode, stdout, stderr } = await info('--adapter', 'swiftshader');
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout).adapter).toMatchObject({ architecture: 'swiftshader', software: true });
  expect(stderr).toMatch(/^Starting the browser .* with SwiftShader \.\.\.\n$/);
  expect(existsSync(join(folder, 'cache/gradloom'))).toBe(false);
});

it('refuses what is no adapter, from flag and variable', async () => {
  const flag = await info('--adapter', 'cuda');
  expect(flag.exitCode).toBe(2);
  expect(flag.stderr).toMatch(/^error: option '--adapter <which>' argument 'cuda' is invalid/);
  const variable = await spawnCli(['info'], { env: { GRADLOOM_ADAPTER: 'cuda' } });
  expect(variable.exitCode).toBe(2);
  expect(variable.stderr).toBe(
    'error: browser: GRADLOOM_ADAPTER is cuda; expected auto, hardware, swiftshader\n',
  );
});

describe.runIf(process.platform === 'linux')('with a driver that never answers', () => {
  /** A Chromium that hangs, and does not even end when asked to, unless it is to use SwiftShader. */
  const hanging = () => {
    const path = join(folder, 'chromium-that-hangs');
    const script = `#!/bin/bash
case "$*" in
  *--use-webgpu-adapter=swiftshader*) exec '${findBrowser()?.executablePath}' "$@" ;;
  *) trap '' TERM INT; while :; do sleep 1; done ;;
esac
`;
    writeFileSync(path, script, { mode: 0o755 });
    return path;
  };

  it('takes SwiftShader within seconds, remembers it, and leaves no process', async () => {
    const flags = ['--browser', hanging()];
    const first = await info(...flags);
    expect({ exitCode: first.exitCode, errors: first.errors }).toEqual({
      exitCode: 0,
      errors: expect.stringMatching(/^This machine's own adapter does not answer: taking SwiftShader .*\n$/),
    });
    expect(JSON.parse(first.stdout).adapter.architecture).toBe('swiftshader');
    expect(first.seconds).toBeLessThan(40);
    for (let i = 0; i < 50 && leftOver().length > 0; i++) await sleep(100);
    expect(leftOver()).toEqual([]);

    const again = await info(...flags);
    expect(again.stderr).toMatch(/^Starting the browser .* with SwiftShader, as no other .* \.\.\.\n$/);
    expect(JSON.parse(again.stdout).adapter.architecture).toBe('swiftshader');
    expect(again.seconds).toBeLessThan(first.seconds);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('leaves nothing when %s comes while it waits', async (signal, code) => {
    let sent = false;
    const { exitCode } = await spawnCli(['info', '--adapter', 'hardware', '--browser', hanging()], {
      env: { XDG_CACHE_HOME: join(folder, 'cache'), TMPDIR: folder },
      onNotice(stderr, child) {
        if (sent || !/Starting the browser/.test(stderr)) return;
        sent = true;
        const whenItHangs = setInterval(() => {
          if (!leftOver().some((command) => command.includes('--user-data-dir'))) return;
          clearInterval(whenItHangs);
          child.kill(signal);
        }, 200);
      },
    });
    expect(exitCode).toBe(code);
    for (let i = 0; i < 50 && leftOver().length > 0; i++) await sleep(100);
    expect(leftOver()).toEqual([]);
    expect(readdirSync(folder).filter((name) => name.includes('profile'))).toEqual([]);
  });

  it('answers on this very machine, whatever its drivers, and leaves no process', async () => {
    const { exitCode, stdout } = await info();
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout).adapter.features).toContain('core-features-and-limits');
    for (const entry of memory()) expect(entry).toMatchObject({ version: JSON.parse(stdout).version });
    for (let i = 0; i < 50 && leftOver().length > 0; i++) await sleep(100);
    expect(leftOver()).toEqual([]);
  });
});
