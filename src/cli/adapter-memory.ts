/**
 * Remembers which adapter was chosen on this machine, in a small file in the user's cache folder. What identifies
 * the machine's graphics (driver files, device nodes, the browser's file) is part of the key, so that a new GPU or
 * driver is asked anew. The memory only saves time: a file that cannot be read or written counts as empty.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { homedir, release } from 'node:os';
import { dirname, join } from 'node:path';
import { ADAPTER_KINDS, type AdapterKind } from './adapter-choice';
import { writeAtomically } from './write-file';

/** The outcome of a choice. */
export interface RememberedAdapter {
  kind: AdapterKind;
  /** Version of the browser that was asked. */
  version: string;
}

interface Entry extends RememberedAdapter {
  /** When, in milliseconds since 1970. */
  at: number;
}

const MOST_ENTRIES = 20;
/** What the key does not cover, such as a module loaded into the kernel, shows after this time at the latest. */
const SWIFTSHADER_LIFETIME_MS = 7 * 24 * 3600_000;

const DRIVER_FOLDERS = [
  '/usr/share/vulkan/icd.d',
  '/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
];
const DRIVER_VARIABLES = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES', 'VK_ADD_DRIVER_FILES', 'XDG_DATA_DIRS'];
/** Device nodes of GPUs: DRI render nodes, NVIDIA, AMD compute, Arm Mali, WSL. */
const GPU_NODES = /^(renderD\d+|nvidia\d+|kfd|mali\d+|dxg)$/;

/** The file of the memory, by the platform's rules. */
export function adapterMemoryFile(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const fallback =
    process.platform === 'darwin'
      ? join(homedir(), 'Library/Caches')
      : (process.platform === 'win32' && LOCALAPPDATA) || join(homedir(), '.cache');
  return join(XDG_CACHE_HOME || fallback, 'gradloom', 'adapters.json');
}

/** What makes the outcome on another day the same, as one short text. */
export function adapterKey(
  executablePath: string,
  driverFolders: readonly string[] = DRIVER_FOLDERS,
): string {
  const facts = {
    platform: [process.platform, process.arch, release()],
    browser: fileFacts(executablePath),
    drivers: driverFolders.flatMap((folder) => names(folder).map((name) => fileFacts(join(folder, name)))),
    variables: DRIVER_VARIABLES.map((name) => process.env[name] ?? ''),
    gpus: gpuNodes(),
  };
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 32);
}

/** GPUs that the kernel has a driver for; undefined where the system has no such list. */
export function gpuNodes(): string[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return ['/dev', '/dev/dri'].flatMap(names).filter((name) => GPU_NODES.test(name));
}

export function recallAdapter(key: string, file = adapterMemoryFile()): RememberedAdapter | undefined {
  const entry = readEntries(file)[key];
  const isOld = entry?.kind === 'swiftshader' && Math.abs(Date.now() - entry.at) > SWIFTSHADER_LIFETIME_MS;
  return entry && !isOld ? { kind: entry.kind, version: entry.version } : undefined;
}

export function rememberAdapter(key: string, adapter: RememberedAdapter, file = adapterMemoryFile()): void {
  const others = Object.entries(readEntries(file)).filter(([other]) => other !== key);
  const newest = others.sort(([, a], [, b]) => b.at - a.at).slice(0, MOST_ENTRIES - 1);
  const entries = Object.fromEntries([[key, { ...adapter, at: Date.now() }], ...newest]);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeAtomically(file, `${JSON.stringify(entries, null, 1)}\n`);
  } catch {
    // A read-only home: the next run asks again.
  }
}

function readEntries(file: string): Record<string, Entry> {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof parsed !== 'object' || parsed === null) return {};
    return Object.fromEntries(
      Object.entries(parsed).filter((pair): pair is [string, Entry] => isEntry(pair[1])),
    );
  } catch {
    return {};
  }
}

function isEntry(value: unknown): value is Entry {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, version, at } = value as Partial<Record<keyof Entry, unknown>>;
  return ADAPTER_KINDS.includes(kind as AdapterKind) && typeof version === 'string' && Number.isFinite(at);
}

/** Path, size and time of change; the path alone when it cannot be read. */
function fileFacts(path: string): unknown[] {
  try {
    const real = realpathSync(path);
    const { size, mtimeMs } = statSync(real);
    return [path, real, size, mtimeMs];
  } catch {
    return [path];
  }
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}
