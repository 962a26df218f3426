/**
 * Starts headless Chromium with a WebGPU adapter: the machine's own where it answers, else the SwiftShader
 * CPU adapter that comes with Chromium. Having none is an error, never a reason to skip.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright';
import { GradloomError } from '../errors';
import {
  ADAPTER_MODES,
  type AdapterKind,
  type AdapterMode,
  type Contender,
  chooseAdapter,
} from './adapter-choice';
import { adapterKey, gpuNodes, recallAdapter, rememberAdapter } from './adapter-memory';
import { chromiumArgs, type FoundBrowser } from './browser.mjs';
import { ensureBrowser, ensurePlaywright } from './setup.mjs';

/** What the page's `GPUAdapter` says of itself. */
export interface AdapterDescription {
  vendor: string;
  architecture: string;
  description: string;
  /** The adapter runs on the processor. */
  software: boolean;
  features: string[];
}

export interface LaunchedBrowser {
  browser: Browser;
  executablePath: string;
  version: string;
  adapter: AdapterDescription;
}

/** A cold Chromium on a busy machine takes seconds; what is no Chromium never answers. */
const START_LIMIT_MS = 60_000;
/** A frozen graphics driver must not hold the command line for ever. */
const ADAPTER_LIMIT_MS = 60_000;

/** The flags that choose browser and adapter. */
export interface BrowserFlags {
  /** Path of the browser; by default an installed one is found. */
  browser?: string;
  /** By default what the environment variable GRADLOOM_ADAPTER says, else `auto`. */
  adapter?: AdapterMode;
}

/**
 * Finds (or installs) a browser and starts it with WebGPU. Errors: `argument` when the browser that the user
 * named does not start, `no-webgpu` when no adapter is to be had.
 * @param notify gets a line for people each time there is something to wait for
 */
export async function launchBrowser(
  flags: BrowserFlags = {},
  notify: (line: string) => void = () => {},
): Promise<LaunchedBrowser> {
  const mode = flags.adapter ?? adapterFromEnvironment();
  const found = ensureBrowser(flags);
  const key = mode === 'auto' ? adapterKey(found.executablePath) : undefined;
  const remembered = key === undefined ? undefined : recallAdapter(key);
  notify(`Starting the browser (${found.executablePath})${originOf(mode, remembered?.kind)} ...`);
  const choice = await chooseAdapter<LaunchedBrowser>({
    mode,
    remembered: remembered?.kind,
    isRemembered: ({ version }) => version === remembered?.version,
    start: (kind) => contender(found, kind),
    notify,
  });
  if (!choice) throw noAdapter(found, mode);
  const { kind, value, hardware } = choice;
  // Silence proves nothing where there is a GPU: its driver may only have been slow.
  const isProved = hardware === 'taken' || hardware === 'none' || gpuNodes()?.length === 0;
  if (key !== undefined && hardware !== 'not asked' && isProved) {
    rememberAdapter(key, { kind, version: value.version });
  }
  return value;
}

function originOf(mode: AdapterMode, remembered: AdapterKind | undefined): string {
  if (mode !== 'auto')
    return mode === 'swiftshader' ? ' with SwiftShader' : " with this machine's own adapter";
  if (remembered !== 'swiftshader') return ' and asking for a WebGPU adapter';
  return ' with SwiftShader, as no other adapter answered here before (--adapter hardware asks again)';
}

function adapterFromEnvironment(): AdapterMode {
  const value = process.env.GRADLOOM_ADAPTER || 'auto';
  const mode = ADAPTER_MODES.find((name) => name === value);
  if (mode) return mode;
  throw new GradloomError({
    code: 'argument',
    op: 'browser',
    argument: 'GRADLOOM_ADAPTER',
    got: value,
    expected: ADAPTER_MODES.join(', '),
  });
}

function noAdapter({ executablePath }: FoundBrowser, mode: AdapterMode): GradloomError {
  const install =
    'Install Chrome or Chromium 121 or newer (Debian: `apt-get install chromium`), which brings a software ' +
    'adapter, or a Vulkan driver (Debian: `apt-get install mesa-vulkan-drivers`), or name another browser ' +
    'with --browser PATH';
  return new GradloomError({
    code: 'no-webgpu',
    op: 'browser',
    got: `${executablePath} has no WebGPU adapter${mode === 'hardware' ? ' of this machine' : ''}`,
    fix: mode === 'hardware' ? 'Take the CPU adapter with --adapter swiftshader' : install,
  });
}

function contender(found: FoundBrowser, kind: AdapterKind): Contender<LaunchedBrowser> {
  const starting = start(found, kind === 'swiftshader');
  const answer = starting.then(async (browser) => {
    const adapter = await findAdapter(browser);
    const { executablePath } = found;
    return adapter && { browser, executablePath, version: browser.version(), adapter };
  });
  return { answer, close: () => starting.then((browser) => browser.close()) };
}

async function start({ executablePath, kind }: FoundBrowser, software: boolean): Promise<Browser> {
  // Loaded late: it takes a good part of a second, and people are told first what they wait for.
  const playwright = pathToFileURL(join(ensurePlaywright(), 'index.mjs')).href;
  const { chromium } = (await import(/* @vite-ignore */ playwright)) as typeof import('playwright');
  try {
    return await chromium.launch({
      executablePath,
      args: chromiumArgs({ software }),
      timeout: START_LIMIT_MS,
      // The first Ctrl-C stops the training; the browser has to live on to hand over the weights.
      handleSIGINT: false,
      handleSIGTERM: false,
    });
  } catch (error) {
    throw new GradloomError({
      code: kind === 'given' ? 'argument' : 'unsupported',
      op: 'browser',
      got: `${executablePath} does not start as a Chromium (${firstLine(error)})`,
      fix: 'Name another one with --browser PATH',
      cause: error,
    });
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n')[0];
}

async function findAdapter(browser: Browser): Promise<AdapterDescription | undefined> {
  let page: Page | undefined;
  try {
    page = await browser.newPage();
    // WebGPU exists in secure contexts only; an address of this machine is one, and needs no server here.
    await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '' }));
    await page.goto('http://127.0.0.1/');
    return await page.evaluate(async (limit) => {
      const timeout = new Promise<null>((resolve) => setTimeout(resolve, limit, null));
      const adapter = await Promise.race([navigator.gpu?.requestAdapter(), timeout]);
      if (!adapter) return undefined;
      const { vendor, architecture, description, isFallbackAdapter } = adapter.info;
      return {
        vendor,
        architecture,
        description,
        software: isFallbackAdapter,
        features: [...adapter.features],
      };
    }, ADAPTER_LIMIT_MS);
  } catch {
    return undefined; // the GPU process may take the page down with it: no adapter either
  } finally {
    await page?.close().catch(() => {});
  }
}
