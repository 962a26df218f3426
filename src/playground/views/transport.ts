/** Play, pause, steps, reset, undo, and how far training is. */
import { css, html, nothing } from 'lit';
import { SessionView } from './base';
import { icon } from './icons';

const percent = (value: number | undefined) => (value === undefined ? '–' : `${(100 * value).toFixed(1)} %`);

/** A number in a few digits. */
export function short(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(1);
  return value.toPrecision(3);
}

/** Milliseconds between two steps, from the fastest. */
const DELAYS = [0, 100, 500, 1500];

export class TransportView extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 10px 18px;
      }
      .play {
        width: 52px;
        height: 52px;
        border-radius: 50%;
      }
      .play svg {
        width: 26px;
        height: 26px;
      }
      .figures {
        display: flex;
        flex: 1 1 270px;
        flex-wrap: wrap;
        gap: 6px 22px;
        justify-content: flex-end;
      }
      .figures div {
        min-width: 62px;
      }
      dt {
        font-size: 11.5px;
        color: var(--muted);
      }
      dd {
        font-size: 18px;
        font-weight: 640;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      select {
        width: auto;
      }
      @container (max-width: 520px) {
        .row {
          flex-wrap: nowrap;
          gap: 5px;
          width: 100%;
        }
        .row select {
          flex: 1 1 70px;
          min-width: 0;
        }
        .figures {
          display: grid;
          grid-template-columns: repeat(4, 1fr);
          gap: 4px 8px;
        }
        .figures div {
          min-width: 0;
        }
        dt {
          overflow: hidden;
          text-overflow: ellipsis;
          white-space: nowrap;
        }
        dd {
          font-size: 16px;
        }
      }
    `,
  ];

  private async act(name: 'toggle' | 'step' | 'trainEpoch' | 'reset' | 'undo'): Promise<void> {
    const { session } = this;
    await session?.[name]().catch((error) => session.fail(error));
    this.requestUpdate();
  }

  private button(
    name: Parameters<TransportView['act']>[0],
    key: 'step' | 'epoch' | 'reset' | 'undo',
    disabled: boolean,
  ) {
    const label = this.t(`transport.${key}`);
    return html`<button class="icon" type="button" title=${label} aria-label=${label} ?disabled=${disabled || this.locked} @click=${() => this.act(name)}>${icon(key)}</button>`;
  }

  override render() {
    const { session } = this;
    if (!session) return nothing;
    const { isRunning, phase, curves, opened } = session;
    const usable = phase === 'ready' || phase === 'running';
    const label = this.t(isRunning ? 'transport.pause' : 'transport.play');
    const test = curves.test.last;
    const isClasses = opened?.data.task === 'classify' || opened?.data.task === 'language';
    const figure = (key: 'epoch' | 'loss' | 'testLoss' | 'testAccuracy' | 'speed', value: string) =>
      html`<div><dt>${this.t(`figure.${key}`)}</dt><dd data-figure=${key}>${value}</dd></div>`;
    return html`
      <div class="row" role="group" aria-label=${this.t('transport.label')}>
        <button class="primary play" part="play" type="button" aria-label=${label} title=${label} ?disabled=${!usable || this.locked} @click=${() => this.act('toggle')}>
          ${icon(isRunning ? 'pause' : 'play')}
        </button>
        ${this.button('step', 'step', !usable || isRunning)}
        ${this.button('trainEpoch', 'epoch', !usable || isRunning)}
        ${this.button('reset', 'reset', !usable || session.steps === 0)}
        ${this.button('undo', 'undo', !usable || !session.canUndo)}
        <select aria-label=${this.t('transport.speed')} ?disabled=${this.locked} @change=${(event: Event) => session.setDelay(DELAYS[(event.target as HTMLSelectElement).selectedIndex])}>
          ${DELAYS.map((delay, i) => html`<option ?selected=${delay === session.delay}>${this.t(`speed.${i as 0 | 1 | 2 | 3}`)}</option>`)}
        </select>
      </div>
      <dl class="figures">
        ${figure('epoch', session.epoch >= 100 ? session.epoch.toFixed(0) : session.epoch.toFixed(1))}
        ${figure('loss', short(curves.train.last?.loss))}
        ${isClasses ? figure('testAccuracy', percent(test?.accuracy)) : figure('testLoss', short(test?.loss))}
        ${figure('speed', session.stepsPerSecond ? session.stepsPerSecond.toFixed(session.stepsPerSecond < 10 ? 1 : 0) : '–')}
      </dl>`;
  }
}
