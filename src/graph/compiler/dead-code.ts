/** Dead-code elimination on lowered dispatches. */
import type { Storage } from '../ir/graph';
import type { LoweredDispatch } from './lower';

/** Removes dispatches none of whose results is `kept`, state outside the graph, or read by a later live dispatch. */
export function removeDead<D extends Pick<LoweredDispatch, 'reads' | 'writes'>>(
  dispatches: readonly D[],
  kept: Iterable<Storage>,
): D[] {
  const needed = new Set<Storage>([...kept].map((storage) => storage.root));
  const alive: D[] = [];
  for (let i = dispatches.length - 1; i >= 0; i--) {
    const dispatch = dispatches[i];
    if (!dispatch.writes.some(({ root }) => needed.has(root) || isState(root))) continue;
    alive.push(dispatch);
    for (const storage of dispatch.reads) needed.add(storage.root);
    for (const storage of dispatch.writes) needed.add(storage.root);
  }
  return alive.reverse();
}

/** Memory that outlives a run: writing it is an effect. */
function isState(storage: Storage): boolean {
  return (
    storage.leaf?.kind === 'variable' || storage.leaf?.kind === 'external' || storage.leaf?.kind === 'input'
  );
}
