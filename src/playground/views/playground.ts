/** `<gradloom-playground>`: the views of a session around it, its attributes, methods and events. */
import { html, nothing } from 'lit';
import type { EngineEvent } from '../engine/protocol';
import { type MessageKey, messagesFor } from '../locales';
import { PRESET_NAMES } from '../presets';
import type { Change } from '../session';
import { SessionView } from './base';
import { icon } from './icons';
import { layout } from './layout';
import type { TextStage } from './text-stage';

/** Panels in the order of their tabs, with the view that each shows. */
const PANELS = ['model', 'data', 'training', 'inside', 'share'] as const;
export type PanelName = (typeof PANELS)[number];

export class PlaygroundView extends SessionView {
  static override styles = [...SessionView.styles, layout];
  static override properties = {
    ...SessionView.properties,
    panel: { state: true },
    linkTo: { attribute: false },
  };
  declare panel: PanelName;
  /** What links call this element. */
  declare linkTo: string;

  constructor() {
    super();
    this.panel = 'model';
    this.linkTo = '0';
  }

  /** Hears of what happened, after the session. */
  onEvent(event: EngineEvent): void {
    if (event.type === 'token') this.renderRoot.querySelector<TextStage>('gradloom-text')?.receive(event);
  }

  protected override hears(change: Change): boolean {
    return change !== 'steps' && change !== 'token' && change !== 'test';
  }

  private isHidden(name: string): boolean {
    return this.session?.state.lesson?.hide.includes(name) ?? false;
  }

  private isLocked(name: string): boolean {
    return this.session?.state.lesson?.lock.includes(name) ?? false;
  }

  private get panels(): PanelName[] {
    return PANELS.filter((name) => !this.isHidden(name));
  }

  private view(name: PanelName) {
    const common = [this.session, this.messages, this.isLocked(name)] as const;
    const [session, messages, locked] = common;
    switch (name) {
      case 'data':
        return html`<gradloom-data .session=${session} .messages=${messages} .locked=${locked}></gradloom-data>`;
      case 'training':
        return html`<gradloom-training .session=${session} .messages=${messages} .locked=${locked}></gradloom-training>`;
      case 'inside':
        return html`<gradloom-inside .session=${session} .messages=${messages}></gradloom-inside>`;
      case 'share':
        return html`<gradloom-share .session=${session} .messages=${messages} .locked=${locked} .linkTo=${this.linkTo}></gradloom-share>`;
      case 'model':
        return html`<gradloom-model .session=${session} .messages=${messages} .locked=${locked}></gradloom-model>`;
    }
  }

  private stage() {
    const { session, messages } = this;
    switch (session?.opened?.data.input) {
      case 'plane':
        return html`<div class="plane"><gradloom-network .session=${session} .messages=${messages}></gradloom-network><gradloom-plane .session=${session} .messages=${messages}></gradloom-plane></div>`;
      case 'image':
        return html`<gradloom-image .session=${session} .messages=${messages}></gradloom-image>`;
      case 'tokens':
        return html`<gradloom-text .session=${session} .messages=${messages}></gradloom-text>`;
      case 'series':
      case 'table':
        return html`<gradloom-series .session=${session} .messages=${messages}></gradloom-series>`;
      default:
        return html`<div class="waiting" role="status"><span class="spinner"></span>${this.t('phase.opening')}</div>`;
    }
  }

  /** What to do about an error, in words of the page. */
  private problem() {
    const { error } = this.session ?? {};
    if (!error) return nothing;
    const known = `error.${error.code}` as MessageKey;
    const title = known in this.messages ? this.t(known) : this.t('error.other');
    const hint = `hint.${error.code}` as MessageKey;
    return html`<div class="problem-card" part="error" role="alert">
      ${icon('warning')}
      <div>
        <strong>${title}</strong>
        ${hint in this.messages ? html`<p>${this.t(hint)}</p>` : nothing}
        ${error.where ? html`<p>${this.t('error.where', { where: error.where })}</p>` : nothing}
        <details><summary>${this.t('error.details')}</summary><p class="small">${error.message}</p></details>
      </div>
      <button type="button" class="quiet" aria-label=${this.t('error.close')} @click=${() => {
        this.session!.error = undefined;
        this.requestUpdate();
      }}>×</button>
    </div>`;
  }

  private choosePreset(event: Event): void {
    const { session } = this;
    session?.choose((event.target as HTMLSelectElement).value).catch(() => {});
  }

  private tabKey(event: KeyboardEvent): void {
    const way = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!way) return;
    const { panels } = this;
    this.panel = panels[(panels.indexOf(this.panel) + way + panels.length) % panels.length];
    event.preventDefault();
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus(),
    );
  }

  private tabs() {
    const { panels } = this;
    if (panels.length === 0) return nothing;
    const now = panels.includes(this.panel) ? this.panel : panels[0];
    return html`<section class="card panels" part="panels" aria-label=${this.t('panels.label')}>
      <div class="tabs" role="tablist" @keydown=${this.tabKey}>
        ${panels.map(
          (name) =>
            html`<button type="button" role="tab" id="tab-${name}" aria-controls="panel" aria-selected=${name === now} tabindex=${name === now ? 0 : -1} @click=${() => {
              this.panel = name;
            }}>${this.t(`panel.${name}`)}</button>`,
        )}
      </div>
      <div class="panel" id="panel" role="tabpanel" aria-labelledby="tab-${now}" tabindex="0">${this.view(now)}</div>
    </section>`;
  }

  override render() {
    const { session, messages } = this;
    if (!session) return nothing;
    const { lesson, preset } = session.state;
    const { adapter, inWorker, model } = session.opened ?? {};
    const isFailed = session.phase === 'failed';
    return html`<div class="frame" part="frame" data-phase=${session.phase}>
      <header class="bar" part="bar">
        ${
          this.isHidden('preset')
            ? nothing
            : html`<select class="preset" aria-label=${this.t('data.preset')} ?disabled=${this.isLocked('preset')} @change=${this.choosePreset}>
          ${preset === undefined || !(PRESET_NAMES as string[]).includes(preset) ? html`<option value="" selected>${this.t('preset.own')}</option>` : nothing}
          ${PRESET_NAMES.map((name) => html`<option value=${name} ?selected=${name === preset}>${this.t(`preset.${name}`)}</option>`)}
        </select>`
        }
        ${this.isHidden('transport') ? nothing : html`<gradloom-transport .session=${session} .messages=${messages} .locked=${this.isLocked('transport')}></gradloom-transport>`}
      </header>
      ${this.problem()}
      ${lesson?.text ? html`<aside class="card lesson" part="lesson">${lesson.text.split('\n').map((line) => html`<p>${line}</p>`)}</aside>` : nothing}
      ${
        isFailed
          ? nothing
          : html`<div class="body">
        <div class="main">
          <section class="card stage" part="stage" aria-label=${this.t('stage.label')}>${this.stage()}</section>
          ${this.isHidden('charts') ? nothing : html`<section class="card" part="charts" aria-label=${this.t('chart.label')}><gradloom-charts .session=${session} .messages=${messages}></gradloom-charts></section>`}
        </div>
        ${this.tabs()}
      </div>`
      }
      <footer part="footer">
        <p role="status" aria-live="polite">${this.status()}</p>
        ${adapter && model ? html`<p>${this.t('footer.parameters', { count: model.parameters.toLocaleString(this.lang || 'en') })} · ${adapter.name}${adapter.isCpu ? ` · ${this.t('footer.cpu')}` : ''}${inWorker ? '' : ` · ${this.t('footer.page')}`}</p>` : nothing}
      </footer>
    </div>`;
  }

  private status(): string {
    const { phase, notice, epoch } = this.session!;
    if (notice) return this.t(notice.key as MessageKey, notice.values);
    if (phase === 'ready')
      return this.session!.steps > 0
        ? this.t('phase.paused', { epoch: epoch.toFixed(1) })
        : this.t('phase.ready');
    return this.t(`phase.${phase}`);
  }

  /** Texts in the language of the element or of what it stands in. */
  setLanguage(language: string): void {
    this.messages = messagesFor(language);
  }
}
