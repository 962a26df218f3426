/** The self-check of the kernels around the ops: right kernels pass, broken ones are told. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { ArrayDataset } from '../data/dataset';
import type { Device } from '../gpu/device';
import type { KernelDescription } from '../kernels/kernel';
import * as nn from '../nn';
import { type OptimizerSpec, optimizerOptions } from '../optim';
import { allKernels } from '../reference/all-kernels';
import { Trainer } from '../train';
import type { Launch } from './kernel-mode';
import { stateCase } from './state-cases';
import { checkStateKernels } from './state-check';

let device: Device;
beforeAll(async () => {
  device = await testDevice({ selfCheck: false });
});
afterAll(() => device.destroy());

const AROUND = /^(optimizer|data|metrics)\//;
/** Muon's iteration, augmentation and what is put back after a refused step are checked as a whole, by tests of their own. */
const WITHOUT_CASE = /^optimizer\/(muon|restore)\.|^data\/augment\./;

const launchOf = (kernel: KernelDescription, more: Partial<Launch> = {}): Launch => ({
  kernel,
  constants: {},
  params: {
    ...{ sign: 1, clip_value: 0.15, l2: 0.1, decay: 0.3, eps: 1e-3, p: 3, nesterov: 1, undamped: 0.7 },
    ...{ beta2: 0.8, one_minus_beta2: 0.2, alpha: 0.8, one_minus_alpha: 0.2, rho: 0.8, one_minus_rho: 0.2 },
    ...{ eta_minus: 0.5, eta_plus: 1.2, least: 1e-3, most: 0.9 },
  },
  ...more,
});

const kernels = allKernels.filter(({ file }) => AROUND.test(file));
const problemOf = (launch: Launch) =>
  checkStateKernels(device, [launch]).then(
    () => undefined,
    (error: Error) => error.message,
  );

describe('cases', () => {
  it('exist for every kernel but those listed', () => {
    const missing = kernels.filter((kernel) => !stateCase(launchOf(kernel))).map(({ file }) => file);
    expect(missing.filter((file) => !WITHOUT_CASE.test(file))).toEqual([]);
  });

  it.each(kernels.map((kernel) => [`${kernel.file} ${kernel.variant}`.trim(), kernel] as const))(
    'pass on %s',
    async (_, kernel) => {
      const others: Launch['params'][] = [{}, { nesterov: 0, sign: -1, l2: 0, clip_value: -1 }];
      for (const params of others) {
        const launch = launchOf(kernel);
        expect(await problemOf({ ...launch, params: { ...launch.params, ...params } })).toBeUndefined();
      }
    },
  );
});

/** What a faulty compiler may make of a kernel, whole. */
const FAULTS: [string, RegExp, string][] = [
  [
    'nothing is written',
    /^(\s*\w+)\[([^\]]+(?:\[[^\]]*\])?[^\]]*)\] = ([^;]+);/m,
    '$1[$2] = $1[$2] + 0 * ($3);',
  ],
  ['sums are differences', / \+ (\w+(?:\.\w+)?) \* g\b/, ' - $1 * g'],
  ['the last element is lost', /i < range\.y/, 'i + 1u < range.y'],
  ['the wrong position', /let at = place\(i\);/, 'let at = place(i ^ 1u);'],
  ['no square root', /sqrt\((\w+)\)/, '($1)'],
];

describe('faults', () => {
  const mutants = kernels
    .filter((kernel) => stateCase(launchOf(kernel)))
    .flatMap((kernel) =>
      FAULTS.flatMap(([fault, pattern, by]) => {
        const at = kernel.code.indexOf('@compute');
        const main = kernel.code.slice(at);
        const code = kernel.code.slice(0, at) + main.replace(pattern, by);
        if (code === kernel.code) return [];
        return [{ fault, kernel: { ...kernel, code, variant: `${kernel.variant} ${fault}`.trim() } }];
      }),
    );

  it('are many, of every kind', () => {
    expect(mutants.length).toBeGreaterThan(60);
    expect(new Set(mutants.map(({ fault }) => fault)).size).toBe(FAULTS.length);
  });

  it('are told', async () => {
    const missed: string[] = [];
    for (const { fault, kernel } of mutants) {
      if ((await problemOf(launchOf(kernel))) === undefined)
        missed.push(`${kernel.file} ${kernel.variant}: ${fault}`);
    }
    expect(missed).toEqual([]);
  });
});

it('a trainer refuses an optimizer whose kernel is wrong, and takes all others', async () => {
  const { selfCheck } = await import('./self-check');
  const data = ArrayDataset.fromArrays({
    x: [
      [0, 1],
      [1, 0],
      [1, 1],
      [0, 0],
    ],
    y: [1, 1, 0, 0],
  });
  const train = async (optimizer: OptimizerSpec) => {
    const trainer = new Trainer(device, new nn.Linear(2, 2), {
      loss: 'crossEntropy',
      optimizer,
      clip: { maxNorm: 1 },
    });
    try {
      await trainer.fit(data, { epochs: 1, batchSize: 2 });
    } finally {
      trainer.dispose();
    }
  };
  await selfCheck({ store: false })(device);
  for (const type of Object.keys(optimizerOptions)) {
    if (type !== 'muon') await train({ type, ...(type === 'sgd' && { lr: 0.1 }) } as OptimizerSpec);
  }
  const { pipelines } = device;
  const get = pipelines.get.bind(pipelines);
  pipelines.get = (wanted, ...rest) =>
    wanted.file === 'optimizer/adam.step.wgsl'
      ? get(
          { ...wanted, code: wanted.code.replace('old * keep - ', 'old * keep + '), variant: 'wrong' },
          ...rest,
        )
      : get(wanted, ...rest);
  try {
    await selfCheck({ store: false })(device);
    await expect(train({ type: 'adam' })).rejects.toMatchObject({
      code: 'unsupported',
      op: expect.stringContaining('optimizer/adam.step.wgsl'),
    });
    await train({ type: 'sgd', lr: 0.1 });
  } finally {
    pipelines.get = get;
  }
});
