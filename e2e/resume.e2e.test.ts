/**
 * `gradloom train --run`: killed at random moments it goes on with `--resume`, and ends with the weights of an uninterrupted
 * run. GRADLOOM_KILLS=100 kills more often.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnCli } from '../src/cli/spawn-cli';
import { Random } from '../src/random';

const KILLS = Number(process.env.GRADLOOM_KILLS ?? 3);

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gradloom-resume-'));
  const rows = Array.from({ length: 150 }, (_, i) => `${(i % 3) * 10 + (i % 7)},${i % 5},class ${i % 3}`);
  writeFileSync(join(cwd, 'table.csv'), `${rows.join('\n')}\n`);
});
afterAll(() => rmSync(cwd, { recursive: true }));

const flags = [
  'train',
  '--data',
  'table.csv',
  '--epochs',
  '60',
  '--batch-size',
  '16',
  '--validation-split',
  '0.1',
];
const stepsIn = (text: string) =>
  [...text.matchAll(/"event":"step".*?"step":(\d+)/g)].map(([, step]) => Number(step));
const weights = (name: string) => readFileSync(join(cwd, `${name}.safetensors`));

it(`gives the same weights after ${KILLS} kills`, { timeout: 120_000 + 30_000 * KILLS }, async () => {
  const whole = await spawnCli([...flags, '--json', '--out', 'whole.safetensors'], { cwd });
  expect({ exitCode: whole.exitCode, errors: whole.errors }).toEqual({ exitCode: 0, errors: '' });

  const random = new Random(Date.now() % 2 ** 32);
  const begin = [...flags, '--json', '--out', 'parts.safetensors', '--run', 'run', '--checkpoint-every', '7'];
  const resume = ['train', '--resume', 'run', '--json'];
  const seen = new Set<number>();
  for (let kill = 0; kill < KILLS; kill++) {
    // Every other time before training begins or shortly after, else in the midst of it.
    const at = kill % 2 === 0 ? random.integer(100) : -1;
    let kills = 0;
    const begun = existsSync(join(cwd, 'run', 'run.json'));
    const { stdout } = await spawnCli(begun ? resume : begin, {
      cwd,
      onOutput(text, child) {
        if (at < 0 || kills > 0 || (stepsIn(text).at(-1) ?? 0) < at + (seen.size > 0 ? Math.max(...seen) : 0))
          return;
        kills++;
        child.kill('SIGKILL');
      },
      onNotice(_, child) {
        if (at >= 0 || kills > 0) return;
        kills++;
        setTimeout(() => child.kill('SIGKILL'), random.integer(3000));
      },
    });
    for (const step of stepsIn(stdout)) seen.add(step);
  }
  const files = readdirSync(join(cwd, 'run')).filter((name) => name.endsWith('.safetensors'));
  const last = await spawnCli(resume, { cwd });
  expect({ exitCode: last.exitCode, errors: last.errors }).toEqual({ exitCode: 0, errors: '' });
  for (const step of stepsIn(last.stdout)) seen.add(step);
  expect(weights('parts').equals(weights('whole'))).toBe(true);
  // It went on from the newest checkpoint of the run, if one was written before the last kill.
  const newest = Math.max(0, ...files.map((name) => Number(name.match(/\d+/)?.[0] ?? 0)));
  expect(stepsIn(last.stdout)[0] ?? newest + 1).toBeGreaterThan(Math.min(newest, 1) * (newest - 64));
  expect(JSON.parse(last.stdout.trimEnd().split('\n').at(-1)!)).toMatchObject({
    event: 'result',
    steps: 420,
  });
  expect(readdirSync(join(cwd, 'run')).filter((name) => /part|lock/.test(name))).toEqual([]);
});

it('refuses a folder that another process works in, one without a run, and other flags', async () => {
  const run = async (args: string[]) => {
    const { exitCode, errors } = await spawnCli(args, { cwd });
    expect(exitCode).toBe(2);
    return errors;
  };
  expect(await run(['train', '--resume', 'nowhere'])).toMatch(
    /--resume is .*nowhere, in which no run was begun/,
  );
  expect(await run([...flags, '--run', 'run'])).toMatch(
    /in which (a run with other flags|this run) was begun/,
  );
  expect(await run(['train', '--resume', 'run', '--epochs', '3'])).toMatch(/--epochs is 3; expected 60/);
  expect(await run([...flags, '--checkpoint-every', '3'])).toMatch(/--checkpoint-every is 3; expected --run/);
  const messages = new Map<number, string>();
  await spawnCli([...flags, '--json', '--epochs', '3', '--run', 'two', '--out', 'two.safetensors'], {
    cwd,
    async onOutput(text) {
      if (messages.size > 0 || !text.includes('start')) return;
      messages.set(0, '');
      messages.set(1, (await spawnCli(['train', '--resume', 'two'], { cwd })).errors);
    },
  });
  await expect.poll(() => messages.get(1), { timeout: 20_000 }).toMatch(/in which process \d+ works/);
});
