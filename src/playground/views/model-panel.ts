/** The model as a list of layers: add, remove, reorder by drag and keys, edit; or as JSON, TypeScript, PyTorch. */
import { html, nothing } from 'lit';
import { topLayers, typeOf, withLayers } from '../engine/layers';
import type { ModelInfo } from '../engine/protocol';
import type { Change } from '../session';
import { SessionView } from './base';
import { icon } from './icons';
import { modelStyle } from './model-style';
import { type OptionSchema, optionFields } from './option-fields';

/** Layers that are offered first, with what they are made with. */
const COMMON: readonly Record<string, unknown>[] = [
  { type: 'linear', inFeatures: 1, outFeatures: 8 },
  { type: 'relu' },
  { type: 'tanh' },
  { type: 'sigmoid' },
  { type: 'gelu' },
  { type: 'dropout', p: 0.2 },
  { type: 'conv2d', inChannels: 1, outChannels: 8, kernelSize: 3, padding: 1 },
  { type: 'maxPool2d', kernelSize: 2 },
  { type: 'batchNorm1d', numFeatures: 1 },
  { type: 'batchNorm2d', numFeatures: 1 },
  { type: 'layerNorm', normalizedShape: 1 },
  { type: 'flatten' },
];

type View = 'layers' | 'json' | 'typescript' | 'pytorch';
const VIEWS: View[] = ['layers', 'json', 'typescript', 'pytorch'];

type Layers = { key: string; spec: unknown }[];

export class ModelPanel extends SessionView {
  static override styles = [...SessionView.styles, modelStyle];
  static override properties = {
    ...SessionView.properties,
    draft: { state: true },
    info: { state: true },
    open: { state: true },
    view: { state: true },
    catalog: { state: true },
    problem: { state: true },
    copied: { state: true },
    code: { state: true },
  };
  /** The model as it is being changed; it is taken as soon as it fits. */
  declare draft: unknown;
  declare info: ModelInfo | undefined;
  /** The layer whose options are shown. */
  declare open: number | undefined;
  declare view: View;
  declare catalog: Record<string, { properties?: Record<string, OptionSchema> }> | undefined;
  declare problem: string;
  declare copied: boolean;
  declare code: string;
  private dragged: number | undefined;

  constructor() {
    super();
    Object.assign(this, { view: 'layers', problem: '', copied: false, code: '' });
  }

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'phase' || change === 'error';
  }

  protected override changed(change: Change): void {
    if (change !== 'model') return;
    this.draft = this.session?.state.model;
    this.info = this.session?.opened?.model;
    this.problem = '';
    void this.write();
  }

  private async loadCatalog(): Promise<void> {
    this.catalog ??= (await (await this.session!.engine()).call('catalog')) as ModelPanel['catalog'];
  }

  private get layers(): Layers {
    return topLayers(this.draft);
  }

  /** Tries a changed model: layers are made to fit each other, and the session takes it if it can be trained. */
  private async attempt(layers: Layers): Promise<void> {
    await this.take(withLayers(this.draft, layers), true);
  }

  private async take(model: unknown, mend: boolean): Promise<void> {
    this.problem = '';
    const session = this.session!;
    try {
      const engine = await session.engine();
      const mended = mend ? await engine.call('mend', model) : model;
      this.draft = mended;
      this.info = await engine.call('describe', mended);
      if (!this.info.error) await session.setModel(mended);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private move(from: number, to: number): void {
    const { layers } = this;
    if (to < 0 || to >= layers.length || from === to) return;
    layers.splice(to, 0, ...layers.splice(from, 1));
    if (this.open === from) this.open = to;
    void this.attempt(layers).then(() => {
      this.renderRoot.querySelectorAll<HTMLElement>('li > .head')[to]?.focus();
    });
  }

  private removeLayer(at: number): void {
    this.open = undefined;
    void this.attempt(this.layers.filter((_, i) => i !== at));
  }

  private add(spec: Record<string, unknown>): void {
    const { layers } = this;
    // Before the last layer, which gives the answer, unless another one is open.
    const at = this.open === undefined ? Math.max(0, layers.length - 1) : this.open + 1;
    layers.splice(at, 0, { key: '', spec });
    this.open = at;
    void this.loadCatalog();
    void this.attempt(layers);
  }

  private edit(at: number, option: string, value: unknown): void {
    const { layers } = this;
    const { [option]: _, ...rest } = layers[at].spec as Record<string, unknown>;
    layers[at] = { ...layers[at], spec: value === undefined ? rest : { ...rest, [option]: value } };
    void this.attempt(layers);
  }

  private key(event: KeyboardEvent, at: number): void {
    if (this.locked || !event.altKey) {
      if (event.key === 'Delete' && !this.locked) this.removeLayer(at);
      return;
    }
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!way) return;
    event.preventDefault();
    this.move(at, at + way);
  }

  private async write(): Promise<void> {
    const { view, draft } = this;
    if (view === 'json') this.code = JSON.stringify(draft, null, 2);
    else if (view !== 'layers') {
      const { toPyTorch, toTypeScript } = await import('../code');
      this.code = view === 'pytorch' ? toPyTorch(draft) : toTypeScript(draft);
    }
  }

  private async copy(): Promise<void> {
    const { code } = this;
    await navigator.clipboard
      .writeText(code)
      .catch(() => this.renderRoot.querySelector('textarea')?.select());
    this.copied = true;
    setTimeout(() => {
      this.copied = false;
    }, 1500);
  }

  private applyJson(): void {
    const text = this.renderRoot.querySelector('textarea')!.value;
    try {
      void this.take(JSON.parse(text), false);
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private layer(spec: unknown, at: number, count: number) {
    const info = this.info?.layers[at];
    const error = this.info?.error?.layer === at ? this.info.error.message : undefined;
    const isOpen = this.open === at;
    const type = typeOf(spec);
    const position = { layer: type, number: at + 1 };
    const summary = Object.entries(spec as object)
      .filter(([name, value]) => name !== 'type' && name !== 'layers' && typeof value !== 'object')
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
    const shape = info?.outputShape ? `[${info.outputShape.join(', ')}]` : '–';
    return html`<li class=${error ? 'bad' : ''} draggable=${this.locked ? 'false' : 'true'}
      @dragstart=${() => {
        this.dragged = at;
      }}
      @dragover=${(event: DragEvent) => event.preventDefault()}
      @drop=${(event: DragEvent) => {
        event.preventDefault();
        if (this.dragged !== undefined) this.move(this.dragged, at);
        this.dragged = undefined;
      }}>
      <button type="button" class="head" aria-expanded=${isOpen} @keydown=${(event: KeyboardEvent) => this.key(event, at)} @click=${() => {
        this.open = isOpen ? undefined : at;
        void this.loadCatalog();
      }}>
        <b>${type}</b><span class="summary">${summary}</span>
        <span class="shape">${shape}</span>
        <span class="count">${info?.parameters ? info.parameters.toLocaleString('en') : ''}</span>
      </button>
      ${
        isOpen
          ? html`<div class="options">
        ${optionFields(this.catalog?.[type]?.properties, spec as Record<string, unknown>, this.locked, (option, value) => this.edit(at, option, value))}
        <div class="row">
          <button type="button" class="icon" ?disabled=${this.locked || at === 0} aria-label=${this.t('model.up', position)} title=${this.t('model.up', position)} @click=${() => this.move(at, at - 1)}>${icon('up')}</button>
          <button type="button" class="icon" ?disabled=${this.locked || at === count - 1} aria-label=${this.t('model.down', position)} title=${this.t('model.down', position)} @click=${() => this.move(at, at + 1)}>${icon('down')}</button>
          <button type="button" ?disabled=${this.locked || count === 1} @click=${() => this.removeLayer(at)}>${icon('remove')}${this.t('model.remove')}</button>
        </div>
      </div>`
          : nothing
      }
      ${error ? html`<p class="problem small" role="alert">${error}</p>` : nothing}
    </li>`;
  }

  private list() {
    const { layers, info } = this;
    const bytes = info?.bytes;
    return html`
      <ol class="layers" aria-label=${this.t('model.layers')}>${layers.map(({ spec }, i) => this.layer(spec, i, layers.length))}</ol>
      <label>${this.t('model.add')}
        <select ?disabled=${this.locked} @focus=${() => this.loadCatalog()} @change=${(event: Event) => {
          const select = event.target as HTMLSelectElement;
          if (select.value)
            this.add(COMMON.find(({ type }) => type === select.value) ?? { type: select.value });
          select.value = '';
        }}>
          <option value="">${this.t('model.choose')}</option>
          <optgroup label=${this.t('model.common')}>${COMMON.map(({ type }) => html`<option>${type}</option>`)}</optgroup>
          <optgroup label=${this.t('model.all')}>${Object.keys(this.catalog ?? {}).map((type) => html`<option>${type}</option>`)}</optgroup>
        </select></label>
      ${info?.error?.layer === -1 ? html`<p class="problem" role="alert">${info.error.message}</p>` : nothing}
      ${
        info
          ? html`<p class="muted small">${this.t('model.total', {
              parameters: info.parameters.toLocaleString('en'),
              work: info.multAdds.toLocaleString('en'),
              memory: bytes === undefined ? '–' : `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 20 ? 2 : 1)} MiB`,
            })}</p>`
          : nothing
      }
      <p class="muted small">${this.t('model.hint')}</p>`;
  }

  private text() {
    const isJson = this.view === 'json';
    return html`
      <textarea class="code" spellcheck="false" aria-label=${this.t(`model.${this.view as 'json'}`)} ?readonly=${!isJson || this.locked} .value=${this.code}></textarea>
      <div class="row">
        <button type="button" @click=${this.copy}>${icon('copy')}${this.t(this.copied ? 'model.copied' : 'model.copy')}</button>
        ${isJson ? html`<button type="button" ?disabled=${this.locked} @click=${this.applyJson}>${this.t('model.apply')}</button>` : nothing}
      </div>`;
  }

  override render() {
    if (!this.session?.opened) return nothing;
    return html`
      <div class="chips" role="group" aria-label=${this.t('model.views')}>
        ${VIEWS.map(
          (view) =>
            html`<button type="button" aria-pressed=${view === this.view} @click=${() => {
              this.view = view;
              void this.write();
            }}>${this.t(`model.${view}`)}</button>`,
        )}
      </div>
      ${this.view === 'layers' ? this.list() : this.text()}
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}`;
  }
}
