/** Colours, sizes and forms that all views share. Custom properties named `--gradloom-*` may be set from outside. */
import { css } from 'lit';

export const theme = css`
  :host {
    --accent: var(--gradloom-accent, light-dark(#2259d6, #7da7ff));
    --on-accent: var(--gradloom-on-accent, light-dark(#ffffff, #0c1322));
    --page: var(--gradloom-background, light-dark(#f4f6fb, #0e131c));
    --card: var(--gradloom-surface, light-dark(#ffffff, #171e2b));
    --tile: var(--gradloom-tile, light-dark(#eef1f8, #222b3b));
    --line: var(--gradloom-line, light-dark(#d9dfeb, #313c50));
    --control: light-dark(#7f8aa0, #74839d);
    --text: var(--gradloom-text, light-dark(#182033, #e8edf7));
    --muted: var(--gradloom-muted, light-dark(#566178, #a3b0c6));
    --good: light-dark(#1b7a3d, #7fd49a);
    --bad: light-dark(#b3261e, #ff9d94);
    --train: light-dark(#2259d6, #7da7ff);
    --test: light-dark(#b85400, #ffb366);
    --radius: var(--gradloom-radius, 12px);
    --font: var(--gradloom-font, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans SC', sans-serif);
    --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, monospace;
    box-sizing: border-box;
    color: var(--text);
    font: 14px/1.45 var(--font);
  }
  *,
  *::before,
  *::after {
    box-sizing: inherit;
  }
  [hidden] {
    display: none !important;
  }
  h2,
  p,
  dl,
  dd,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  h2 {
    font-size: 15px;
    font-weight: 650;
  }
  h2.sub {
    font-size: 12px;
    font-weight: 600;
    color: var(--muted);
  }
  button,
  select,
  input,
  textarea {
    font: inherit;
    color: inherit;
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    min-height: 36px;
    padding: 0 12px;
    border: 1px solid var(--line);
    border-radius: 9px;
    background: var(--card);
    cursor: pointer;
    transition: background 0.12s, border-color 0.12s;
  }
  button:hover:not(:disabled) {
    border-color: var(--accent);
  }
  button:disabled {
    opacity: 0.45;
    cursor: default;
  }
  button.primary {
    border-color: transparent;
    background: var(--accent);
    color: var(--on-accent);
    font-weight: 600;
  }
  button.quiet {
    border-color: transparent;
    background: none;
  }
  button.icon {
    width: 36px;
    padding: 0;
  }
  button[aria-pressed='true'] {
    border-color: var(--accent);
    background: color-mix(in srgb, var(--accent) 14%, var(--card));
  }
  select,
  input:not([type='range'], [type='checkbox'], [type='color']),
  textarea {
    width: 100%;
    min-height: 36px;
    padding: 6px 10px;
    border: 1px solid var(--control);
    border-radius: 9px;
    background: var(--card);
  }
  input[type='range'] {
    width: 100%;
    height: 24px;
    margin: 0;
    accent-color: var(--accent);
  }
  input[type='checkbox'] {
    width: 18px;
    height: 18px;
    margin: 0;
    accent-color: var(--accent);
  }
  label {
    display: grid;
    gap: 4px;
    min-width: 0;
    font-size: 12.5px;
    color: var(--muted);
  }
  label > :is(select, input, textarea) {
    font-size: 14px;
    color: var(--text);
  }
  label .value {
    float: right;
    color: var(--text);
    font-variant-numeric: tabular-nums;
  }
  label.inline {
    display: flex;
    align-items: center;
    gap: 8px;
  }
  :is(button, select, input, textarea, summary, [tabindex]):focus-visible {
    outline: 3px solid color-mix(in srgb, var(--accent) 65%, transparent);
    outline-offset: 1px;
  }
  summary {
    cursor: pointer;
    color: var(--muted);
  }
  svg.icon {
    flex: none;
    width: 18px;
    height: 18px;
    fill: currentcolor;
  }
  canvas {
    display: block;
  }
  .muted {
    color: var(--muted);
  }
  .small {
    font-size: 12.5px;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 8px;
  }
  .stack {
    display: grid;
    gap: 14px;
    min-width: 0;
  }
  .fields {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 138px), 1fr));
    gap: 12px;
  }
  .chips {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  .chips button {
    min-height: 32px;
    padding: 0 11px;
    font-size: 13px;
  }
  .problem {
    color: var(--bad);
    overflow-wrap: anywhere;
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    * {
      transition: none !important;
      animation: none !important;
    }
  }
`;

/** Colours of classes, told apart by lightness too. */
const CLASS_COLORS = [
  [33, 102, 214],
  [232, 113, 10],
  [26, 150, 88],
  [171, 71, 188],
  [214, 47, 79],
  [0, 151, 167],
  [121, 85, 72],
  [158, 157, 36],
  [94, 53, 177],
  [84, 110, 122],
] as const;

export type Color = readonly [number, number, number];

/** Of a class by its index. */
export const classColor = (index: number): Color => CLASS_COLORS[index % CLASS_COLORS.length];
export const cssColor = ([r, g, b]: Color, alpha = 1) => `rgb(${r} ${g} ${b} / ${alpha})`;
