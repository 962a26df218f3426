/** A summary as text. */
import { formatShape } from '../../errors';
import type { LayerSummary, ModelSummary } from './summary';

/** The table and totals, in lines. @param maxDepth the deepest layers shown; those within count in their parents. */
export function formatSummary(summary: ModelSummary, { maxDepth = Number.POSITIVE_INFINITY } = {}): string {
  const shown = summary.layers.filter(({ depth }) => depth <= maxDepth);
  const hasFields = summary.receptiveField !== undefined;
  const rows = shown.map((layer, i) => {
    // A row with rows below it says what they do not: its own parameters only.
    const inner = shown.slice(i + 1).findIndex(({ depth }) => depth <= layer.depth);
    const within = shown.slice(i + 1, inner < 0 ? undefined : i + 1 + inner);
    return rowOf(layer, within, hasFields);
  });
  const head = ['Layer (type)', 'Output shape', 'Parameters', 'Mult-adds', 'Receptive field'];
  const columns = hasFields ? head : head.slice(0, -1);
  const widths = columns.map((title, c) => Math.max(title.length, ...rows.map((row) => row[c].length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (c < 2 ? cell.padEnd(widths[c]) : cell.padStart(widths[c])))
      .join('  ')
      .trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  return [line(columns), rule, ...rows.map(line), rule, ...totals(summary)].join('\n');
}

function rowOf(layer: LayerSummary, within: readonly LayerSummary[], hasFields: boolean): string[] {
  const children = within.filter(({ depth }) => depth === layer.depth + 1);
  const own = (key: 'parameters' | 'multAdds') =>
    layer[key] - children.reduce((sum, child) => sum + child[key], 0);
  const name = layer.name.split('.').at(-1);
  const count = (key: 'parameters' | 'multAdds') => (own(key) > 0 ? grouped(own(key)) : '–');
  const cells = [
    `${'  '.repeat(layer.depth)}${name ? `${name} (${layer.type})` : layer.type}`,
    layer.outputShape ? formatShape(layer.outputShape) : 'not used in predictions',
    count('parameters'),
    layer.outputShape ? count('multAdds') : '–',
  ];
  return hasFields ? [...cells, layer.receptiveField?.join('×') ?? '–'] : cells;
}

function totals({ memory, ...summary }: ModelSummary): string[] {
  const { inputShape, parameters, buffers, multAdds, batchSize } = summary;
  const lines: [string, string][] = [
    ['Input', formatShape(inputShape)],
    ['Parameters', grouped(parameters)],
    ['Other state', `${grouped(buffers)} values`],
    ['Mult-adds per sample', scaled(multAdds)],
  ];
  if (summary.receptiveField) lines.push(['Receptive field', summary.receptiveField.join('×')]);
  lines.push([
    `Memory to predict ${batchSize}`,
    `${megabytes(memory.inference)} (parameters ${megabytes(memory.parameters)}, results ${megabytes(memory.forward)})`,
  ]);
  const { step, training, gradients, optimizer } = memory;
  lines.push([
    `Memory to train on ${batchSize}`,
    step === undefined || training === undefined
      ? 'too few values per channel for batch norm'
      : `${megabytes(training)} (parameters ${megabytes(memory.parameters)}, gradients ${megabytes(gradients)}, ` +
        `optimizer ${megabytes(optimizer)}, results ${megabytes(step)})`,
  ]);
  const width = Math.max(...lines.map(([title]) => title.length));
  return lines.map(([title, value]) => `${title.padEnd(width)}  ${value}`);
}

/** 1234567 as 1,234,567. */
export const grouped = (n: number): string => Math.round(n).toLocaleString('en-US');

/** 1814073344 as 1.81 G. */
export function scaled(n: number): string {
  const [unit, size] = (
    [
      ['G', 1e9],
      ['M', 1e6],
      ['k', 1e3],
    ] as const
  ).find(([, least]) => n >= least) ?? ['', 1];
  return unit ? `${(n / size).toFixed(2)} ${unit}` : grouped(n);
}

const megabytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
