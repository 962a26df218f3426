/** Taking it along: links with everything in them, lessons, weights, code, files. */
import { css, html, nothing } from 'lit';
import { readWeights } from '../../io/weights';
import { MOST_LINK, packRun, toHash, unpackRun } from '../link';
import type { Change } from '../session';
import { SessionView } from './base';
import { icon } from './icons';

/** What a lesson can hide or lock. */
export const LESSON_PARTS = [
  'preset',
  'transport',
  'charts',
  'model',
  'data',
  'training',
  'inside',
  'share',
] as const;

export class SharePanel extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 18px;
      }
      .link {
        min-height: 62px;
        font: 12px/1.4 var(--mono);
        overflow-wrap: anywhere;
      }
      textarea {
        min-height: 84px;
      }
      .parts {
        display: grid;
        grid-template-columns: 1fr auto auto;
        gap: 6px 18px;
        align-items: center;
        font-size: 13px;
      }
      .parts > :nth-child(3n + 2),
      .parts > :nth-child(3n) {
        justify-self: center;
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    withWeights: { state: true },
    link: { state: true },
    note: { state: true },
    problem: { state: true },
    linkTo: { attribute: false },
    text: { state: true },
    hide: { state: true },
    lock: { state: true },
  };
  declare withWeights: boolean;
  declare link: string;
  declare note: string;
  declare problem: string;
  /** The element of the page that opens the link. */
  declare linkTo: string;
  declare text: string;
  declare hide: string[];
  declare lock: string[];

  constructor() {
    super();
    Object.assign(this, {
      withWeights: true,
      link: '',
      note: '',
      problem: '',
      linkTo: '0',
      text: '',
      hide: [],
      lock: [],
    });
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'phase' || change === 'settings';
  }

  protected override changed(change: Change): void {
    if (change !== 'model') return;
    const { text = '', hide = [], lock = [] } = this.session?.state.lesson ?? {};
    Object.assign(this, { text, hide, lock, link: '' });
  }

  private async act(work: () => Promise<void>): Promise<void> {
    this.problem = this.note = '';
    try {
      await work();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private makeLink(): Promise<void> {
    return this.act(async () => {
      const shared = await this.session!.shared(this.withWeights);
      const { text, hide, lock } = this;
      const hasLesson = text || hide.length > 0 || lock.length > 0;
      const state = {
        ...shared.state,
        lesson: hasLesson ? { ...(text && { text }), hide, lock } : undefined,
      };
      const hash = await toHash({ ...shared, state }, this.linkTo);
      this.link = `${location.href.split('#')[0]}${hash}`;
      const isCut = this.withWeights && hash.split('.').length < 3;
      await navigator.clipboard.writeText(this.link).then(
        () => {
          this.note = this.t(isCut ? 'share.copiedWithout' : 'share.copied', { most: MOST_LINK });
        },
        () => {
          this.note = this.t(isCut ? 'share.without' : 'share.made');
        },
      );
    });
  }

  private give(name: string, type: string, content: BlobPart, detail: object): void {
    const address = URL.createObjectURL(new Blob([content], { type }));
    const link = document.createElement('a');
    link.href = address;
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
    this.dispatchEvent(new CustomEvent('export', { detail, bubbles: true, composed: true }));
  }

  private save(format: 'safetensors' | 'run' | 'json' | 'typescript' | 'pytorch'): Promise<void> {
    return this.act(async () => {
      const session = this.session!;
      const name = session.state.preset ?? 'model';
      if (format === 'safetensors') {
        const bytes = await (await session.engine()).call('weights');
        this.give(`${name}.safetensors`, 'application/octet-stream', bytes, { format, bytes });
      } else if (format === 'run') {
        const bytes = packRun(await session.shared(true));
        this.give(`${name}.gradloom`, 'application/octet-stream', bytes, { format, bytes });
      } else if (format === 'json') {
        const text = JSON.stringify(session.state.model, null, 2);
        this.give(`${name}.json`, 'application/json', text, { format, text });
      } else {
        const { toPyTorch, toTypeScript } = await import('../code');
        const isPython = format === 'pytorch';
        const text = (isPython ? toPyTorch : toTypeScript)(session.state.model);
        this.give(`${name.replace(/\W/g, '_')}.${isPython ? 'py' : 'ts'}`, 'text/plain', text, {
          format,
          text,
        });
      }
    });
  }

  private load(event: Event): Promise<void> {
    return this.act(async () => {
      const [file] = (event.target as HTMLInputElement).files ?? [];
      if (!file) return;
      const bytes = new Uint8Array(await file.arrayBuffer());
      const session = this.session!;
      if (/\.gradloom$/i.test(file.name)) {
        const { state, checkpoint } = unpackRun(bytes);
        await session.open(state, { checkpoint });
      } else {
        // Refused here already, by name, what is no file of weights.
        await readWeights(bytes, file.name);
        await (await session.engine()).call('load', bytes);
      }
      this.note = this.t('share.loaded', { name: file.name });
    });
  }

  private toggle(list: 'hide' | 'lock', part: string, on: boolean): void {
    this[list] = on ? [...this[list], part] : this[list].filter((other) => other !== part);
  }

  private box(list: 'hide' | 'lock', part: (typeof LESSON_PARTS)[number]) {
    const label = `${this.t(`share.${list}`)}: ${this.t(`part.${part}`)}`;
    return html`<input type="checkbox" aria-label=${label} .checked=${this[list].includes(part)} @change=${(event: Event) => this.toggle(list, part, (event.target as HTMLInputElement).checked)} />`;
  }

  override render() {
    if (!this.session?.opened) return nothing;
    const button = (format: Parameters<SharePanel['save']>[0]) =>
      html`<button type="button" @click=${() => this.save(format)}>${this.t(`share.${format}`)}</button>`;
    return html`
      <div class="stack">
        <h2>${this.t('share.link')}</h2>
        <label class="inline"><input type="checkbox" .checked=${this.withWeights} @change=${(
          event: Event,
        ) => {
          this.withWeights = (event.target as HTMLInputElement).checked;
        }} />${this.t('share.withWeights')}</label>
        <details>
          <summary>${this.t('share.lesson')}</summary>
          <div class="stack">
            <label>${this.t('share.text')}<textarea maxlength="4000" .value=${this.text} @input=${(
              event: Event,
            ) => {
              this.text = (event.target as HTMLTextAreaElement).value;
            }}></textarea></label>
            <div class="parts">
              <span></span><span>${this.t('share.hide')}</span><span>${this.t('share.lock')}</span>
              ${LESSON_PARTS.map((part) => html`<span>${this.t(`part.${part}`)}</span>${this.box('hide', part)}${this.box('lock', part)}`)}
            </div>
          </div>
        </details>
        <div class="row"><button type="button" class="primary" @click=${this.makeLink}>${icon('copy')}${this.t('share.copy')}</button></div>
        ${this.link ? html`<textarea class="link" readonly aria-label=${this.t('share.link')} .value=${this.link} @focus=${(event: Event) => (event.target as HTMLTextAreaElement).select()}></textarea>` : nothing}
        <p role="status" class="small muted">${this.note}</p>
        ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
      </div>
      <div class="stack">
        <h2>${this.t('share.files')}</h2>
        <div class="chips">${button('safetensors')}${button('run')}${button('json')}${button('typescript')}${button('pytorch')}</div>
        <label>${this.t('share.load')}<input type="file" accept=".gradloom,.safetensors,.pt,.pth,.bin,.npz" ?disabled=${this.locked} @change=${this.load} /></label>
      </div>`;
  }
}
