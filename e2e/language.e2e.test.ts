// The command line on text: trains a GPT and a seq2seq in a headless browser and generates from their weights.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { spawnCli } from '../src/cli/spawn-cli';
import { readSafetensors } from '../src/io/safetensors';

let cwd: string;
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gradloom-language-'));
  writeFileSync(join(cwd, 'text.txt'), 'the cat sat on the mat and the rat sat on the cat.\n'.repeat(60));
});
afterAll(() => rmSync(cwd, { recursive: true }));

const run = (...args: string[]) => spawnCli(args, { cwd });

it('trains a GPT on a text, samples, and goes on from its weights', async () => {
  const trained = await run(
    ...[
      'train',
      '--model',
      'gpt',
      '--data',
      'text.txt',
      '--steps',
      '60',
      '--eval-interval',
      '30',
      '--lr',
      '0.01',
    ],
    ...['--embedding', '32', '--block-size', '32', '--sample', '40', '--prompt', 'the c', '--json'],
  );
  expect({ exitCode: trained.exitCode, errors: trained.errors }).toEqual({ exitCode: 0, errors: '' });
  const events = trained.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const losses = events.filter(({ event }) => event === 'epoch').map(({ validationLoss }) => validationLoss);
  expect(losses).toHaveLength(2);
  expect(losses[1]).toBeLessThan(losses[0]);
  const result = events.at(-1);
  expect(result.sample).toMatch(/^the c[a-z .\n]{40}$/);
  const { metadata } = readSafetensors(readFileSync(join(cwd, 'gradloom-gpt.safetensors')));
  expect(JSON.parse(metadata!.tokenizer).characters).toBe('\n .acdehmnorst');

  const generate = (...flags: string[]) =>
    run('generate', 'gradloom-gpt.safetensors', '--length', '50', ...flags);
  const [first, again, other] = await Promise.all([
    generate('--prompt', 'the rat', '--seed', '4', '--top-k', '5'),
    generate('--prompt', 'the rat', '--seed', '4', '--top-k', '5'),
    generate('--prompt', 'the Rat'),
  ]);
  expect({ exitCode: first.exitCode, errors: first.errors }).toEqual({ exitCode: 0, errors: '' });
  expect(first.stdout).toMatch(/^the rat[a-z .\n]{50}\n$/);
  expect(again.stdout).toBe(first.stdout);
  expect(other.exitCode).toBe(2);
  expect(other.errors).toMatch(/^error: .*character 4 is "R" .* Use "r"\n$/);
});

it('trains a seq2seq on dates and lets it read one', async () => {
  const trained = await run('train', '--data', 'dates', '--steps', '2', '--hidden', '8', '--beams', '2');
  expect({ exitCode: trained.exitCode, errors: trained.errors }).toEqual({ exitCode: 0, errors: '' });
  expect(trained.stdout).toMatch(/Exact match \d+\.\d%/);
  const { exitCode, stdout } = await run(
    ...['generate', 'gradloom-seq2seq.safetensors', '--prompt', 'june 12, 1984', '--length', '4', '--json'],
  );
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    event: 'text',
    prompt: 'june 12, 1984',
    text: expect.any(String),
  });
});
