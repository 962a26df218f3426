/** Kernels of all shader files come out of the packed form as they went in, but for lines without code. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { KernelDescription } from './kernel';
import { describeKernels, isKernelFile, readShaders } from './link';
import { packKernels, unpackKernels } from './packed';

const sources = readShaders(join(import.meta.dirname, '../../shaders'));

it.each(Object.keys(sources).filter(isKernelFile))('%s', async (file) => {
  const kernels = await describeKernels(file, sources);
  const packed = packKernels(kernels);
  const unpacked = unpackKernels(JSON.parse(JSON.stringify(packed)));
  const byVariant = ('' in kernels ? { '': unpacked } : unpacked) as Record<string, KernelDescription>;
  expect(Object.keys(byVariant)).toEqual(Object.keys(kernels));
  for (const [variant, kernel] of Object.entries(kernels)) {
    const { code, lines, files, ...rest } = byVariant[variant];
    const { code: wholeCode, lines: allLines, files: ownFiles, ...same } = kernel;
    expect(rest).toEqual(JSON.parse(JSON.stringify(same)));
    const whole = wholeCode
      .split('\n')
      .map((text, i) => [text, ownFiles[allLines[i][0]], allLines[i][1]])
      .filter(([text]) => !/^\s*(\/\/.*)?$/.test(text as string));
    expect(code.split('\n').map((text, i) => [text, files[lines[i][0]], lines[i][1]])).toEqual(whole);
  }
});
