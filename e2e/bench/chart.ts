/** The chart of the training workloads: milliseconds per step of each library, on a logarithmic axis. */
import type { Row } from './results';

const WIDTH = 860;
const LABELS = 150;
const NUMBERS = 70;
const BAR = 14;
const GAP = 16;
const TOP = 56;
const COLORS: Record<string, string> = {
  gradloom: '#1a7f5a',
  'jax-js': '#c9742a',
  'tfjs-core': '#8a94a6',
  'tfjs-layers': '#b5bccb',
};

/** An SVG of the fenced times; rows without a measurement and wasm rows are left out. */
export function chart(rows: readonly Row[], adapter: string): string {
  const shown = rows.flatMap(({ workload, library, outcome, right }) =>
    'measured' in outcome && library in COLORS && right !== false
      ? [{ workload, library, time: outcome.measured.fenced.median }]
      : [],
  );
  const names = [...new Set(shown.map(({ workload }) => workload))];
  const decades = shown.map(({ time }) => Math.log10(time));
  const from = Math.floor(Math.min(0, ...decades));
  const to = Math.ceil(Math.max(1, ...decades));
  const x = (time: number) => LABELS + ((Math.log10(time) - from) / (to - from)) * (WIDTH - LABELS - NUMBERS);
  const parts: string[] = [];
  let y = TOP;
  for (const name of names) {
    const bars = shown.filter(({ workload }) => workload === name);
    const middle = y + (bars.length * BAR) / 2 + 4;
    parts.push(`<text x="${LABELS - 12}" y="${middle}" text-anchor="end" font-weight="600">${name}</text>`);
    for (const { library, time } of bars) {
      const width = (x(time) - LABELS).toFixed(1);
      const text = time < 10 ? time.toFixed(1) : time.toFixed(0);
      parts.push(
        `<rect x="${LABELS}" y="${y}" width="${width}" height="${BAR - 2}" fill="${COLORS[library]}"/>`,
        `<text x="${(x(time) + 5).toFixed(1)}" y="${y + 10}" font-size="10">${text}</text>`,
      );
      y += BAR;
    }
    y += GAP;
  }
  const grid = Array.from({ length: to - from + 1 }, (_, i) => {
    const at = x(10 ** (from + i)).toFixed(1);
    return (
      `<line x1="${at}" y1="${TOP - 8}" x2="${at}" y2="${y - GAP + 4}" stroke="#d7dbe2"/>` +
      `<text x="${at}" y="${y + 4}" text-anchor="middle" font-size="10">${10 ** (from + i)} ms</text>`
    );
  });
  const legend = Object.entries(COLORS)
    .filter(([library]) => shown.some((row) => row.library === library))
    .map(([library, color], i) => {
      const at = LABELS + 110 * i;
      return `<rect x="${at}" y="30" width="10" height="10" fill="${color}"/><text x="${at + 15}" y="39">${library}</text>`;
    });
  const title = `Milliseconds per training step, fenced, on ${adapter.trim()} (shorter is better)`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 16}" font-family="system-ui, sans-serif" font-size="12" fill="#2b3240">`,
    `<title>${title}</title>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="12" y="20" font-weight="600">${title}</text>`,
    ...legend,
    ...grid,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
