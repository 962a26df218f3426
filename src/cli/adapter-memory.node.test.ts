// The remembered adapter: what the key covers, and that a broken memory is only an empty one.
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { adapterKey, adapterMemoryFile, recallAdapter, rememberAdapter } from './adapter-memory';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-memory-'));
  file = join(folder, 'cache', 'adapters.json');
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

const swiftshader = { kind: 'swiftshader', version: '156.0' } as const;

describe('the memory', () => {
  it('lies in the cache folder of the user', () => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    expect(adapterMemoryFile()).toBe(join(folder, 'gradloom', 'adapters.json'));
  });

  it('gives back what was put in, by key, and leaves nothing else behind', () => {
    expect(recallAdapter('a', file)).toBeUndefined();
    rememberAdapter('a', swiftshader, file);
    rememberAdapter('b', { kind: 'hardware', version: '1' }, file);
    expect(recallAdapter('a', file)).toEqual(swiftshader);
    expect(recallAdapter('b', file)).toEqual({ kind: 'hardware', version: '1' });
    expect(recallAdapter('c', file)).toBeUndefined();
    expect(readdirSync(dirname(file))).toEqual(['adapters.json']);
  });

  it('does not grow without end', () => {
    for (let i = 0; i < 30; i++) rememberAdapter(`key ${i}`, swiftshader, file);
    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8')))).toHaveLength(20);
    expect(recallAdapter('key 29', file)).toEqual(swiftshader);
  });

  it('asks again after a week for SwiftShader, never for a GPU that answered', () => {
    vi.useFakeTimers();
    rememberAdapter('a', swiftshader, file);
    rememberAdapter('b', { kind: 'hardware', version: '1' }, file);
    vi.advanceTimersByTime(6.9 * 24 * 3600_000);
    expect(recallAdapter('a', file)).toEqual(swiftshader);
    vi.advanceTimersByTime(0.2 * 24 * 3600_000);
    expect(recallAdapter('a', file)).toBeUndefined();
    expect(recallAdapter('b', file)).toMatchObject({ kind: 'hardware' });
  });

  it.each([
    ['cut off', '{"a": {"kind": "swift'],
    ['empty', ''],
    ['a list', '[1, 2]'],
    ['null', 'null'],
    ['of another kind', '{"a": {"kind": "cuda", "version": "1", "at": 1}}'],
    ['without a time', '{"a": {"kind": "swiftshader", "version": "1", "at": "now"}}'],
    ['an entry of null', '{"a": null}'],
    ['bytes', '\u0000\u0001'],
  ])('counts as empty when it is %s, and is written anew', (_, contents) => {
    mkdirSync(dirname(file));
    writeFileSync(file, contents);
    expect(recallAdapter('a', file)).toBeUndefined();
    rememberAdapter('a', swiftshader, file);
    expect(recallAdapter('a', file)).toEqual(swiftshader);
  });

  it('does without a folder that cannot be written or a file that is a folder', () => {
    writeFileSync(join(folder, 'plain'), '');
    const below = join(folder, 'plain', 'adapters.json');
    rememberAdapter('a', swiftshader, below);
    expect(recallAdapter('a', below)).toBeUndefined();
    mkdirSync(file, { recursive: true });
    rememberAdapter('a', swiftshader, file);
    expect(recallAdapter('a', file)).toBeUndefined();
    expect(readdirSync(dirname(file))).toEqual(['adapters.json']);
  });
});

describe('the key', () => {
  let browser: string;
  let drivers: string;
  const key = () => adapterKey(browser, [drivers]);
  beforeEach(() => {
    browser = join(folder, 'chromium');
    drivers = join(folder, 'icd.d');
    writeFileSync(browser, 'one');
    chmodSync(browser, 0o755);
  });

  it('stays the same as long as nothing changes', () => {
    mkdirSync(drivers);
    writeFileSync(join(drivers, 'lvp_icd.json'), '{}');
    expect(key()).toBe(key());
  });

  it('changes with the drivers, their files, the browser and the variables that choose a driver', () => {
    const seen = [key()];
    const isNew = () => {
      const next = key();
      expect(seen).not.toContain(next);
      seen.push(next);
    };
    mkdirSync(drivers);
    writeFileSync(join(drivers, 'lvp_icd.json'), '{}');
    isNew();
    writeFileSync(join(drivers, 'nvidia_icd.json'), '{}');
    isNew();
    utimesSync(join(drivers, 'nvidia_icd.json'), 1000, 1000);
    isNew();
    utimesSync(browser, 1000, 1000);
    isNew();
    writeFileSync(browser, 'another');
    isNew();
    vi.stubEnv('VK_DRIVER_FILES', '/some/icd.json');
    isNew();
  });
});
