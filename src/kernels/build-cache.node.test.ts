// The cache of linked shaders: hits, what makes an entry stale, and that a broken one is made anew.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuildCache } from './build-cache';

let folder: string;
let made: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-build-cache-'));
  made = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const cache = (versions = ['1'], at = join(folder, 'cache')) => new BuildCache(at, folder, versions);
const get = (from: BuildCache, ...inputs: string[]) =>
  from.get('gemm/tile.wgsl', inputs, async () => `made ${++made}\nof ${inputs}`);

it('makes an entry once, also for the next process', async () => {
  expect(await get(cache(), 'a', 'b')).toBe('made 1\nof a,b');
  expect(await get(cache(), 'a', 'b')).toBe('made 1\nof a,b');
  expect(readdirSync(join(folder, 'cache'))).toEqual(['gemm__tile.wgsl']);
});

it('makes it anew for other inputs, versions and tools', async () => {
  await get(cache(), 'a', 'b');
  expect(await get(cache(), 'a', 'c')).toBe('made 2\nof a,c');
  expect(await get(cache(), 'ac')).toBe('made 3\nof ac');
  expect(await get(cache(['2']), 'ac')).toBe('made 4\nof ac');
  writeFileSync(join(folder, 'link.ts'), 'export {}');
  expect(await get(cache(['2']), 'ac')).toBe('made 5\nof ac');
  writeFileSync(join(folder, 'link.node.test.ts'), 'export {}');
  expect(await get(cache(['2']), 'ac')).toBe('made 5\nof ac');
});

it('makes it anew when the file is damaged, and does without a folder', async () => {
  await get(cache(), 'a');
  writeFileSync(join(folder, 'cache', 'gemm__tile.wgsl'), 'garbage');
  expect(await get(cache(), 'a')).toBe('made 2\nof a');
  writeFileSync(join(folder, 'plain'), '');
  expect(await get(cache(['1'], join(folder, 'plain')), 'a')).toBe('made 3\nof a');
});

it('passes on what goes wrong, and keeps nothing of it', async () => {
  const failing = cache().get('x.wgsl', ['a'], () => Promise.reject(new Error('x.wgsl:3: no such name')));
  await expect(failing).rejects.toThrow('x.wgsl:3');
  expect(await cache().get('x.wgsl', ['a'], async () => 'mended')).toBe('mended');
});
