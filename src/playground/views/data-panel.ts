/** What is trained on: sets to choose from, their settings, one's own points, tables, texts and pictures. */
import { css, html, nothing } from 'lit';
import { fitModel } from '../fit-model';
import { type DataRecipe, PLANE_SHAPES, readData } from '../recipe';
import type { Change } from '../session';
import { SessionView } from './base';
import { classColor, cssColor } from './theme';

/** Kinds of data that are chosen by a button; tables come from files. */
const KINDS = ['plane', 'digits', 'series', 'names', 'text', 'images'] as const;

type Plane = Extract<DataRecipe, { kind: 'plane' }>;

export class DataPanel extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      textarea {
        min-height: 110px;
        font: 13px/1.5 var(--mono);
      }
      .balance {
        display: grid;
        gap: 4px;
        list-style: none;
      }
      .balance li {
        display: grid;
        grid-template-columns: minmax(24px, 84px) 1fr 44px;
        gap: 8px;
        align-items: center;
        font-size: 12.5px;
      }
      .track {
        height: 9px;
        border-radius: 5px;
        background: var(--tile);
        overflow: hidden;
      }
      .track i {
        display: block;
        height: 100%;
      }
      .balance span:last-child {
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      gradloom-plane {
        --plane-size: 320px;
      }
      .swatch {
        width: 14px;
        height: 14px;
        border-radius: 50%;
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    problem: { state: true },
    label: { state: true },
    expression: { state: true },
    editing: { state: true },
  };
  declare problem: string;
  /** The class of points that are being added. */
  declare label: number;
  declare expression: string | undefined;
  /** Whether pictures are being gathered. */
  declare editing: boolean;

  constructor() {
    super();
    this.problem = '';
    this.label = 0;
    this.editing = false;
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'phase' || change === 'error';
  }

  /** Takes other data, with a model that fits it. */
  private async use(given: unknown): Promise<void> {
    this.problem = '';
    const session = this.session!;
    try {
      const data = readData(given);
      const info = await (await session.engine()).call('prepare', data);
      const { model, training } = fitModel(session.state, data, info);
      await session.setData(data, model, training);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private slider(
    field: 'noise' | 'split' | 'samples',
    data: DataRecipe,
    least: number,
    most: number,
    step: number,
  ) {
    const value = (data as unknown as Record<string, number>)[field];
    const shown = field === 'split' ? `${Math.round(100 * value)} %` : String(value);
    return html`<label><span>${this.t(`data.${field}`)} <span class="value">${shown}</span></span>
      <input type="range" min=${least} max=${most} step=${step} .value=${String(value)} ?disabled=${this.locked}
        @change=${(event: Event) => this.use({ ...data, [field]: Number((event.target as HTMLInputElement).value) })} /></label>`;
  }

  private plane(data: Plane) {
    return html`
      <div class="chips" role="group" aria-label=${this.t('data.shape')}>
        ${PLANE_SHAPES.map(
          (shape) => html`<button type="button" aria-pressed=${shape === data.shape} ?disabled=${this.locked}
          @click=${() => this.choose(data, shape)}>${this.t(`shape.${shape}`)}</button>`,
        )}
      </div>
      ${data.shape === 'function' ? this.formula(data) : nothing}
      ${data.shape === 'points' ? this.points(data) : nothing}
      <div class="fields">
        ${data.shape === 'points' ? nothing : html`${this.slider('samples', data, 50, 2000, 50)}${this.slider('noise', data, 0, 5, 0.25)}`}
        ${this.slider('split', data, 0.1, 0.8, 0.05)}
      </div>`;
  }

  private choose(data: Plane, shape: Plane['shape']): Promise<void> {
    // Something to begin with: a point of each class in each corner region.
    const points = data.points.length > 0 ? data.points : START_POINTS;
    return this.use({ ...data, shape, ...(shape === 'points' && { points }) });
  }

  private formula(data: Plane) {
    return html`<form class="row" @submit=${(event: Event) => {
      event.preventDefault();
      void this.use({ ...data, expression: this.expression ?? data.expression });
    }}>
      <label>${this.t('data.formula')}
        <input spellcheck="false" .value=${this.expression ?? data.expression} ?disabled=${this.locked} @input=${(
          event: Event,
        ) => {
          this.expression = (event.target as HTMLInputElement).value;
        }} /></label>
      <button type="submit" ?disabled=${this.locked}>${this.t('data.use')}</button>
    </form>`;
  }

  private points(data: Plane) {
    return html`
      <div class="chips" role="group" aria-label=${this.t('data.pointClass')}>
        ${[0, 1, 2, 3].map(
          (label) =>
            html`<button type="button" aria-pressed=${label === this.label} @click=${() => {
              this.label = label;
            }}><i class="swatch" .style=${`background:${cssColor(classColor(label))}`}></i>${'ABCD'[label]}</button>`,
        )}
        <button type="button" ?disabled=${this.locked} @click=${() => this.use({ ...data, points: START_POINTS })}>${this.t('data.clearPoints')}</button>
      </div>
      <gradloom-plane .session=${this.session} .messages=${this.messages} .drawing=${this.locked ? undefined : this.label}
        @point=${({ detail: { x, y, label } }: CustomEvent) => this.use({ ...data, points: [...data.points, [x, y, label]] })}></gradloom-plane>
      <p class="muted small">${this.t('data.pointsHint')}</p>`;
  }

  private async readFile(event: Event): Promise<void> {
    const [file] = (event.target as HTMLInputElement).files ?? [];
    if (!file) return;
    const text = await file.text();
    await this.use(
      /\.(csv|tsv)$/i.test(file.name) ? { kind: 'csv', text, name: file.name } : { kind: 'text', text },
    );
  }

  private settings(data: DataRecipe) {
    switch (data.kind) {
      case 'plane':
        return this.plane(data);
      case 'series':
        return html`<div class="chips" role="group" aria-label=${this.t('data.shape')}>
          ${(['sine', 'logistic', 'mackeyGlass'] as const).map((shape) => html`<button type="button" aria-pressed=${shape === data.shape} ?disabled=${this.locked} @click=${() => this.use({ ...data, shape })}>${this.t(`shape.${shape}`)}</button>`)}
        </div>`;
      case 'text':
        return html`<form class="stack" @submit=${(event: Event) => {
          event.preventDefault();
          void this.use({
            ...data,
            text: (event.target as HTMLFormElement).querySelector('textarea')!.value || undefined,
          });
        }}>
          <label>${this.t('data.text')}<textarea maxlength="200000" ?disabled=${this.locked} placeholder=${this.t('data.textEmpty')} .value=${data.text ?? ''}></textarea></label>
          <div class="row"><button type="submit" ?disabled=${this.locked}>${this.t('data.use')}</button></div>
        </form>`;
      default:
        return nothing;
    }
  }

  override render() {
    const { session } = this;
    if (!session?.opened) return nothing;
    const { data } = session.opened;
    const { state } = session;
    const shown = this.editing ? 'images' : state.data.kind;
    const most = Math.max(1, ...(data.counts ?? []));
    return html`
      <div class="chips" role="group" aria-label=${this.t('data.kind')}>
        ${KINDS.map(
          (kind) =>
            html`<button type="button" aria-pressed=${kind === shown} ?disabled=${this.locked} @click=${() => this.chooseKind(kind)}>${this.t(`kind.${kind}`)}</button>`,
        )}
      </div>
      ${shown === 'images' ? html`<gradloom-images .session=${session} .messages=${this.messages} .locked=${this.locked} @use=${({ detail }: CustomEvent) => this.use(detail)}></gradloom-images>` : nothing}
      ${this.settings(state.data)}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      <p class="muted small">${this.t('data.counts', { train: data.trainCount, test: data.testCount, shape: data.xShape.join(' × ') })}</p>
      ${
        data.counts
          ? html`<h2 class="sub">${this.t('data.balance')}</h2><ul class="balance">
        ${data.counts.map((count, i) => html`<li><span>${data.classes?.[i]}</span><span class="track"><i .style=${`width:${(100 * count) / most}%;background:${cssColor(classColor(i))}`}></i></span><span>${count}</span></li>`)}
      </ul>`
          : nothing
      }
      <gradloom-samples .session=${session} .messages=${this.messages}></gradloom-samples>
      <label>${this.t('data.own')}<input type="file" accept=".csv,.tsv,.txt,text/*" ?disabled=${this.locked} @change=${this.readFile} /></label>
      <p class="muted small">${this.t('data.private')}</p>`;
  }

  /** Pictures are gathered first; everything else is there at once. */
  private chooseKind(kind: (typeof KINDS)[number]): void {
    this.editing = kind === 'images';
    if (kind !== 'images' && kind !== this.session!.state.data.kind) void this.use({ kind });
  }
}

const START_POINTS: Plane['points'] = [
  [-0.5, 0.5, 0],
  [-0.6, 0.3, 0],
  [-0.3, 0.6, 0],
  [-0.7, 0.6, 0],
  [0.5, -0.5, 1],
  [0.6, -0.3, 1],
  [0.3, -0.6, 1],
  [0.7, -0.6, 1],
];
