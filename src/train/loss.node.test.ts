/** Losses are found by the names and aliases of their ops, and nothing is missing from the table. */
import { expect, it } from 'vitest';
import { LOSS_ALIASES, LOSS_MODULES, loadLoss, nameOf } from './loss';
import { createLoss, lossOps } from './loss-ops';

it('lists every loss, its aliases and the module that has it', async () => {
  const names = LOSS_MODULES.flatMap((module) => module.names);
  expect([...names].sort()).toEqual(
    lossOps()
      .map(({ name }) => name)
      .sort(),
  );
  const aliases = lossOps().flatMap((op) => op.aliases.map((alias) => [alias, op.name]));
  expect(Object.entries(LOSS_ALIASES)).toEqual(aliases);
  for (const { names, load } of LOSS_MODULES)
    expect(Object.keys(await load())).toEqual(expect.arrayContaining([...names]));
});

it.each([
  ['crossEntropy', 'crossEntropy'],
  ['mse', 'mseLoss'],
  ['bceWithLogits', 'binaryCrossEntropyWithLogits'],
])('%s', async (given, name) => {
  expect(nameOf(given)).toBe(name);
  expect(await loadLoss(given)).toBeTypeOf('function');
  expect(createLoss({ type: given })).toBeTypeOf('function');
});

it('refuses a name at once, and says which one is near', () => {
  for (const make of [loadLoss, createLoss]) {
    expect(() => make('crossEntrpy')).toThrow(/loss: type is "crossEntrpy"; .*Did you mean crossEntropy\?/);
  }
});

it('takes functions as they are', async () => {
  const loss = (output: any) => output;
  expect(await loadLoss(loss)).toBe(loss);
});
