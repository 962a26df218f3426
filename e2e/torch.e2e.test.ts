/**
 * Runs that go to PyTorch as users take them there: `gradloom export torch` and `--resume`, a worker that is killed under
 * torchrun, and the digits demo. Needs PyTorch (Debian: python3-torch).
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../src/cli/launch';
import { startPageServer } from '../src/cli/server';
import { spawnCli } from '../src/cli/spawn-cli';
import { readSafetensors, writeSafetensors } from '../src/io/safetensors';
import { readZip, unpackEntry } from '../src/io/zip';
import { PYTHON, TORCHRUN } from './torch/python';

const run = promisify(execFile);
const env = { ...process.env, OMP_NUM_THREADS: '1', PYTHONDONTWRITEBYTECODE: '1' };
let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'gradloom-torch-'));
});
afterAll(() => rmSync(root, { recursive: true }));

/** The worst difference of two files of weights, relative to the largest weight. */
function difference(a: Uint8Array, b: Uint8Array): number {
  const [one, other] = [readSafetensors(a).tensors, readSafetensors(b).tensors];
  const names = Object.keys(one).filter((name) => !name.startsWith('@'));
  return Math.max(
    ...names.map((name) => {
      const { data } = one[name];
      const largest = data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-6);
      return data.reduce((worst, x, i) => Math.max(worst, Math.abs(x - other[name].data[i])), 0) / largest;
    }),
  );
}

const lossIn = (text: string) => Number(/last loss (\S+)/.exec(text)![1]);

describe('gradloom export torch', { timeout: 300_000 }, () => {
  const flags = [
    'train',
    '--data',
    'table.csv',
    '--epochs',
    '12',
    '--batch-size',
    '16',
    '--schedule',
    'cosine',
  ];
  const python = (...args: string[]) => run(PYTHON, args, { cwd: join(root, 'out'), env });
  beforeAll(() => {
    const rows = Array.from({ length: 150 }, (_, i) => `${(i % 3) * 10 + (i % 7)},${i % 5},class ${i % 3}`);
    writeFileSync(join(root, 'table.csv'), `${rows.join('\n')}\n`);
  });

  it('takes a run to PyTorch in the midst of it, and back', async () => {
    const whole = await spawnCli([...flags, '--json', '--out', 'whole.safetensors'], { cwd: root });
    expect({ exitCode: whole.exitCode, errors: whole.errors }).toEqual({ exitCode: 0, errors: '' });
    const begin = [
      ...flags,
      '--out',
      'parts.safetensors',
      '--run',
      'run',
      '--checkpoint-every',
      '7',
      '--json',
    ];
    await spawnCli(begin, {
      cwd: root,
      onOutput: (text, child) => void (/"step":40,/.test(text) && child.kill('SIGKILL')),
    });
    const exported = await spawnCli(['export', 'torch', 'run', 'out', '--json'], { cwd: root });
    expect({ exitCode: exported.exitCode, errors: exported.errors }).toEqual({ exitCode: 0, errors: '' });
    expect((await python('check.py')).stdout).toMatch(/^The next 10 losses agree/);
    expect((await python('train.py', '--steps', '30', '--checkpoints', '../run')).stdout).toMatch(
      /last loss/,
    );
    const back = await spawnCli(['train', '--resume', 'run', '--json'], { cwd: root });
    expect({ exitCode: back.exitCode, errors: back.errors }).toEqual({ exitCode: 0, errors: '' });
    const files = ['whole', 'parts'].map((name) => readFileSync(join(root, `${name}.safetensors`)));
    expect(difference(files[0], files[1])).toBeLessThan(1e-4);
  });

  it('says what is wrong', async () => {
    const refused = async (...args: string[]) => (await spawnCli(['export', ...args], { cwd: root })).errors;
    expect(await refused('torhc', 'run', 'other')).toContain('Did you mean torch?');
    expect(await refused('torch', 'run', 'out')).toContain('out, which holds files');
    expect(await refused('torch', 'nowhere', 'other')).toContain('in which no run was begun');
    const changed = join(root, 'out', 'model.safetensors');
    const bytes = readFileSync(changed);
    const { tensors } = readSafetensors(bytes);
    for (const { data } of Object.values(tensors)) data.forEach((x, k) => void (data[k] = 1.1 * x));
    writeFileSync(changed, writeSafetensors(tensors));
    const found = await python('check.py').catch((error) => error);
    expect(found.code).toBe(1);
    expect(found.stdout).toMatch(/differ by[\s\S]*in the run:[\s\S]*here:/);
    writeFileSync(changed, bytes);
  });

  it('goes on when a worker is killed', async () => {
    const steps = ['--steps', '300', '--every', '20', '--log', '1'];
    const alone = lossIn((await python('train.py', ...steps, '--checkpoints', 'alone')).stdout);
    const args = [
      ...TORCHRUN,
      '--nproc_per_node=2',
      '--max_restarts=2',
      'train.py',
      ...steps,
      '--checkpoints',
      'killed',
    ];
    const agent = spawn(PYTHON, args, { cwd: join(root, 'out'), env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [text, errors, kills] = ['', '', 0];
    agent.stderr.on('data', (part) => void (errors += part));
    agent.stdout.on('data', (part) => {
      text += part;
      if (kills > 0 || !/step 1[0-9][0-9] /.test(text)) return;
      kills++;
      const children = readFileSync(`/proc/${agent.pid}/task/${agent.pid}/children`, 'utf8')
        .trim()
        .split(' ');
      process.kill(Number(children[0]), 'SIGKILL');
    });
    const exitCode = await new Promise((resolve) => agent.on('close', resolve));
    expect({ exitCode, kills }, errors).toEqual({ exitCode: 0, kills: 1 });
    expect(Math.abs(lossIn(text) - alone) / alone).toBeLessThan(1e-4);
    const newest = (folder: string) => {
      const files = readdirSync(join(root, 'out', folder)).filter((name) => name.startsWith('step-'));
      return readFileSync(join(root, 'out', folder, files.sort().at(-1)!));
    };
    expect(difference(newest('killed'), newest('alone'))).toBeLessThan(1e-4);
  });
});

describe('the digits demo', { timeout: 300_000 }, () => {
  it('exports its run, and goes on with the one that PyTorch hands back', async () => {
    const [{ browser }, server] = await Promise.all([launchBrowser(), startPageServer()]);
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(120_000);
      await page.goto(`${server.url}/demos/digits/?train=200&test=50`);
      const ready = () => page.waitForSelector('#app[data-phase=ready]');
      await ready();
      await page.selectOption('#batch', '16');
      await page.click('#train');
      await page.waitForFunction(() => Number(document.querySelector('#epoch')?.textContent) > 0.3);
      await page.click('#train');
      await ready();
      await page.click('#files summary');
      const [download] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
      await ready();
      expect(download.suggestedFilename()).toBe('gradloom-lenet-torch.zip');
      const folder = mkdtempSync(join(root, 'demo-'));
      const refuse = (got: string) => new Error(got);
      for (const [name, entry] of readZip(readFileSync(await download.path()), refuse))
        writeFileSync(join(folder, name), await unpackEntry(entry, refuse));
      const options = { cwd: folder, env };
      expect((await run(PYTHON, ['check.py'], options)).stdout).toMatch(/^The next 10 losses agree/);
      await run(PYTHON, ['train.py', '--steps', '5'], options);
      const [checkpoint] = readdirSync(join(folder, 'checkpoints')).filter((name) =>
        name.startsWith('step-'),
      );
      await page.setInputFiles('#load', join(folder, 'checkpoints', checkpoint));
      await page.waitForFunction(() =>
        /goes on with the run/.test(document.querySelector('#status')?.textContent ?? ''),
      );
      await page.click('#train');
      await page.waitForSelector('#app[data-phase=training]');
      await page.click('#train');
      await ready();
      expect(await page.textContent('#status')).toMatch(/^Paused after/);
    } finally {
      await browser.close();
      await server.close();
    }
  });
});
