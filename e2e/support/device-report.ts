/** Reports of devices that tests run on, for the table in docs/devices.md. Node only. */
import type { Device } from '../../src/gpu/device';
import type { CaseResult } from '../../src/reference/conformance';
import { deviceReport, type ReportedDevice } from '../../src/reference/device-report';

/** Writes the report of what ran in Node on this device. */
export async function writeDeviceReport(
  path: string,
  { adapterInfo, gpu }: Device,
  results: CaseResult[],
): Promise<void> {
  const browser = `Dawn in Node ${process.versions.node}`;
  await writeReport(path, { adapter: adapterInfo, features: [...gpu.features], browser }, results);
}

/** Writes the report of a device and browser. */
export async function writeReport(
  path: string,
  device: ReportedDevice,
  results: CaseResult[],
): Promise<void> {
  const failed = results.filter(({ passed }) => !passed).length;
  const report = deviceReport(device, { passed: results.length - failed, failed, results });
  // Not a literal, because the bundler of the browser tests would look for it.
  const fileSystem = 'node:fs';
  const { writeFileSync } = await import(/* @vite-ignore */ fileSystem);
  writeFileSync(path, `${JSON.stringify(report, null, 1)}\n`);
}
