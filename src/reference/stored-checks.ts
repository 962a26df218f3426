/** What the stored cases of the self-check run, found without a GPU. */
import type { Dispatch } from '../graph/compiler/load-kernels';
import { ops } from '../ops/registry';
import { loadChecks } from '../ops/self-checks';
import type { StoredCheck } from '../ops/stored-check';
import { dispatchesOf } from './kernels';
import type { OpCase } from './types';

/** All stored cases, by op. */
export const stored: Record<string, StoredCheck[]> = await loadChecks([...ops.keys()]);

/** The case that a stored check was made from. */
export const caseOfStored = ({ gradInputs, ...check }: StoredCheck): OpCase => ({
  ...check,
  gradient: gradInputs ? undefined : false,
});

/** Everything that the stored checks of an op launch. */
export const launchesOfStored = (op: string): Dispatch[] =>
  (stored[op] ?? []).flatMap((check) => dispatchesOf(ops.get(op)!, caseOfStored(check)));
