// The command line for real: a headless browser trains, Ctrl-C saves, and what fails says so in one line.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findBrowser } from '../src/cli/browser.mjs';
import { spawnCli } from '../src/cli/spawn-cli';
import { readSafetensors, writeSafetensors } from '../src/io/safetensors';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gradloom-e2e-'));
  // Three classes on a line, apart enough that a small network separates them.
  const rows = Array.from({ length: 150 }, (_, i) => `${(i % 3) * 10 + (i % 7)},${i % 5},class ${i % 3}`);
  writeFileSync(join(cwd, 'table.csv'), `${rows.join('\n')}\n`);
});
afterAll(() => rmSync(cwd, { recursive: true }));

const tableFlags = ['train', '--data', 'table.csv', '--epochs', '20', '--batch-size', '16', '--lr', '0.01'];

function jsonLines(text: string): { event: string; [key: string]: unknown }[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('gradloom train', () => {
  it('trains on a table and writes weights that the same seed gives again', async () => {
    const first = await spawnCli([...tableFlags, '--json', '--out', 'first.safetensors'], { cwd });
    expect({ exitCode: first.exitCode, errors: first.errors }).toEqual({ exitCode: 0, errors: '' });
    const events = jsonLines(first.stdout);
    expect(events[0]).toMatchObject({ event: 'start', trainExamples: 120, testExamples: 30, classes: 3 });
    const steps = events.filter(({ event }) => event === 'step');
    expect(steps.map(({ step }) => step)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect(events.filter(({ event }) => event === 'epoch')).toHaveLength(20);
    const out = join(cwd, 'first.safetensors');
    expect(events.at(-1)).toMatchObject({ event: 'result', interrupted: false, steps: 160, out });
    expect(events.at(-1)?.testAccuracy).toBeGreaterThan(0.9);

    const { tensors } = readSafetensors(readFileSync(out));
    const size = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
    expect(size).toBe(events[0].parameters);

    const again = await spawnCli([...tableFlags, '--out', 'again.safetensors'], { cwd });
    expect(again.exitCode).toBe(0);
    expect(again.stdout).toMatch(/Test loss [\d.]+ {2}accuracy \d+\.\d\d% after 160 steps/);
    expect(again.stdout.trimEnd().split('\n').at(-1)).toMatch(
      /^Weights: .*again\.safetensors \([\d,]+ bytes\)$/,
    );
    expect(readFileSync(join(cwd, 'again.safetensors')).equals(readFileSync(out))).toBe(true);
  });

  it('takes photographs in a folder per class, which the browser decodes, and augments them', async () => {
    // Red and blue, 8x8, without a color profile.
    const start =
      '/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAFA3PEY8MlBGQUZaVVBfeMiCeG5uePWvuZHI///////////////////////////////////' +
      '/////////////////2wBDAVVaWnhpeOuCguv/////////////////////////////////////////////////////////////////////' +
      '////wAARCAAIAAgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAP/xAAUEAEAAAAAAAAAAAAAAAAAAAAA/8Q';
    const ends = {
      red: 'AFAEBAAAAAAAAAAAAAAAAAAAAA//EABQRAQAAAAAAAAAAAAAAAAAAAAD/2gAMAwEAAhEDEQA/AJgDO//Z',
      blue: 'AFQEBAQAAAAAAAAAAAAAAAAAAAgT/xAAUEQEAAAAAAAAAAAAAAAAAAAAA/9oADAMBAAIRAxEAPwCACgH/2Q==',
    };
    for (const [color, end] of Object.entries(ends)) {
      for (const part of ['train', 'val']) {
        mkdirSync(join(cwd, 'photos', part, color), { recursive: true });
        for (let i = 0; i < 8; i++)
          writeFileSync(join(cwd, 'photos', part, color, `${i}.jpg`), Buffer.from(start + end, 'base64'));
      }
    }
    const flags = ['train', '--data', 'photos', '--image-size', '12', '--epochs', '8', '--json'];
    const { exitCode, errors, stdout } = await spawnCli([...flags, '--augment', 'randomHorizontalFlip'], {
      cwd,
    });
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors: '' });
    const events = jsonLines(stdout);
    expect(events[0]).toMatchObject({ trainExamples: 16, testExamples: 16, classes: 2 });
    expect(events.at(-1)).toMatchObject({ event: 'result', testAccuracy: 1 });
    const wrong = await spawnCli([...flags, '--augment', 'randomFlip'], { cwd });
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stdout + wrong.stderr).toMatch(/randomFlip.*randomHorizontalFlip/);
  });

  it('ends with code 3 when a loss is NaN, and leaves the weights that are there', async () => {
    const out = join(cwd, 'good.safetensors');
    const good = writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } });
    writeFileSync(out, good);
    const flags = [...tableFlags, '--optimizer', 'sgd', '--lr', '1e30', '--out', out, '--json'];
    const { exitCode, stdout, errors } = await spawnCli(flags, { cwd });
    expect(exitCode).toBe(3);
    expect(errors).toMatch(
      /^error: train: the loss of step \d+ is (NaN|-?Infinity); [^\n]+--lr is 1e\+30[^\n]+\n$/,
    );
    expect(jsonLines(stdout).at(-1)).toMatchObject({ event: 'error', code: 'diverged' });
    expect(readFileSync(out).equals(good)).toBe(true);
  });

  it('never writes over its data', async () => {
    const before = readFileSync(join(cwd, 'table.csv'));
    symlinkSync(join(cwd, 'table.csv'), join(cwd, 'link'));
    for (const out of ['table.csv', 'link', './table.csv']) {
      const { exitCode, errors } = await spawnCli([...tableFlags, '--out', out], { cwd });
      expect(exitCode).toBe(2);
      expect(errors).toMatch(/^error: train: --out is .*, the same file as table\.csv, which is read/);
    }
    expect(readFileSync(join(cwd, 'table.csv')).equals(before)).toBe(true);
  });

  it('stops on Ctrl-C and saves what LeNet has learned', async () => {
    let signalled = false;
    const { exitCode, stdout } = await spawnCli(['train', '--epochs', '50', '--json'], {
      cwd,
      onOutput(text, child) {
        if (signalled || !text.includes('"event":"step"')) return;
        signalled = true;
        child.kill('SIGINT');
      },
    });
    expect(exitCode).toBe(130);
    const result = jsonLines(stdout).at(-1);
    expect(result).toMatchObject({ event: 'result', interrupted: true });
    expect(result?.steps).toBeGreaterThan(0);
    const { tensors } = readSafetensors(readFileSync(join(cwd, 'gradloom-lenet.safetensors')));
    for (const { data } of Object.values(tensors)) expect(data.every(Number.isFinite)).toBe(true);
  });

  it('passes on what the library says of a bad spec, of data that does not fit and of too large a batch', async () => {
    writeFileSync(join(cwd, 'bad.json'), JSON.stringify([{ type: 'liner', inFeatures: 2, outFeatures: 3 }]));
    for (const flags of [
      ['--model', 'bad.json'],
      ['--model', 'lenet'],
      ['--batch-size', '121'],
    ]) {
      const { exitCode, stdout, errors } = await spawnCli([...tableFlags, ...flags], { cwd });
      expect({ flags, exitCode }).toEqual({ flags, exitCode: 2 });
      expect(stdout).not.toContain('Weights');
      expect(errors).toMatch(/^error: [^\n]+\n$/);
    }
    expect(existsSync(join(cwd, 'gradloom-bad.safetensors'))).toBe(false);
  });

  it.runIf(process.platform !== 'win32')(
    'says what to install when the browser has no WebGPU adapter',
    async () => {
      const browser = join(cwd, 'browser-without-webgpu');
      writeFileSync(
        browser,
        `#!/bin/bash
for flag in "$@"; do
  case "$flag" in --enable-unsafe-webgpu | --use-webgpu-adapter=*) ;; *) kept+=("$flag") ;; esac
done
exec '${findBrowser()?.executablePath}' "\${kept[@]}" --disable-gpu --disable-software-rasterizer
`,
      );
      chmodSync(browser, 0o755);
      const { exitCode, stdout, errors } = await spawnCli([...tableFlags, '--browser', browser], { cwd });
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
      expect(errors).toMatch(/^error: browser: .* has no WebGPU adapter\. Install [^\n]+\n$/);
    },
  );
});

describe('gradloom predict and evaluate', () => {
  it('go on from weights that were trained on a table with names', async () => {
    const rows = Array.from({ length: 90 }, (_, i) => `${2000 + (i % 3)},${(i % 3) * 10 + (i % 7)},${i % 5}`);
    writeFileSync(join(cwd, 'years.csv'), `year,size,width\n${rows.join('\n')}\n`);
    const flags = ['--data', 'years.csv', '--label', 'year', '--epochs', '20', '--lr', '0.01'];
    const trained = await spawnCli(['train', ...flags, '--out', 'years.safetensors'], { cwd });
    expect({ exitCode: trained.exitCode, errors: trained.errors }).toEqual({ exitCode: 0, errors: '' });
    expect(trained.stdout).toContain('Label: column 1, year (as told), 3 classes: 2000, 2001, 2002\n');

    const evaluated = await spawnCli(['evaluate', 'years.safetensors', '--data', 'years.csv', '--json'], {
      cwd,
    });
    expect({ exitCode: evaluated.exitCode, errors: evaluated.errors }).toEqual({ exitCode: 0, errors: '' });
    const [evaluation] = jsonLines(evaluated.stdout);
    expect(evaluation).toMatchObject({ event: 'evaluation', examples: 90 });
    expect(evaluation.accuracy).toBeGreaterThan(0.9);

    // Other columns, another order, and no labels.
    writeFileSync(join(cwd, 'new.csv'), 'id,width,size\n7,2,3\n8,2,13\n9,2,23\n');
    const predicted = await spawnCli(
      ['predict', 'years.safetensors', '--data', 'new.csv', '--out', 'said.csv'],
      { cwd },
    );
    expect({ exitCode: predicted.exitCode, errors: predicted.errors }).toEqual({ exitCode: 0, errors: '' });
    const lines = readFileSync(join(cwd, 'said.csv'), 'utf8').trimEnd().split('\n');
    expect(lines[0]).toBe('prediction,probability of 2000,probability of 2001,probability of 2002');
    expect(lines.slice(1).map((line) => line.split(',')[0])).toEqual(['2000', '2001', '2002']);

    const over = await spawnCli(['predict', 'years.safetensors', '--data', 'new.csv', '--out', 'new.csv'], {
      cwd,
    });
    expect([over.exitCode, over.errors]).toEqual([
      2,
      expect.stringMatching(/^error: predict: --out is .*new\.csv/),
    ]);
  });

  it('know the unit of numbers that were trained on, from 40 rows', async () => {
    const value = (i: number) => 1000 + 50 * ((i * 7) % 40);
    const rows = Array.from({ length: 40 }, (_, i) => `${(i * 7) % 40};${i % 3},5;${value(i)},25`);
    writeFileSync(join(cwd, 'prices.csv'), `${rows.join('\r\n')}\r\n`);
    const flags = ['--data', 'prices.csv', '--epochs', '150', '--lr', '0.01', '--json'];
    const trained = await spawnCli(['train', ...flags, '--out', 'prices.safetensors'], { cwd });
    expect({ exitCode: trained.exitCode, errors: trained.errors }).toEqual({ exitCode: 0, errors: '' });
    const events = jsonLines(trained.stdout);
    expect(events[0]).toMatchObject({ event: 'start', batchSize: 32, trainExamples: 32 });
    expect(events.at(-1)?.testRmse).toBeLessThan(100);
    const { stdout } = await spawnCli(['predict', 'prices.safetensors', '--data', 'prices.csv', '--json'], {
      cwd,
    });
    for (const [i, { prediction }] of jsonLines(stdout).entries()) {
      expect(Math.abs((prediction as number) - value(i))).toBeLessThan(300);
    }
  });
});

describe('gradloom search', () => {
  it('tries settings, shows the best, and goes on where it was', async () => {
    const config = {
      model: {
        type: 'sequential',
        layers: [
          { type: 'linear', inFeatures: 2, outFeatures: '$hidden' },
          { type: 'relu' },
          { type: 'linear', inFeatures: '$hidden', outFeatures: 3 },
        ],
      },
      optimizer: { type: 'adam', lr: '$lr' },
      batchSize: 16,
      epochs: 8,
      space: { hidden: [8], lr: [1e-6, 0.02] },
      strategy: { type: 'grid' },
    };
    writeFileSync(join(cwd, 'search.json'), JSON.stringify(config));
    const flags = ['search', 'search.json', '--data', 'table.csv', '--json', '--out', 'results.json'];
    const first = await spawnCli(flags, { cwd });
    expect({ exitCode: first.exitCode, errors: first.errors }).toEqual({ exitCode: 0, errors: '' });
    const events = jsonLines(first.stdout);
    expect(events.map(({ event }) => event)).toEqual(['trial', 'trial', 'result']);
    const [slow, fast, result] = events;
    expect(Number(fast.value)).toBeGreaterThan(Number(slow.value));
    expect(result.config).toMatchObject({ optimizer: { type: 'adam', lr: 0.02 }, epochs: 8 });
    const kept = readFileSync(join(cwd, 'results.json'), 'utf8');
    const again = jsonLines((await spawnCli(flags, { cwd })).stdout);
    expect(again.map(({ event }) => event)).toEqual(['result']);
    expect(again[0].best).toEqual(result.best);
    writeFileSync(join(cwd, 'search.json'), JSON.stringify({ ...config, epochs: 9 }));
    const other = await spawnCli(flags, { cwd });
    expect(other.exitCode).toBe(2);
    expect(other.errors).toMatch(/store is the results of a search with about/);
    expect(readFileSync(join(cwd, 'results.json'), 'utf8')).toBe(kept);
  });

  it('refuses names that the space lacks, and settings that nothing uses', async () => {
    const refuse = async (config: object, message: RegExp) => {
      writeFileSync(join(cwd, 'bad.json'), JSON.stringify(config));
      const { exitCode, errors } = await spawnCli(['search', 'bad.json', '--data', 'table.csv'], { cwd });
      expect({ exitCode, errors }).toEqual({ exitCode: 2, errors: expect.stringMatching(message) });
    };
    const strategy = { type: 'random', trials: 2 };
    await refuse(
      { optimizer: { type: 'adam', lr: '$rate' }, space: { lr: [1] }, strategy },
      /no rate.*\$rate/,
    );
    await refuse({ space: { lr: [1] }, strategy }, /space.lr is a setting that nothing uses/);
    await refuse({ spaces: {}, strategy }, /Did you mean space/);
  });
});

describe('gradloom harness', () => {
  it('prints the URL of the page as its last line and serves it', async () => {
    let status: Promise<number> | undefined;
    const { stdout } = await spawnCli(['harness'], {
      cwd,
      onOutput(text, child) {
        const url = text.trimEnd().split('\n').at(-1) ?? '';
        status ??= fetch(url).then((response) => response.status);
        status.finally(() => child.kill()).catch(() => {});
      },
    });
    expect(stdout.trimEnd()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/e2e\/harness\.html$/);
    expect(await status).toBe(200);
  });
});

describe('gradloom check', () => {
  it('compares an op with its reference in the browser', async () => {
    const { exitCode, stdout, errors } = await spawnCli(
      ['check', '--filter', 'relu', '--report', 'device.json'],
      { cwd },
    );
    expect({ exitCode, errors }).toEqual({
      exitCode: 0,
      errors: expect.stringMatching(/^Report of this device: .*device\.json\n$/),
    });
    expect(stdout).toMatch(/^[1-9]\d* passed, 0 failed on .+\n$/);
    const { format, failed, ops } = JSON.parse(readFileSync(join(cwd, 'device.json'), 'utf8'));
    expect({ format, failed }).toEqual({ format: 'gradloom-device-report', failed: 0 });
    expect(ops.map(({ op }: { op: string }) => op)).toContain('relu');
  });

  it('refuses a filter that matches nothing', async () => {
    const { exitCode, errors } = await spawnCli(['check', '--filter', 'no-such-op'], { cwd });
    expect(exitCode).toBe(2);
    expect(errors).toMatch(/^error: check: --filter is no-such-op; [^\n]+\n$/);
  });
});
