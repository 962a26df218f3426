/** Every public op by name and alias: what the harness, the op reference, the conformance run and specs read. */
import type { OpInfo } from '../graph/ir/op';
import * as functions from './index';

/** All ops by canonical name. */
export const ops: ReadonlyMap<string, OpInfo> = new Map(
  Object.values<unknown>(functions)
    .filter((value): value is { info: OpInfo } => typeof value === 'function' && 'info' in value)
    .map(({ info }) => [info.name, info]),
);

/** An op by its name or one of its aliases. */
export function findOp(name: string): OpInfo | undefined {
  const found = ops.get(name);
  if (found) return found;
  for (const info of ops.values()) if (info.aliases.includes(name)) return info;
  return undefined;
}
