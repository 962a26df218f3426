// What the command line answers before any browser starts: help, refusals in one line, exit codes.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spawnCli } from './spawn-cli';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gradloom-cli-'));
  writeFileSync(join(cwd, 'broken.json'), '{');
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('gradloom', { timeout: 120_000 }, () => {
  it('runs from any folder and lists its commands', async () => {
    const { exitCode, stdout, stderr } = await spawnCli([], { cwd });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const command of ['train', 'summary', 'check', 'harness', 'info'])
      expect(stdout).toContain(`  ${command} `);
  });

  it.each([
    [['trian'], /^error: unknown command 'trian' \(Did you mean train\?\)$/],
    [['train', 'digits'], /^error: too many arguments for 'train'/],
    [['train', '--epoch', '3'], /^error: unknown option '--epoch' \(Did you mean --epochs\?\)$/],
    [
      ['train', '--epochs', 'many'],
      /^error: option '--epochs <n>' argument 'many' is invalid\. Expected a whole/,
    ],
    [['train', '--model', 'broken.json'], /^error: train: --model is broken\.json, which is no JSON/],
    [['train', '--data', 'no-such-folder'], /^error: .*no-such-folder/],
    [['train', '--browser', '/no/such'], /^error: --browser \/no\/such: no executable file there/],
  ])('refuses %j with one line and exit code 2', async (args, message) => {
    const { exitCode, stdout, stderr } = await spawnCli(args, { cwd });
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it.each([
    [['resnet81'], /summary: model is resnet81; expected mlp, lenet, .*Did you mean resnet18\?$/],
    [['spec.json'], /summary: --input is missing; expected the shape of one input/],
    [['broken.json', '--input', '4'], /summary: model is broken\.json \(.*JSON/],
    [['lenet', '--input', '1,-2'], /argument '1,-2' is invalid\. Expected sizes such as 1,28,28\./],
    [['lenet', '--input', '1,4,4'], /^error: .*2d: /],
  ])('refuses the summary of %j', async (args, message) => {
    const { exitCode, stdout, errors } = await spawnCli(['summary', ...args], { cwd });
    expect(errors.trimEnd()).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  });

  it('summarizes a model, as a table and as JSON', async () => {
    const table = await spawnCli(['summary', 'lenet', '--batch', '64'], { cwd });
    expect(table).toMatchObject({ exitCode: 0, errors: '' });
    expect(table.stdout).toMatch(/3 \(Conv2d\) +\[64, 16, 10, 10\] +2,416 +241,600 +14×14/);
    writeFileSync(join(cwd, 'tiny.json'), '[{ "type": "linear", "inFeatures": 4, "outFeatures": 2 }]');
    const { stdout } = await spawnCli(['summary', 'tiny.json', '--input', '4', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      model: 'tiny.json',
      parameters: 10,
      multAdds: 10,
      batchSize: 32,
    });
  });

  it('adds the error as a JSON line for programs', async () => {
    const { exitCode, stdout } = await spawnCli(['train', '--json', '--model', 'broken.json'], { cwd });
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'spec' });
  });
});
