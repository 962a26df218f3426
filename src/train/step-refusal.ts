/** `clip.errorIfNonfinite`: an update by gradients that are NaN or infinite is refused, on the GPU and in all counts. */
import { GradloomError } from '../errors';
import type { Plan } from '../graph/runtime/plan';
import { SINGLE } from './step-outputs';
import type { Updater } from './updater';

/** The error of torch.nn.utils.clip_grad_norm_ with error_if_nonfinite. */
export const nonfinite = (norm: number, name = SINGLE) =>
  new GradloomError({
    code: 'diverged',
    op: 'clip',
    argument: name === SINGLE ? 'gradNorm' : `${name}.gradNorm`,
    got: String(norm),
    expected: 'a finite norm of the gradients, which errorIfNonfinite asks for',
    fix: 'Nothing was updated. Lower the learning rate, or look for the first value that is not finite',
  });

/**
 * Notes what updaters count before an update. The function returned reads its norms, and where one is not finite puts the
 * counts of its optimizer back and throws. Undefined where nobody asks for it.
 */
export function refusal(
  updaters: readonly Updater[],
  uncount: () => void,
): ((plan: Plan) => Promise<void>) | undefined {
  if (!updaters.some(({ clip }) => clip.errorIfNonfinite)) return undefined;
  const before = updaters.map(({ progress }) => progress);
  return async (plan) => {
    let error: GradloomError | undefined;
    for (const [i, updater] of updaters.entries()) {
      const output = updaters.length > 1 ? `${updater.name}.gradNorm` : 'gradNorm';
      if (!updater.clip.errorIfNonfinite || !plan.outputNames.includes(output)) continue;
      const [norm] = await plan.read(output);
      if (Number.isFinite(norm)) continue;
      updater.takeProgress(before[i]);
      error ??= nonfinite(norm, updater.name);
    }
    if (!error) return;
    if (updaters.length === 1) uncount();
    throw error;
  };
}
