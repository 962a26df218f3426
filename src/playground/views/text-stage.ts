/** Text: what the language model writes, token by token; or a word and the class that the network gives it. */
import { css, html, nothing } from 'lit';
import type { EngineEvent } from '../engine/protocol';
import type { Change } from '../session';
import { softmax } from '../softmax';
import { Refresher, SessionView } from './base';

/** Characters that are written at once. */
const LENGTH = 160;

export class TextStage extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      pre {
        min-height: 132px;
        margin: 0;
        padding: 14px 16px;
        border-radius: var(--radius);
        background: var(--tile);
        font: 14px/1.6 var(--mono);
        white-space: pre-wrap;
        overflow-wrap: anywhere;
      }
      pre b {
        font-weight: 600;
        color: var(--train);
      }
      .controls {
        display: grid;
        grid-template-columns: 1fr minmax(110px, 160px) auto;
        gap: 12px;
        align-items: end;
      }
      ol {
        display: grid;
        gap: 4px;
        list-style: none;
      }
      li {
        display: grid;
        grid-template-columns: 84px 1fr 46px;
        gap: 8px;
        align-items: center;
        font-size: 13px;
      }
      .track {
        height: 12px;
        border-radius: 6px;
        background: var(--tile);
        overflow: hidden;
      }
      .track i {
        display: block;
        height: 100%;
        background: var(--train);
      }
      .percent {
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      @container (max-width: 480px) {
        .controls { grid-template-columns: 1fr 1fr; }
        .controls label:first-child { grid-column: 1 / -1; }
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    prompt: { state: true },
    written: { state: true },
    temperature: { state: true },
    shares: { state: true },
    problem: { state: true },
  };
  declare prompt: string;
  declare written: string;
  declare temperature: number;
  declare shares: Float32Array | undefined;
  declare problem: string;
  private seed = 0;
  private readonly refresher = new Refresher(() => this.refresh(), 1500);

  constructor() {
    super();
    Object.assign(this, { prompt: '', written: '', temperature: 0.7, problem: '' });
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'test' || change === 'token';
  }

  protected override changed(change: Change): void {
    if (change === 'token') return;
    if (change === 'model') {
      this.written = '';
      this.prompt = this.session?.opened?.data.task === 'language' ? 'the ' : 'yamada';
    }
    this.refresher.ask();
  }

  /** A token that was just chosen. */
  receive(event: EngineEvent): void {
    const characters = this.session?.opened?.data.characters;
    if (event.type === 'token' && characters) this.written += characters[event.token] ?? '';
  }

  private async refresh(): Promise<void> {
    const data = this.session?.opened?.data;
    if (data?.input !== 'tokens') return;
    this.problem = '';
    try {
      if (data.task === 'language') await this.write();
      else await this.classify();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private async write(): Promise<void> {
    const session = this.session!;
    const engine = await session.engine();
    this.written = '';
    await engine.call('generate', this.prompt || '\n', LENGTH, this.temperature, this.seed++);
  }

  private async classify(): Promise<void> {
    const session = this.session!;
    const { xShape, characters = [] } = session.opened!.data;
    const tokens = [...this.prompt.toLowerCase()]
      .map((character) => characters.indexOf(character))
      .filter((token) => token > 0);
    if (tokens.length === 0) {
      this.shares = undefined;
      return;
    }
    const x = new Float32Array(xShape[0]);
    x.set(tokens.slice(0, xShape[0]));
    this.shares = softmax((await (await session.engine()).call('predict', x, 1)).data);
  }

  private edit(event: Event): void {
    this.prompt = (event.target as HTMLInputElement).value;
    if (this.session?.opened?.data.task !== 'language') this.refresher.ask();
  }

  override render() {
    const data = this.session?.opened?.data;
    if (data?.input !== 'tokens') return nothing;
    const problem = this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing;
    if (data.task !== 'language') return html`${this.word(data.classes ?? [])}${problem}`;
    return html`
      <pre aria-label=${this.t('text.written')} tabindex="0"><b>${this.prompt}</b>${this.written}</pre>
      <div class="controls">
        <label>${this.t('text.prompt')}<input .value=${this.prompt} maxlength="200" @input=${this.edit} /></label>
        <label><span>${this.t('text.temperature')} <span class="value">${this.temperature.toFixed(1)}</span></span>
          <input type="range" min="0" max="1.5" step="0.1" .value=${String(this.temperature)} @input=${(
            event: Event,
          ) => {
            this.temperature = Number((event.target as HTMLInputElement).value);
          }} /></label>
        <button type="button" @click=${() => this.refresher.ask()}>${this.t('text.write')}</button>
      </div>
      ${problem}`;
  }

  private word(classes: string[]) {
    const { shares } = this;
    const order = classes.map((_, i) => i).sort((a, b) => (shares?.[b] ?? 0) - (shares?.[a] ?? 0));
    return html`
      <label>${this.t('text.word')}<input .value=${this.prompt} maxlength="40" @input=${this.edit} /></label>
      <ol aria-label=${this.t('use.probabilities')}>
        ${(shares ? order : classes.map((_, i) => i)).map((i) => {
          const percent = 100 * (shares?.[i] ?? 0);
          return html`<li><span>${classes[i]}</span><span class="track"><i .style=${`width:${percent.toFixed(1)}%`}></i></span><span class="percent">${shares ? `${percent.toFixed(0)} %` : ''}</span></li>`;
        })}
      </ol>`;
  }
}
