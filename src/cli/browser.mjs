// Finds what the project drives but does not ship: a Chromium-like browser, Firefox, and the software Vulkan
// drivers that give Node a WebGPU adapter on a machine without a GPU. Plain JavaScript on Node's built-ins,
// because setup.mjs runs it before any package is installed.

import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/**
 * @typedef {'given' | 'chrome' | 'chromium' | 'edge' | 'playwright'} BrowserKind
 * `given`: named by the user; `playwright`: the Chromium that Playwright downloaded.
 * @typedef {{ executablePath: string, kind: BrowserKind }} FoundBrowser
 * @typedef {{ path: string, apiVersion: string, usableByDawn: boolean }} LavapipeIcd
 * `usableByDawn`: the driver is of Mesa 25 or newer; Dawn in Node does not run on older ones.
 */

/** The user named a browser that cannot be started: a mistake on the command line, not a missing package. */
export class BrowserPathError extends Error {}

/**
 * The browser to drive, or undefined when there is none: the one named by `browser` or by the environment
 * variable GRADLOOM_BROWSER, else an installed Chrome, Chromium or Edge, else Playwright's own Chromium.
 * Throws a BrowserPathError when a named browser is not an executable file.
 * @param {{ browser?: string }} [options]
 * @returns {FoundBrowser | undefined}
 */
export function findBrowser({ browser } = {}) {
  const named = browser || process.env.GRADLOOM_BROWSER;
  if (named) {
    const executablePath = onPath(named) ?? resolve(named);
    if (!isExecutable(executablePath)) {
      const source = browser ? '--browser' : 'GRADLOOM_BROWSER';
      throw new BrowserPathError(
        `${source} ${named}: no executable file there; give the path of Chrome, Chromium or Edge`,
      );
    }
    return { executablePath, kind: 'given' };
  }
  return findInstalledBrowser() ?? findPlaywrightChromium();
}

/** @returns {FoundBrowser | undefined} */
function findInstalledBrowser() {
  if (process.platform === 'darwin') {
    return firstExecutable(
      ['/Applications', join(homedir(), 'Applications')].flatMap((folder) => [
        [`${folder}/Google Chrome.app/Contents/MacOS/Google Chrome`, 'chrome'],
        [`${folder}/Chromium.app/Contents/MacOS/Chromium`, 'chromium'],
        [`${folder}/Microsoft Edge.app/Contents/MacOS/Microsoft Edge`, 'edge'],
      ]),
    );
  }
  if (process.platform === 'win32') {
    const { ProgramFiles, LOCALAPPDATA } = process.env;
    const folders = [ProgramFiles, process.env['ProgramFiles(x86)'], LOCALAPPDATA].filter(Boolean);
    return firstExecutable(
      folders.flatMap((folder) => [
        [`${folder}\\Google\\Chrome\\Application\\chrome.exe`, 'chrome'],
        [`${folder}\\Chromium\\Application\\chrome.exe`, 'chromium'],
        [`${folder}\\Microsoft\\Edge\\Application\\msedge.exe`, 'edge'],
      ]),
    );
  }
  return firstExecutable([
    [onPath('google-chrome-stable') ?? onPath('google-chrome') ?? '/opt/google/chrome/chrome', 'chrome'],
    [onPath('chromium') ?? '/usr/lib/chromium/chromium', 'chromium'],
    [workingChromiumBrowser() ?? '/usr/lib64/chromium-browser/chromium-browser', 'chromium'],
    [onPath('microsoft-edge-stable') ?? onPath('microsoft-edge') ?? '/opt/microsoft/msedge/msedge', 'edge'],
  ]);
}

/**
 * `chromium-browser` unless it is Ubuntu's placeholder, a script that only asks to install the snap.
 * @returns {string | undefined}
 */
function workingChromiumBrowser() {
  const path = onPath('chromium-browser');
  if (!path) return undefined;
  const isScript = statSync(path).size < 10_000;
  const isPlaceholder = isScript && /snap install/.test(readFileSync(path, 'utf8'));
  return isPlaceholder && !existsSync('/snap/bin/chromium') ? undefined : path;
}

/** Where the installed `gradloom` keeps Playwright when the folder has none. */
export const toolFolder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gradloom', 'tools');

/**
 * The folder of Playwright, which drives the browser: the one installed beside this file, in the folder that the
 * program was started in, or by us; undefined when there is none.
 * @returns {string | undefined}
 */
export function findPlaywright() {
  for (const from of [
    import.meta.url,
    join(process.cwd(), 'package.json'),
    join(toolFolder, 'package.json'),
  ]) {
    for (const name of ['playwright', 'playwright-core']) {
      try {
        return dirname(createRequire(from).resolve(`${name}/package.json`));
      } catch {
        // not there
      }
    }
  }
  return undefined;
}

/** @returns {FoundBrowser | undefined} */
function findPlaywrightChromium() {
  const playwright = findPlaywright();
  if (!playwright) return undefined;
  const { chromium } = createRequire(import.meta.url)(playwright);
  return firstExecutable([[chromium.executablePath(), 'playwright']]);
}

/**
 * Firefox, for the tests that compare browsers: GRADLOOM_FIREFOX or an installed one; undefined when there is none.
 * @returns {{ executablePath: string } | undefined}
 */
export function findFirefox() {
  const { GRADLOOM_FIREFOX, ProgramFiles } = process.env;
  const candidates = [
    GRADLOOM_FIREFOX,
    onPath('firefox'),
    onPath('firefox-esr'),
    '/Applications/Firefox.app/Contents/MacOS/firefox',
    ProgramFiles && `${ProgramFiles}\\Mozilla Firefox\\firefox.exe`,
  ];
  const executablePath = candidates.find((path) => path && isExecutable(path));
  return executablePath ? { executablePath } : undefined;
}

/**
 * The driver description of the SwiftShader that comes with a Chromium, for the environment variable
 * VK_DRIVER_FILES of a Node process that uses Dawn. Linux only: elsewhere Dawn does not use Vulkan.
 * @param {string} [executablePath] the browser; by default the one that `findBrowser` finds
 * @returns {string | undefined}
 */
export function findSwiftshaderIcd(executablePath = findBrowser()?.executablePath) {
  if (process.platform !== 'linux') return undefined;
  // /usr/bin/chromium is a script of the distribution; the browser and its libraries lie in these folders.
  const folders = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/usr/lib64/chromium-browser'];
  if (executablePath && existsSync(executablePath)) folders.unshift(dirname(realpathSync(executablePath)));
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json')).find((path) => existsSync(path));
}

/**
 * The driver description of lavapipe, Mesa's software Vulkan; undefined when it is not installed.
 * @returns {LavapipeIcd | undefined}
 */
export function findLavapipeIcd() {
  for (const folder of ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d']) {
    const file = existsSync(folder) && readdirSync(folder).find((name) => /^lvp_icd.*\.json$/.test(name));
    if (!file) continue;
    const path = join(folder, file);
    const apiVersion = String(JSON.parse(readFileSync(path, 'utf8')).ICD?.api_version ?? '');
    const [major, minor] = apiVersion.split('.').map(Number);
    // Mesa 25 is the first whose lavapipe offers Vulkan 1.4, and the file tells that without a package manager.
    return { path, apiVersion, usableByDawn: major > 1 || (major === 1 && minor >= 4) };
  }
  return undefined;
}

/**
 * The launch arguments for headless Chromium with WebGPU: on the machine's own adapter, or on SwiftShader.
 * @param {{ software: boolean }} options
 * @returns {string[]}
 */
export function chromiumArgs({ software }) {
  const args = [
    '--enable-unsafe-webgpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ];
  if (process.platform === 'linux') {
    // Containers and root have no sandbox to offer; the only pages opened are the project's own.
    args.push('--no-sandbox');
    // Without a display Chromium on Linux reaches the GPU through Vulkan alone.
    if (!software) args.push('--use-angle=vulkan', '--enable-features=Vulkan', '--disable-vulkan-surface');
  }
  if (software) args.push('--use-webgpu-adapter=swiftshader');
  return args;
}

/**
 * @param {[string, BrowserKind][]} candidates
 * @returns {FoundBrowser | undefined}
 */
function firstExecutable(candidates) {
  const found = candidates.find(([path]) => isExecutable(path));
  return found && { executablePath: found[0], kind: found[1] };
}

/**
 * The full path of a program that the shell would find by its name.
 * @param {string} name
 * @returns {string | undefined}
 */
export function onPath(name) {
  if (name.includes('/') || name.includes('\\')) return undefined;
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
