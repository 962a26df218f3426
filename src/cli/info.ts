/** `gradloom info`: which browser and which WebGPU adapter the other commands will use. */
import { EXIT } from './errors';
import { type AdapterDescription, launchBrowser } from './launch';

/** An adapter in a few words: `nvidia hopper`, `google swiftshader (software)`. */
export function describeAdapter({ vendor, architecture, description, software }: AdapterDescription): string {
  const name = [vendor, architecture].filter(Boolean).join(' ') || description || 'unnamed';
  return software ? `${name} (software)` : name;
}

/** Runs the command and returns its exit code. Without an adapter `launchBrowser` throws. */
export async function info(flags: { browser?: string; json?: boolean }): Promise<number> {
  const { browser, executablePath, version, adapter } = await launchBrowser(flags);
  await browser.close();
  process.stdout.write(
    flags.json
      ? `${JSON.stringify({ executablePath, version, adapter })}\n`
      : `Browser: ${executablePath} (version ${version})\nWebGPU adapter: ${describeAdapter(adapter)}\n`,
  );
  return EXIT.ok;
}
