/** Checks of the tensors that modules take. */
import { formatShape, GradloomError } from '../errors';
import type { Tensor } from '../graph/ir/graph';

/** Layouts of `[N, C, ...]` with one to three spatial dimensions. */
export const BATCHED = ['[N, C, L]', '[N, C, H, W]', '[N, C, D, H, W]'] as const;

/**
 * Refuses a tensor whose rank is none of those of `layouts`, such as `[N, C, H, W]`.
 * @throws GradloomError `shape`.
 */
export function checkLayout(module: string, x: Tensor, layouts: readonly string[], fix?: string): void {
  const ranks = layouts.map((layout) => layout.split(',').length);
  if (ranks.includes(x.rank)) return;
  throw new GradloomError({
    code: 'shape',
    op: module,
    argument: 'x',
    got: formatShape(x.shape),
    expected: layouts.join(' or '),
    fix,
  });
}
