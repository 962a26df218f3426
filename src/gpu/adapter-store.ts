/** What is remembered of adapters: IndexedDB in browsers, files in the user's cache folder in Node. */
import { hashString } from '../random';

/** What was found out, by adapter: the tuner's variants by key of the work, the self-check's verdicts by kernel. */
export interface AdapterStore {
  load(adapter: string): Promise<Record<string, string> | undefined>;
  save(adapter: string, found: Record<string, string>): Promise<void>;
}

const KINDS = ['tuning', 'self-check'] as const;
export type AdapterStoreKind = (typeof KINDS)[number];

/** Of the database and the files: raised when kernels change so much that earlier measurements mislead. */
const VERSION = 2;

/** The store of this environment; undefined where there is none. */
export function defaultAdapterStore(kind: AdapterStoreKind): AdapterStore | undefined {
  if (typeof indexedDB !== 'undefined') return databaseStore(indexedDB, kind);
  if (typeof process !== 'undefined' && process.versions?.node) return fileStore(kind);
  return undefined;
}

/** Cache key: everything the adapter reports, with the version of the browser that compiles its shaders. */
export function adapterKey({
  adapterInfo,
  features,
  limits,
}: {
  adapterInfo: object;
  features: object;
  limits: GPUSupportedLimits;
}): string {
  const values: Record<string, unknown> = {};
  for (const name in limits) values[name] = limits[name as keyof GPUSupportedLimits];
  const { navigator, process } = globalThis as { navigator?: Navigator; process?: NodeJS.Process };
  const host = process?.versions?.node ? `Node ${process.version}` : navigator?.userAgent;
  return JSON.stringify({ ...adapterInfo, ...features, host, limits: hashString(JSON.stringify(values)) });
}

/** In-memory store, for tests and custom persistence. */
export function memoryStore(content = new Map<string, Record<string, string>>()): AdapterStore {
  return {
    load: async (adapter) => content.get(adapter),
    save: async (adapter, found) => void content.set(adapter, { ...found }),
  };
}

/** What is stored may be missing or refused (private windows): it is then found out afresh. */
function databaseStore(factory: IDBFactory, kind: AdapterStoreKind): AdapterStore {
  const open = () =>
    new Promise<IDBDatabase>((resolve, reject) => {
      const request = factory.open('gradloom', VERSION);
      request.onupgradeneeded = () => {
        for (const name of request.result.objectStoreNames) request.result.deleteObjectStore(name);
        for (const name of KINDS) request.result.createObjectStore(name);
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const transact = async <R>(mode: IDBTransactionMode, work: (table: IDBObjectStore) => IDBRequest<R>) => {
    const database = await open();
    try {
      return await new Promise<R>((resolve, reject) => {
        const request = work(database.transaction(kind, mode).objectStore(kind));
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
export function fileStore(kind: AdapterStoreKind, file?: string): AdapterStore {
  const builtin = <M>(name: string) => process.getBuiltinModule(name) as M;
  const path = builtin<typeof import('node:path')>('node:path');
  const fs = builtin<typeof import('node:fs/promises')>('node:fs/promises');
  const where = file ?? path.join(cacheFolder(), 'gradloom', `${kind}-${VERSION}.json`);
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
