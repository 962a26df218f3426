// When set-up installs packages again, and which browser it finds.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BrowserPathError, chromiumArgs, findBrowser, findSwiftshaderIcd } from './browser.mjs';
import { packagesAreCurrent } from './setup.mjs';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-setup-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.unstubAllEnvs();
});

describe('packagesAreCurrent', () => {
  const wanted = {
    '': { name: 'gradloom', version: '0.1.0' },
    'node_modules/zod': { version: '4.0.0' },
    'node_modules/esbuild-for-another-platform': { version: '1.0.0', optional: true },
  };

  function write(installed?: object): void {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: wanted }));
    mkdirSync(join(folder, 'node_modules'));
    if (!installed) return;
    writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
  }

  it('is content with the wanted versions, whatever optional packages are left out', () => {
    write({ 'node_modules/zod': { version: '4.0.0' } });
    expect(packagesAreCurrent(folder)).toBe(true);
  });

  it.each([
    ['an interrupted install', undefined],
    ['a missing package', {}],
    ['another version', { 'node_modules/zod': { version: '3.9.0' } }],
    [
      'another version of an optional package',
      {
        'node_modules/zod': { version: '4.0.0' },
        'node_modules/esbuild-for-another-platform': { version: '0.9.0' },
      },
    ],
  ])('is not content with %s', (_, installed) => {
    write(installed);
    expect(packagesAreCurrent(folder)).toBe(false);
  });
});

describe('findBrowser', () => {
  function makeProgram(name: string): string {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\n');
    chmodSync(path, 0o755);
    return path;
  }

  it('takes the one that is named, by path or by the name of a program', () => {
    const path = makeProgram('my-chromium');
    expect(findBrowser({ browser: path })).toEqual({ executablePath: path, kind: 'given' });
    vi.stubEnv('PATH', folder);
    expect(findBrowser({ browser: 'my-chromium' })).toEqual({ executablePath: path, kind: 'given' });
  });

  it('prefers --browser to GRADLOOM_BROWSER, and that to what is installed', () => {
    const flag = makeProgram('flag');
    const variable = makeProgram('variable');
    vi.stubEnv('GRADLOOM_BROWSER', variable);
    expect(findBrowser()?.executablePath).toBe(variable);
    expect(findBrowser({ browser: flag })?.executablePath).toBe(flag);
  });

  it('says which of the two names no program', () => {
    expect(() => findBrowser({ browser: '/no/such' })).toThrow(BrowserPathError);
    expect(() => findBrowser({ browser: '/no/such' })).toThrow(/^--browser \/no\/such: no executable file/);
    vi.stubEnv('GRADLOOM_BROWSER', folder);
    expect(() => findBrowser()).toThrow(/^GRADLOOM_BROWSER .*: no executable file/);
  });

  it.runIf(process.platform === 'linux')('finds Chrome before Chromium on the PATH', () => {
    vi.stubEnv('PATH', folder);
    const chromium = makeProgram('chromium');
    expect(findBrowser()).toEqual({ executablePath: chromium, kind: 'chromium' });
    const chrome = makeProgram('google-chrome');
    expect(findBrowser()).toEqual({ executablePath: chrome, kind: 'chrome' });
  });

  it('finds the SwiftShader that lies beside a browser', () => {
    const path = makeProgram('chrome');
    writeFileSync(join(folder, 'vk_swiftshader_icd.json'), '{}');
    const expected = process.platform === 'linux' ? join(folder, 'vk_swiftshader_icd.json') : undefined;
    expect(findSwiftshaderIcd(path)).toBe(expected);
  });
});

describe('chromiumArgs', () => {
  it('asks for SwiftShader only when told to', () => {
    expect(chromiumArgs({ software: true })).toContain('--use-webgpu-adapter=swiftshader');
    expect(chromiumArgs({ software: false }).join(' ')).not.toMatch(/swiftshader/);
  });
});
