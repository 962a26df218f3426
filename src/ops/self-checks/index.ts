/** The stored cases of the self-check, loaded in parts. */
import { partOf, type StoredCheck } from '../stored-check';
import { parts } from './parts.generated';

/** The cases of the ops, and of some others. */
export async function loadChecks(ops: readonly string[]): Promise<Record<string, StoredCheck[]>> {
  const loaded = await Promise.all([...new Set(ops.map(partOf))].map((part) => parts[part]()));
  return Object.assign({}, ...loaded.map((module) => module.default));
}
