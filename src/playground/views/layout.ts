/** How the parts of the playground lie: one column on a phone, two on a desk, by the width of the element itself. */
import { css } from 'lit';

export const layout = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  .frame {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding: 14px;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) + 4px);
    background: var(--page);
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 10px 18px;
  }
  .preset {
    width: auto;
    max-width: 100%;
    font-weight: 600;
  }
  gradloom-transport {
    flex: 1 1 420px;
    min-width: 0;
  }
  .card {
    min-width: 0;
    padding: 16px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
  }
  .body {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
  }
  .main {
    display: grid;
    gap: 12px;
    align-content: start;
    min-width: 0;
  }
  .stage {
    container-type: inline-size;
    min-height: 260px;
  }
  .plane {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: center;
    gap: 14px 26px;
  }
  gradloom-plane {
    flex: 1 1 260px;
    max-width: 440px;
  }
  gradloom-network {
    flex: 0 1 auto;
  }
  .waiting {
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 12px;
    min-height: 230px;
    color: var(--muted);
  }
  .spinner {
    width: 30px;
    height: 30px;
    border: 3px solid var(--line);
    border-top-color: var(--accent);
    border-radius: 50%;
    animation: turn 0.9s linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  .panels {
    padding: 0;
    overflow: hidden;
  }
  .tabs {
    display: flex;
    gap: 2px;
    padding: 6px 8px 0;
    border-bottom: 1px solid var(--line);
    overflow-x: auto;
  }
  .tabs button {
    flex: none;
    border: 0;
    border-bottom: 3px solid transparent;
    border-radius: 8px 8px 0 0;
    background: none;
    color: var(--muted);
  }
  .tabs button[aria-selected='true'] {
    border-bottom-color: var(--accent);
    color: var(--text);
    font-weight: 600;
  }
  .panel {
    container-type: inline-size;
    padding: 16px;
  }
  .lesson {
    display: grid;
    gap: 8px;
    border-left: 4px solid var(--accent);
    font-size: 15px;
  }
  .problem-card {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 12px;
    padding: 14px 16px;
    border: 1px solid var(--bad);
    border-left-width: 5px;
    border-radius: var(--radius);
    background: var(--card);
    overflow-wrap: anywhere;
  }
  .problem-card svg {
    width: 24px;
    height: 24px;
    color: var(--bad);
  }
  .problem-card strong {
    font-size: 15px;
  }
  .problem-card p {
    margin-top: 4px;
  }
  footer {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 4px 20px;
    font-size: 12.5px;
    color: var(--muted);
  }
  @container (min-width: 900px) {
    .body {
      grid-template-columns: minmax(0, 1fr) minmax(340px, 400px);
      align-items: start;
    }
    .panel {
      max-height: 700px;
      overflow-y: auto;
    }
  }
  @container (min-width: 1700px) {
    .frame {
      zoom: 1.15;
    }
    .body {
      grid-template-columns: minmax(0, 1fr) minmax(400px, 520px);
    }
  }
  @container (max-width: 520px) {
    .frame {
      padding: 8px;
      gap: 8px;
    }
    .card {
      padding: 12px;
    }
    .panels {
      padding: 0;
    }
  }
`;
