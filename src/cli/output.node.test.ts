// Where results may be written: nowhere near what is read.
import { existsSync, linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../io/safetensors';
import { looksLikeWeights, outputPath } from './output';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (...names: string[]) => join(folder, ...names);
const check = (name: string, inputs: string[] = [], replaces?: typeof looksLikeWeights) =>
  outputPath({ op: 'train', argument: '--out', path: at(name), inputs, replaces });

describe('outputPath', () => {
  it('gives the whole path, of a link the file behind it', () => {
    expect(check('new')).toBe(at('new'));
    writeFileSync(at('old'), '');
    symlinkSync(at('old'), at('link'));
    expect(check('link')).toBe(at('old'));
  });

  it('refuses folders, missing folders and devices', () => {
    mkdirSync(at('sub'));
    expect(() => check('sub')).toThrow(/--out is .*sub, a folder; give a file name/);
    expect(() => check('none/w')).toThrow(/in a folder that does not exist/);
    if (existsSync('/dev/null')) {
      expect(() => outputPath({ op: 'train', argument: '--out', path: '/dev/null', inputs: [] })).toThrow(
        /no regular file/,
      );
    }
  });

  it('refuses what is read: by name, by another spelling, through links, and in a folder of data', () => {
    writeFileSync(at('t.csv'), '1,2');
    symlinkSync(at('t.csv'), at('symbolic'));
    linkSync(at('t.csv'), at('hard'));
    mkdirSync(at('data'));
    writeFileSync(at('data', 'train-images'), 'x');
    symlinkSync(at('t.csv'), at('data', 'linked'));
    symlinkSync(at('data'), at('data-link'));
    for (const [path, input] of [
      ['t.csv', 't.csv'],
      ['data/../t.csv', 't.csv'],
      ['symbolic', 't.csv'],
      ['hard', 't.csv'],
      ['t.csv', 'symbolic'],
      ['data/train-images', 'data'],
      ['data-link/train-images', 'data'],
      ['data/train-images', 'data-link'],
      ['t.csv', 'data'],
    ]) {
      expect(() => check(path, [at('unrelated'), at(input)])).toThrow(/the same file as .*, which is read/);
    }
    expect(check('data/weights', [at('data')])).toBe(at('data', 'weights'));
  });

  it('replaces weights and empty files, and nothing else', () => {
    writeFileSync(at('empty'), '');
    writeFileSync(at('weights'), writeSafetensors({ w: { shape: [1], data: Float32Array.of(1) } }));
    writeFileSync(at('notes.txt'), 'what took me years');
    writeFileSync(at('short'), '{');
    expect(check('empty', [], looksLikeWeights)).toBe(at('empty'));
    expect(check('weights', [], looksLikeWeights)).toBe(at('weights'));
    for (const name of ['notes.txt', 'short']) {
      expect(() => check(name, [], looksLikeWeights)).toThrow(/which exists and is something else/);
    }
  });
});
