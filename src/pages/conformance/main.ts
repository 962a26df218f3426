/** The conformance page: runs every op's cases on the visitor's adapter and shows what is right and what is not. */
import '@picocss/pico/css/pico.min.css';
import './style.css';
import { type Device, requestDevice } from '../../gpu/device';
import type { CaseResult } from '../../reference/conformance';
import { deviceReport } from '../../reference/device-report';
import { type ConformanceReport, runConformance } from '../../reference/suite';

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const rows = new Map<string, { row: HTMLTableRowElement; results: CaseResult[] }>();
const start = element<HTMLButtonElement>('start');
const stop = element<HTMLButtonElement>('stop');
const summary = element('summary');
const exportButton = element<HTMLButtonElement>('export');
element('browser').textContent = navigator.userAgent;

try {
  const device = await requestDevice();
  const { vendor, architecture, description } = device.adapterInfo;
  const adapter = [vendor, architecture, description].filter(Boolean).join(' ') || 'unnamed adapter';
  element('adapter').textContent = adapter;
  start.disabled = false;
  element('controls').addEventListener('submit', (event) => {
    event.preventDefault();
    void run(device);
  });
  if (new URLSearchParams(location.search).has('run')) await run(device);
} catch (error) {
  element('adapter').textContent = error instanceof Error ? error.message : String(error);
}

async function run(device: Device): Promise<void> {
  start.disabled = true;
  exportButton.disabled = true;
  rows.clear();
  element('results').replaceChildren();
  const filter = element<HTMLInputElement>('filter').value.trim();
  const began = performance.now();
  const progress = element<HTMLProgressElement>('progress');
  progress.value = 0;
  const stopping = new AbortController();
  stop.hidden = false;
  stop.onclick = () => stopping.abort();
  const onProgress = (result: CaseResult, done: number, total: number) => {
    progress.max = total;
    progress.value = done;
    summary.textContent = `${done} of ${total} cases`;
    show(result);
  };
  const report = await runConformance(device, filter, onProgress, { signal: stopping.signal });
  stop.hidden = true;
  start.disabled = false;
  if (report.results.length === 0) {
    summary.textContent = `No op has a name with “${filter}” in it: nothing was checked.`;
    return;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  const isPart = stopping.signal.aborted ? ', stopped before the others' : '';
  summary.textContent = `${report.passed} passed, ${report.failed} failed, in ${seconds} s${isPart}`;
  exportButton.disabled = false;
  exportButton.onclick = () => save(device, report);
}

/** Saves the report as a file. */
function save(device: Device, report: ConformanceReport): void {
  const { adapterInfo, gpu } = device;
  const described = { adapter: adapterInfo, features: [...gpu.features], browser: navigator.userAgent };
  const text = JSON.stringify(deviceReport(described, report), null, 1);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = 'gradloom-device.json';
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Adds a result to the row of its op; rows with failures come first and say what is wrong. */
function show(result: CaseResult): void {
  const body = element('results');
  let entry = rows.get(result.op);
  if (!entry) {
    entry = { row: document.createElement('tr'), results: [] };
    rows.set(result.op, entry);
    body.append(entry.row);
  }
  entry.results.push(result);
  const failed = entry.results.filter(({ passed }) => !passed);
  const worst = Math.max(...entry.results.map(({ worstError }) => worstError));
  const time = entry.results.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  const passed = entry.results.length - failed.length;
  entry.row.className = failed.length ? 'failed' : 'passed';
  entry.row.replaceChildren(
    cell(result.op),
    cell(failed.length ? `${passed} of ${entry.results.length}` : `${passed}`),
    cell(worst === 0 ? 'exact' : worst.toExponential(1)),
    cell(`${time.toFixed(0)} ms`),
  );
  if (failed.length) {
    body.prepend(entry.row);
    const details = document.createElement('small');
    details.textContent = failed.map(({ name, message }) => `${name}: ${message}`).join('\n');
    entry.row.cells[0].append(document.createElement('br'), details);
  }
}

function cell(text: string): HTMLTableCellElement {
  const td = document.createElement('td');
  td.textContent = text;
  return td;
}
