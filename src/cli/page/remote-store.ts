/** The store of a page whose checkpoints lie on the disk of the command line. */
import type { CheckpointStore } from '../../train';
import { CHECKPOINT_PATH } from '../protocol';

export function remoteStore(): CheckpointStore {
  const send = async (name: string, init?: RequestInit) => {
    const response = await fetch(CHECKPOINT_PATH + name, init);
    if (!response.ok) throw new Error(await response.text());
    return response;
  };
  return {
    list: async () => (await send('')).json(),
    read: async (name) => new Uint8Array(await (await send(name)).arrayBuffer()),
    write: async (name, bytes) => void (await send(name, { method: 'POST', body: bytes })),
    remove: async (name) => void (await send(name, { method: 'DELETE' })),
  };
}
