/** How training goes: optimizer, rate, schedule, batch, regularization; all may be changed while it runs. */
import { css, html, nothing } from 'lit';
import { OPTIMIZERS, type TrainingSettings } from '../recipe';
import type { Change } from '../session';
import { SessionView } from './base';
import { short } from './transport';

const RATES = [
  1, 0.3, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.002, 0.001, 0.0005, 0.0003, 0.0001, 0.00001,
];
const BATCHES = [1, 4, 8, 10, 16, 20, 32, 64, 128, 256, 512];
const SCHEDULES = ['constant', 'cosine', 'step', 'warmup'] as const;
const LOSSES = {
  classify: ['crossEntropy'],
  language: ['crossEntropy'],
  regress: ['mseLoss', 'l1Loss', 'smoothL1Loss'],
};

export class TrainingPanel extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
      li {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 4px 0;
      }
      li span {
        flex: 1;
      }
      ul {
        list-style: none;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, problem: { state: true } };
  declare problem: string;

  protected override hears(change: Change): boolean {
    return change !== 'steps' && change !== 'token' && change !== 'test';
  }

  private async set(change: Partial<TrainingSettings>): Promise<void> {
    this.problem = '';
    try {
      await this.session!.setTraining(change);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private choice<K extends keyof TrainingSettings>(
    field: K,
    values: readonly TrainingSettings[K][],
    name: (value: any) => string = String,
  ) {
    const now = this.session!.state.training[field];
    const all = values.includes(now) ? values : [now, ...values];
    return html`<label>${this.t(`training.${field}` as 'training.lr')}
      <select data-field=${field} ?disabled=${this.locked} @change=${(event: Event) => this.set({ [field]: all[(event.target as HTMLSelectElement).selectedIndex] })}>
        ${all.map((value) => html`<option ?selected=${value === now}>${name(value)}</option>`)}
      </select></label>`;
  }

  private number(field: 'momentum' | 'weightDecay' | 'clip' | 'epochs' | 'seed', step: string, most: number) {
    return html`<label>${this.t(`training.${field}`)}
      <input type="number" inputmode="decimal" min="0" max=${most} step=${step} ?disabled=${this.locked} .value=${String(this.session!.state.training[field])}
        @change=${(event: Event) => this.set({ [field]: Number((event.target as HTMLInputElement).value) })} /></label>`;
  }

  override render() {
    const { session } = this;
    if (!session?.opened) return nothing;
    const { task } = session.opened.data;
    const losses = LOSSES[task === 'reconstruct' ? 'regress' : task] as TrainingSettings['loss'][];
    const { optimizer } = session.state.training;
    const hasMomentum = optimizer === 'sgd' || optimizer === 'rmsprop';
    return html`
      <div class="fields">
        ${this.choice('optimizer', OPTIMIZERS as readonly string[])}
        ${this.choice('lr', RATES, short)}
        ${this.choice('schedule', SCHEDULES, (value) => this.t(`schedule.${value as 'step'}`))}
        ${this.choice('batchSize', BATCHES)}
        ${this.choice('loss', losses)}
        ${this.number('epochs', '1', 100_000)}
        ${hasMomentum ? this.number('momentum', '0.05', 1) : nothing}
        ${this.number('weightDecay', '0.0001', 1)}
        ${this.number('clip', '0.1', 1000)}
        ${this.number('seed', '1', 2 ** 32 - 1)}
      </div>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <p class="muted small">${this.t('training.hint')}</p>
      <div class="row">
        <h2>${this.t('runs.title')}</h2>
        <button type="button" ?disabled=${session.steps === 0} @click=${() => session.keepRun().catch((error) => session.fail(error))}>${this.t('runs.keep')}</button>
      </div>
      ${session.runs.length === 0 ? html`<p class="muted small">${this.t('runs.empty')}</p>` : nothing}
      <ul>${session.runs.map(
        (run) => html`<li>
        <span>${run.name} <span class="muted">· ${this.t('runs.at', { epoch: run.epoch.toFixed(1) })}</span></span>
        <button type="button" @click=${() => session.goTo(run).catch((error) => session.fail(error))}>${this.t('runs.restore')}</button>
        <button type="button" class="quiet" aria-label=${this.t('runs.forget', { name: run.name })} @click=${() => session.forgetRun(run)}>×</button>
      </li>`,
      )}</ul>`;
  }
}
