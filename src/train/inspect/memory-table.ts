/** The memory of a training step as text. */
import { formatShape } from '../../errors';
import { formatBytes } from '../../gpu/buffers';
import type { MemoryReport } from './explain';

/** The report as a table. @param most tensors that are listed */
export function formatMemory(report: MemoryReport, { most = 20 } = {}): string {
  const { tensors, changes, limit, largestBuffer } = report;
  const rows = tensors
    .slice(0, most)
    .map(({ name, module, phase, shape, dtype, bytes, first, last, buffer }) => [
      `${name}${module ? ` in ${module}` : ''}${phase === 'backward' ? ' (backward)' : ''}`,
      `${dtype} ${formatShape(shape)}`,
      formatBytes(bytes),
      buffer === undefined ? 'whole step' : `${first} to ${last}`,
      buffer === undefined ? 'own' : String(buffer),
    ]);
  const head = ['Tensor', 'Shape', 'Size', 'Dispatches', 'Buffer'];
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => cell.padEnd(widths[c]))
      .join('  ')
      .trimEnd();
  const parts = (['parameters', 'gradients', 'optimizer', 'results'] as const).map(
    (part) => `${part} ${formatBytes(report[part])}`,
  );
  const allowed = limit === undefined ? `${formatBytes(largestBuffer)} for one buffer` : formatBytes(limit);
  return [
    line(head),
    ...rows.map(line),
    ...(tensors.length > most ? [`and ${tensors.length - most} smaller ones`] : []),
    `Training on ${report.batchSize}: ${formatBytes(report.total)} (${parts.join(', ')}), data ${formatBytes(report.data)}`,
    `The device allows ${allowed}: it ${report.fits ? 'fits' : 'does not fit'}.`,
    ...changes.map(({ change, total }) => `With ${change}: ${formatBytes(total)}`),
  ].join('\n');
}
