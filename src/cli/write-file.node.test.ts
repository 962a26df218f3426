// Files that are replaced as a whole or not at all.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeAtomically } from './write-file';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-write-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('replaces a file and leaves no other behind', () => {
  const path = join(folder, 'weights');
  writeFileSync(path, 'old and longer');
  writeAtomically(path, Uint8Array.of(1, 2, 3));
  expect([...readFileSync(path)]).toEqual([1, 2, 3]);
  expect(readdirSync(folder)).toEqual(['weights']);
});

it('keeps the old file when the new one cannot be put in its place', () => {
  const path = join(folder, 'weights');
  mkdirSync(join(path, 'below'), { recursive: true });
  expect(() => writeAtomically(path, 'new')).toThrow();
  expect(readdirSync(folder)).toEqual(['weights']);
  expect(readdirSync(path)).toEqual(['below']);
  expect(() => writeAtomically(join(folder, 'missing', 'weights'), 'new')).toThrow(/ENOENT/);
});
