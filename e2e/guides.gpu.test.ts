/** The code of README and guides runs as a reader pastes it, on smaller numbers where noted. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformWithOxc } from 'vite';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import * as gradloom from '../src';
import { projectRoot } from '../src/cli/setup.mjs';
import type { Device } from '../src/gpu/device';
import { testDevice } from './support/device';
import { fencesOf, runGuide } from './support/guide';

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const guides = ['README.md', ...readdirSync(`${projectRoot}/docs`).map((name) => `docs/${name}`)].filter(
  (file) => file.endsWith('.md') && fencesOf(read(file)).some(({ language }) => /^[tj]s$/.test(language)),
);

/** Guides whose values a test of their own checks. */
const ELSEWHERE: Record<string, string> = {
  'docs/custom-ops.md': 'src/ops/custom.gpu.test.ts',
  'docs/functions.md': 'src/functions/guide.gpu.test.ts',
  'docs/training-loops.md': 'src/train/train-step.gpu.test.ts',
  'docs/training.md': 'src/train/guide.gpu.test.ts',
};

/** Numbers that would take too long on a CPU adapter. */
const SMALLER: Record<string, [from: string, to: string][]> = {
  'README.md': [
    ['makeDigits()', 'makeDigits({ train: 128, test: 32 })'],
    ['epochs: 3', 'epochs: 1'],
  ],
  'docs/pytorch-weights.md': [['numClasses: 10', 'numClasses: 10, width: 4']],
  'docs/transfer.md': [['numClasses: 3', 'numClasses: 3, width: 4']],
  'docs/generation.md': [
    ['epochs: 4, stepsPerEpoch: 250', 'epochs: 1, stepsPerEpoch: 2'],
    ['validation.spread(256)', 'validation.spread(2)'],
    ['nLayer: 2, nHead: 4, nEmbd: 64', 'nLayer: 1, nHead: 2, nEmbd: 8'],
    ['batchSize: 16', 'batchSize: 2'],
    ['maxNewTokens: 300', 'maxNewTokens: 3'],
  ],
};

/** Files that the code of guides fetches. */
const FILES: Record<string, () => Uint8Array | string> = {
  'shakespeare.txt': () => 'ROMEO: But soft, what light through yonder window breaks? '.repeat(40),
  'checkpoint.pt': () => readFileSync(join(projectRoot, 'e2e/goldens/fixtures/torch-files/checkpoint.pt')),
  'resnet18.safetensors': () => {
    const model = new gradloom.ResNet({ depth: 18, numClasses: 10, width: 4 });
    const zeros = [...model.namedVariables()].map(([name, { shape }]) => {
      const size = shape.reduce((product, n) => product * n, 1);
      return [name, { shape, data: new Float32Array(size).fill(0.01) }] as const;
    });
    return gradloom.writeSafetensors(Object.fromEntries(zeros));
  },
};

/** Why a block does not run here, behind its language: what it leaves out, or the file that it is (of an example, as it is there). */
const NOTE = /^(fragment: \S.*|file: \S+)$/;

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device.destroy());

async function fetchFile(name: string): Promise<Response> {
  return new Response(FILES[name]() as BodyInit);
}

it.each(guides)('%s', async (file) => {
  const text = read(file);
  for (const { language, note, code } of fencesOf(text)) {
    if (!/^[tj]s$/.test(language)) continue;
    if (language === 'js' || note !== '') expect(note).toMatch(NOTE);
    const [, example] = /^file: (examples\/.*)/.exec(note) ?? [];
    if (example) expect(code).toBe(read(`docs/${example}`));
  }
  if (ELSEWHERE[file]) {
    expect(read(ELSEWHERE[file])).toContain(`${file}?raw`);
    return;
  }
  const smaller = (SMALLER[file] ?? []).reduce((code, [from, to]) => {
    expect(code).toContain(from);
    return code.replace(from, to);
  }, text);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  try {
    const given = { device, requestDevice: async () => device, fetch: fetchFile };
    await runGuide(smaller, given, [], async (code) => {
      return (await transformWithOxc(code, `${file}.ts`, { target: 'es2023' })).code;
    });
  } finally {
    log.mockRestore();
  }
});
