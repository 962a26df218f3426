/** Learning rates over the progress of a run, which may change its mind about them at any time. */
import type { TrainingSettings } from '../recipe';

/** Share of a run in which `warmup` rises. */
const WARM = 0.1;

/** @param progress from 0 to 1 through the epochs of the settings */
export function rateAt(
  { lr, schedule }: Pick<TrainingSettings, 'lr' | 'schedule'>,
  progress: number,
): number {
  const t = Math.min(1, Math.max(0, progress));
  switch (schedule) {
    case 'cosine':
      return (lr / 2) * (1 + Math.cos(Math.PI * t));
    case 'step':
      return lr * 0.1 ** Math.floor(Math.min(0.999, t) * 3);
    case 'warmup':
      return t < WARM
        ? lr * Math.max(0.01, t / WARM)
        : (lr / 2) * (1 + Math.cos((Math.PI * (t - WARM)) / (1 - WARM)));
    default:
      return lr;
  }
}
