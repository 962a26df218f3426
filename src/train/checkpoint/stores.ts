/** Stores of checkpoints that come with the library. */
import { GradloomError } from '../../errors';
import type { CheckpointStore } from './options';

/** Keeps checkpoints in memory: for tests, and to go back within one run. */
export function memoryStore(): CheckpointStore {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  return {
    list: async () => [...files.keys()],
    read: async (name) => files.get(name)?.slice() ?? missing(name),
    write: async (name, bytes) => void files.set(name, bytes.slice()),
    remove: async (name) => void files.delete(name),
  };
}

/**
 * Keeps checkpoints in the origin private file system of a page or worker, where they outlive the tab. A file is written
 * under another name and then moved, so that a tab closed in the midst of it leaves the one before.
 * @param directory path of a folder, made when it is not there
 * @throws GradloomError `unsupported` where the browser has no such file system.
 */
export function opfsStore(directory = 'gradloom'): CheckpointStore {
  const PART = '.part';
  const open = async () => {
    const storage = (globalThis.navigator as Navigator | undefined)?.storage;
    if (typeof storage?.getDirectory !== 'function') {
      throw new GradloomError({
        code: 'unsupported',
        op: 'opfsStore',
        got: 'no origin private file system (navigator.storage.getDirectory is missing)',
        expected: 'a page or worker in a current browser, over https or localhost',
      });
    }
    let folder = await storage.getDirectory();
    for (const part of directory.split('/').filter(Boolean)) {
      folder = await folder.getDirectoryHandle(part, { create: true });
    }
    return folder;
  };
  return {
    async list() {
      const names: string[] = [];
      for await (const name of (await open()).keys()) if (!name.endsWith(PART)) names.push(name);
      return names;
    },
    async read(name) {
      const handle = await (await open()).getFileHandle(name).catch(() => missing(name));
      return new Uint8Array(await (await handle.getFile()).arrayBuffer());
    },
    async write(name, bytes) {
      const folder = await open();
      const handle = await folder.getFileHandle(name + PART, { create: true });
      try {
        const writable = await handle.createWritable();
        await writable.write(bytes);
        await writable.close();
        await move(folder, handle, name);
      } catch (error) {
        await folder.removeEntry(name + PART).catch(() => {});
        throw error;
      }
    },
    async remove(name) {
      await (await open()).removeEntry(name).catch((error) => {
        if ((error as Error).name !== 'NotFoundError') throw error;
      });
    },
  };
}

/** Renames within a folder. Browsers without `move` write the file, which they swap in as a whole when it is closed. */
async function move(
  folder: FileSystemDirectoryHandle,
  handle: FileSystemFileHandle,
  name: string,
): Promise<void> {
  if ('move' in handle) return (handle as { move(name: string): Promise<void> }).move(name);
  const target = await folder.getFileHandle(name, { create: true });
  const writable = await target.createWritable();
  await writable.write(await (handle as FileSystemFileHandle).getFile());
  await writable.close();
  await folder.removeEntry((handle as FileSystemFileHandle).name);
}

function missing(name: string): never {
  throw new GradloomError({
    code: 'data',
    op: 'checkpoint',
    argument: name,
    got: 'not in the store',
    expected: 'the name of a checkpoint that is there',
  });
}
