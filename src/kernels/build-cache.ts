/**
 * Build time only: keeps what was made of a shader file on disk. Linking and reflecting all shaders takes seconds,
 * and every run of the command line and every test project would spend them again.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export class BuildCache {
  private readonly tools: string;

  /**
   * @param folder one file per entry; need not exist, and need not be writable
   * @param toolFolder sources of the tools: a change there makes all entries stale
   * @param versions of the packages that the tools use
   */
  constructor(
    private readonly folder: string,
    toolFolder: string,
    versions: readonly string[],
  ) {
    const sources = readdirSync(toolFolder).filter(
      (name) => name.endsWith('.ts') && !/test|\.d\./.test(name),
    );
    this.tools = digest([
      ...versions,
      ...sources.sort().map((name) => readFileSync(join(toolFolder, name), 'utf8')),
    ]);
  }

  /** The entry of that name if it was made of the same inputs, else what `make` gives, which takes its place. */
  async get(name: string, inputs: readonly string[], make: () => Promise<string>): Promise<string> {
    const path = join(this.folder, name.replaceAll('/', '__'));
    const key = digest([this.tools, ...inputs]);
    const found = read(path);
    if (found?.startsWith(`${key}\n`)) return found.slice(key.length + 1);
    const made = await make();
    try {
      mkdirSync(this.folder, { recursive: true });
      // Another process may write the same entry: each has a file of its own until it is whole.
      const part = `${path}.${process.pid}`;
      writeFileSync(part, `${key}\n${made}`);
      renameSync(part, path);
    } catch {
      // Without a place to write, each run links anew.
    }
    return made;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function digest(texts: readonly string[]): string {
  const hash = createHash('sha256');
  // With its length before it, no text can pass for the end of one and the beginning of another.
  for (const text of texts) hash.update(`${text.length}:`).update(text);
  return hash.digest('hex');
}
