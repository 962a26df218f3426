/** What the stored cases of the self-check run, found without a GPU. */
import type { Dispatch } from '../graph/compiler/load-kernels';
import { ops } from '../ops/registry';
import stored from '../ops/self-check.generated.json';
import type { StoredCheck } from '../ops/stored-check';
import { dispatchesOf } from './kernels';
import type { OpCase } from './types';

/** The case that a stored check was made from. */
export const caseOfStored = ({ gradInputs, ...check }: StoredCheck): OpCase => ({
  ...check,
  gradient: gradInputs ? undefined : false,
});

/** Everything that the stored checks of an op launch. */
export const launchesOfStored = (op: string): Dispatch[] =>
  ((stored as unknown as Record<string, StoredCheck[]>)[op] ?? []).flatMap((check) =>
    dispatchesOf(ops.get(op)!, caseOfStored(check)),
  );
