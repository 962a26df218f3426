/** Where the tuner remembers: IndexedDB in browsers, a file in the user's cache folder in Node. */

/** Variants by key of the work, for each adapter. */
export interface TuningStore {
  load(adapter: string): Promise<Record<string, string> | undefined>;
  save(adapter: string, found: Record<string, string>): Promise<void>;
}

/** Part of every adapter's name: raised when kernels change so much that earlier measurements mislead. */
const VERSION = 1;

/** The store of this environment; undefined where there is none. */
export function defaultTuningStore(): TuningStore | undefined {
  if (typeof indexedDB !== 'undefined') return databaseStore(indexedDB);
  if (typeof process !== 'undefined' && process.versions?.node) return fileStore();
  return undefined;
}

/** A store that forgets: for tests, and for those who keep the results themselves. */
export function memoryStore(content = new Map<string, Record<string, string>>()): TuningStore {
  return {
    load: async (adapter) => content.get(adapter),
    save: async (adapter, found) => void content.set(adapter, { ...found }),
  };
}

/** What is stored may be missing or refused (private windows): tuning then starts afresh. */
function databaseStore(factory: IDBFactory): TuningStore {
  const NAME = 'tuning';
  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = factory.open('gradloom', VERSION);
      request.onupgradeneeded = () => {
        if (request.result.objectStoreNames.contains(NAME)) request.result.deleteObjectStore(NAME);
        request.result.createObjectStore(NAME);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const transact = async <R>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<R>) => {
    const database = await open();
    try {
      return await new Promise<R>((resolve, reject) => {
        const request = work(database.transaction(NAME, mode).objectStore(NAME));
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    } finally {
      database.close();
    }
  };
  return {
    load: (adapter) => transact('readonly', (table) => table.get(adapter)).catch(() => undefined),
    save: (adapter, found) =>
      transact('readwrite', (table) => table.put(found, adapter)).then(
        () => undefined,
        () => undefined,
      ),
  };
}

/** One JSON file per user, with an entry per adapter. @param file for tests; by default in the cache folder */
export function fileStore(file?: string): TuningStore {
  const builtin = <M>(name: string) => process.getBuiltinModule(name) as M;
  const path = builtin<typeof import('node:path')>('node:path');
  const fs = builtin<typeof import('node:fs/promises')>('node:fs/promises');
  const where = file ?? path.join(cacheFolder(), 'gradloom', `tuning-${VERSION}.json`);
  const read = async (): Promise<Record<string, Record<string, string>>> => {
    try {
      return JSON.parse(await fs.readFile(where, 'utf8'));
    } catch {
      return {};
    }
  };
  return {
    load: async (adapter) => (await read())[adapter],
    async save(adapter, found) {
      try {
        const content = { ...(await read()), [adapter]: found };
        await fs.mkdir(path.dirname(where), { recursive: true });
        // Written beside and moved: a process that ends early leaves the old file.
        const draft = `${where}.${process.pid}`;
        await fs.writeFile(draft, JSON.stringify(content));
        await fs.rename(draft, where);
      } catch {
        // A folder that cannot be written to costs the memory only.
      }
    },
  };
}

/** The user's folder for what may be deleted at any time. */
function cacheFolder(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const os = process.getBuiltinModule('node:os');
  const path = process.getBuiltinModule('node:path');
  if (process.platform === 'darwin') return path.join(os.homedir(), 'Library/Caches');
  if (process.platform === 'win32' && LOCALAPPDATA) return LOCALAPPDATA;
  return XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
}
