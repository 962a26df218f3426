/** Which classes of torch.nn exist here, by the names of PyTorch 1.13. */
import { expect, it } from 'vitest';
import * as nn from '../src/nn';
import names from './goldens/fixtures/models/torch-nn.json';

/** Classes without a counterpart, and why. */
const MISSING: [names: RegExp, reason: string][] = [
  [/^Lazy/, 'sizes are given'],
  [/^(Container|RNNBase|RNNCellBase|NLLLoss2d|CrossMapLRN2d)$/, 'bases and deprecated forms'],
  [/^Parameter(List|Dict)$/, 'arrays and records of parameters are found as they are'],
  [/^(DataParallel|SyncBatchNorm)$/, 'one device'],
];

it('has the modules of torch.nn but those listed', () => {
  const missing = names.filter((name) => !(name in nn));
  expect(missing.filter((name) => !MISSING.some(([known]) => known.test(name)))).toEqual([]);
  for (const [known, reason] of MISSING) {
    expect(
      missing.some((name) => known.test(name)),
      reason,
    ).toBe(true);
  }
});
