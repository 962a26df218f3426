// Makes a fresh clone ready to run: installs the npm packages and finds or installs a browser. Everything that
// a user starts (`npm run train`, `npm test`, `gradloom`) calls it first, so it uses Node's built-ins only,
// does nothing in a few milliseconds when all is there, and prints one line for each thing it installs.
// Messages go to stderr: stdout belongs to the program that comes after.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BrowserPathError, findBrowser, findPlaywright, onPath, toolFolder } from './browser.mjs';

const folderAbove = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder of the checkout, or of the built package. */
export const projectRoot = existsSync(join(folderAbove, 'index.js')) ? folderAbove : dirname(folderAbove);

/** Playwright's download is about 180 MB: a slow line gets through in this time, a dead one does not hold us. */
const DOWNLOAD_LIMIT_MS = 5 * 60_000;

/** Something is missing that this script cannot install; the message says what to do. */
export class SetupError extends Error {}

/**
 * Installs the packages when node_modules is absent or is not what package-lock.json asks for.
 * Throws a SetupError when Node is too old or npm fails.
 */
export function ensurePackages() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new SetupError(`Node ${process.versions.node} is too old; install Node 20.19 or newer`);
  }
  if (packagesAreCurrent(projectRoot)) return;
  say('Installing the npm packages (npm ci)');
  npm(['ci'], projectRoot);
}

/**
 * The folder of Playwright, which drives the browser. Where no package brings it, npm installs it into the user's
 * cache folder, once.
 * @returns {string}
 */
export function ensurePlaywright() {
  const found = findPlaywright();
  if (found) return found;
  say('Installing Playwright, which drives the browser (about 10 MB, once)');
  mkdirSync(toolFolder, { recursive: true });
  npm(['install', '--no-save', '--prefix', toolFolder, 'playwright-core@^1.60.0'], toolFolder);
  const installed = findPlaywright();
  if (!installed) throw new SetupError(`npm installed Playwright, but it is not in ${toolFolder}`);
  return installed;
}

/**
 * @param {string[]} args
 * @param {string} cwd
 */
function npm(args, cwd) {
  // npm is a .cmd file on Windows, which only a shell can start.
  const { status, error, stderr } = spawnSync(
    'npm',
    [...args, '--no-audit', '--no-fund', '--loglevel=error'],
    {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      shell: process.platform === 'win32',
    },
  );
  if (status === 0) return;
  // npm adds its whole usage text to some errors; the reason stands at the top.
  const lines = (stderr ?? '').split('\n').map((line) => line.replace(/^npm error ?/, '').trim());
  const reason =
    error?.message ??
    lines
      .filter((line) => line && !/^(code|npm warn) /.test(line))
      .slice(0, 2)
      .join(' ');
  const command = `npm ${args.join(' ')}`;
  throw new SetupError(`${command} failed: ${reason} (run \`${command}\` for the whole message)`);
}

/**
 * Whether node_modules holds the versions of package-lock.json. npm writes down what it installed in
 * node_modules/.package-lock.json as its last act, so an interrupted install counts as none.
 * @param {string} root the folder with package-lock.json
 */
export function packagesAreCurrent(root) {
  const installedFile = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installed = readPackages(installedFile);
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    // Optional packages for other platforms are in the lock file but not installed.
    return installed[path] ? installed[path].version === version : optional === true;
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>} by path in node_modules
 */
function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages ?? {};
}

/**
 * The browser to drive; installs one when there is none: Playwright's Chromium, else Debian's package.
 * Needs the packages. Throws a BrowserPathError for a wrong `browser`, a SetupError when none can be had.
 * @param {{ browser?: string }} [options]
 * @returns {import('./browser.mjs').FoundBrowser}
 */
export function ensureBrowser(options) {
  const found = findBrowser(options) ?? installPlaywrightChromium() ?? installDebianChromium();
  if (found) return found;
  throw new SetupError(
    'No browser with WebGPU found, and none could be installed. Install Chrome (https://www.google.com/chrome/), ' +
      'Chromium (Debian: `sudo apt-get install chromium`) or Edge, or name one with --browser PATH or ' +
      'the environment variable GRADLOOM_BROWSER.',
  );
}

function installPlaywrightChromium() {
  say("Installing a browser: Playwright's Chromium (about 180 MB)");
  const cli = join(ensurePlaywright(), 'cli.js');
  spawnSync(process.execPath, [cli, 'install', 'chromium'], { stdio: 'ignore', timeout: DOWNLOAD_LIMIT_MS });
  const found = findBrowser();
  if (!found) say('  it could not be downloaded');
  // On Linux the download lacks system libraries that a bare machine does not have; asking for the version
  // loads them. Elsewhere they are part of it (and Windows would open a window).
  if (!found || process.platform !== 'linux') return found;
  if (spawnSync(found.executablePath, ['--version'], { stdio: 'ignore', timeout: 30_000 }).status === 0)
    return found;
  say('  it lacks system libraries of this machine');
  return undefined;
}

function installDebianChromium() {
  if (process.platform !== 'linux' || !onPath('apt-get')) return undefined;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status !== 0) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (/** @type {string[]} */ ...args) => {
    const command = ['apt-get', '-qq', '-o', 'DPkg::Lock::Timeout=120', ...args];
    if (!isRoot) command.unshift('sudo', '-n', 'DEBIAN_FRONTEND=noninteractive');
    return (
      spawnSync(command[0], command.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env }).status === 0
    );
  };
  say("Installing a browser: Debian's chromium package (apt-get)");
  aptGet('update');
  return aptGet('install', '-y', 'chromium') ? findBrowser() : undefined;
}

/** @param {string} line */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs `action` and ends the process with one line on stderr when set-up fails: 2 for a wrong --browser, else 1.
 * @template T
 * @param {() => T} action
 * @returns {T}
 */
export function orExit(action) {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SetupError || error instanceof BrowserPathError)) throw error;
    say(`error: ${error.message}`);
    process.exit(error instanceof BrowserPathError ? 2 : 1);
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  orExit(ensurePackages);
  orExit(() => ensureBrowser());
}
