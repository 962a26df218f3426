/** `gradloom info`: which browser and which WebGPU adapter the other commands will use. */
import { notify } from './browser-flags';
import { EXIT } from './errors';
import { type AdapterDescription, type BrowserFlags, launchBrowser } from './launch';
import { exitOnSignal } from './signals';

export interface InfoFlags extends BrowserFlags {
  json?: boolean;
}

/** An adapter in a few words: `nvidia hopper`, `google swiftshader (software)`. */
export function describeAdapter({ vendor, architecture, description, software }: AdapterDescription): string {
  const name = [vendor, architecture].filter(Boolean).join(' ') || description || 'unnamed';
  return software ? `${name} (software)` : name;
}

/** Runs the command and returns its exit code. Without an adapter `launchBrowser` throws. */
export async function info(flags: InfoFlags): Promise<number> {
  const release = exitOnSignal();
  const { browser, executablePath, version, adapter } = await launchBrowser(flags, notify);
  await browser.close();
  release();
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ executablePath, version, adapter })}\n`
      : `Browser: ${executablePath} (version ${version})\nWebGPU adapter: ${describeAdapter(adapter)}\n`,
  );
  return EXIT.ok;
}
