/** How the list of layers looks. */
import { css } from 'lit';

export const modelStyle = css`
  :host {
    display: grid;
    gap: 14px;
  }
  .layers {
    display: grid;
    gap: 5px;
    list-style: none;
  }
  li {
    border: 1px solid var(--line);
    border-radius: 9px;
    background: var(--card);
  }
  li.bad {
    border-color: var(--bad);
  }
  li > .problem {
    padding: 0 10px 8px;
  }
  .head {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto 56px;
    gap: 10px;
    width: 100%;
    min-height: 38px;
    border: 0;
    background: none;
    text-align: left;
  }
  .head b {
    font-weight: 620;
  }
  .summary {
    overflow: hidden;
    font-size: 12px;
    color: var(--muted);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .shape {
    font: 12px var(--mono);
    color: var(--muted);
  }
  .count {
    font-size: 12.5px;
    text-align: right;
    font-variant-numeric: tabular-nums;
  }
  .options {
    display: grid;
    gap: 12px;
    padding: 10px 12px 12px;
    border-top: 1px solid var(--line);
  }
  .code {
    min-height: 330px;
    font: 12.5px/1.5 var(--mono);
    white-space: pre;
    overflow: auto;
  }
`;
