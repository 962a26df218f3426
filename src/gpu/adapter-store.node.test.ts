// The file in which what was found of adapters is remembered.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fileStore } from './adapter-store';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-tuning-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('keeps what was found, adapter by adapter, in a folder that it makes', async () => {
  const store = fileStore('tuning', join(folder, 'a/b/tuning.json'));
  expect(await store.load('one')).toBeUndefined();
  await store.save('one', { work: 'fast' });
  await store.save('two', { work: 'slow' });
  expect(await store.load('one')).toEqual({ work: 'fast' });
  expect(await store.load('two')).toEqual({ work: 'slow' });
});

it('starts afresh when the file is damaged, and survives a folder that cannot be written', async () => {
  const file = join(folder, 'damaged.json');
  writeFileSync(file, '{ "one": ');
  const store = fileStore('tuning', file);
  expect(await store.load('one')).toBeUndefined();
  await store.save('one', { work: 'fast' });
  expect(await store.load('one')).toEqual({ work: 'fast' });
  await expect(fileStore('tuning', join(file, 'no folder')).save('one', {})).resolves.toBeUndefined();
});
