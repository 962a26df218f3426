/**
 * Starts headless Chromium with a WebGPU adapter: the machine's own where the browser offers it, else the
 * SwiftShader CPU adapter that comes with Chromium. Having none is an error, never a reason to skip.
 */
import { type Browser, chromium } from 'playwright-core';
import { chromiumArgs, type FoundBrowser } from '../../scripts/browser.mjs';
import { ensureBrowser } from '../../scripts/setup.mjs';
import { GradloomError } from '../errors';

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

/**
 * Finds (or installs) a browser and starts it with WebGPU. Errors: `argument` when the browser that the user
 * named does not start, `no-webgpu` when no adapter is to be had.
 * @param options.browser path of the browser; by default an installed one is found
 */
export async function launchBrowser(options: { browser?: string } = {}): Promise<LaunchedBrowser> {
  const found = ensureBrowser(options);
  let version = '';
  for (const software of [false, true]) {
    const browser = await start(found, software);
    version = browser.version();
    const adapter = await findAdapter(browser);
    if (adapter) return { browser, executablePath: found.executablePath, version, adapter };
    await browser.close();
  }
  throw new GradloomError({
    code: 'no-webgpu',
    op: 'browser',
    got: `${found.executablePath} (version ${version}) has no WebGPU adapter`,
    fix:
      'Install Chrome or Chromium 121 or newer (Debian: `apt-get install chromium`), which brings a software ' +
      'adapter, or a Vulkan driver (Debian: `apt-get install mesa-vulkan-drivers`), or name another browser ' +
      'with --browser PATH',
  });
}

async function start({ executablePath, kind }: FoundBrowser, software: boolean): Promise<Browser> {
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
  const page = await browser.newPage();
  try {
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
    await page.close().catch(() => {});
  }
}
