/** The pace of a `fit` by its options and by where it runs. */
import type { Device } from '../gpu/device';
import type { Pace } from './pace';
import { pageVisibility } from './page-visibility';
import type { FitOptions } from './types';

/** Milliseconds of GPU work ahead of a page, where it is not told. */
const FRAME_BUDGET = 8;

/** Undefined outside pages unless it is asked for; its code is loaded where there is one. */
export async function paceOf(device: Device, options: FitOptions): Promise<Pace | undefined> {
  const { visibility = pageVisibility(), whenHidden = 'continue' } = options;
  // Kernels on the processor do not keep what draws waiting: browsers draw on other threads.
  const { frameBudget = visibility && !device.isCpu ? FRAME_BUDGET : false } = options;
  if (frameBudget === false && !visibility) return undefined;
  const { Pace } = await import('./pace');
  return new Pace(device, { frameBudget, whenHidden, visibility });
}
