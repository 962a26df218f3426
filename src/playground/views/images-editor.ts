/** One's own pictures by class: files, folders that are classes, the camera, drawings. They stay in the page. */
import { css, html, nothing } from 'lit';
import { toDigitImage } from '../../data/image';
import { fromBase64, toBase64 } from '../data/base64';
import type { DataRecipe } from '../recipe';
import { SessionView } from './base';
import type { DrawingPad } from './drawing-pad';
import { closeWebcam, openWebcam, squareBytes } from './picture-source';
import { paintImage } from './pictures';

type Images = Extract<DataRecipe, { kind: 'images' }>;
interface ClassImages {
  name: string;
  images: Uint8Array<ArrayBuffer>[];
}

/** Pictures of a class at most: all of them lie in the recipe. */
const MOST_IMAGES = 400;
const FORMS = [
  { size: 28, channels: 1 },
  { size: 32, channels: 3 },
  { size: 48, channels: 3 },
] as const;

export class ImagesEditor extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 12px;
      }
      fieldset {
        display: grid;
        gap: 8px;
        min-width: 0;
        margin: 0;
        padding: 10px 12px;
        border: 1px solid var(--line);
        border-radius: 10px;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(36px, 1fr));
        gap: 4px;
        max-height: 132px;
        overflow-y: auto;
      }
      .grid canvas {
        width: 100%;
        border-radius: 4px;
        image-rendering: pixelated;
      }
      .file {
        position: relative;
        display: inline-flex;
        align-items: center;
        min-height: 36px;
        padding: 0 12px;
        border: 1px solid var(--line);
        border-radius: 9px;
        color: var(--text);
        cursor: pointer;
      }
      .file input {
        position: absolute;
        inset: 0;
        opacity: 0;
        cursor: pointer;
      }
      .file:focus-within {
        outline: 3px solid color-mix(in srgb, var(--accent) 65%, transparent);
      }
      video {
        width: 160px;
        border-radius: 8px;
      }
      gradloom-pad {
        max-width: 190px;
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    classes: { state: true },
    form: { state: true },
    active: { state: true },
    source: { state: true },
    problem: { state: true },
  };
  declare classes: ClassImages[];
  declare form: (typeof FORMS)[number];
  /** The class that camera or drawing adds to. */
  declare active: number;
  declare source: 'camera' | 'drawing' | undefined;
  declare problem: string;
  private video: HTMLVideoElement | undefined;

  constructor() {
    super();
    Object.assign(this, { form: FORMS[0], active: 0, problem: '' });
    this.classes = [
      { name: 'A', images: [] },
      { name: 'B', images: [] },
    ];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const data = this.session?.state.data;
    if (data?.kind === 'images') this.show(data);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    closeWebcam(this.video);
    this.video = undefined;
  }

  private show({ size, channels, classes }: Images): void {
    this.form = FORMS.find((form) => form.size === size && form.channels === channels) ?? FORMS[0];
    const bytes = size * size * channels;
    this.classes = classes.map(({ name, bytes: text }) => {
      const all = fromBase64(text);
      return {
        name,
        images: Array.from({ length: all.length / bytes }, (_, i) => all.slice(i * bytes, (i + 1) * bytes)),
      };
    });
  }

  private change(at: number, change: Partial<ClassImages>): void {
    this.classes = this.classes.map((one, i) => (i === at ? { ...one, ...change } : one));
  }

  private add(at: number, ...images: Uint8Array<ArrayBuffer>[]): void {
    this.change(at, { images: [...this.classes[at].images, ...images].slice(0, MOST_IMAGES) });
  }

  private async bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
    const bitmap = await createImageBitmap(file).catch((cause) => {
      throw new Error(this.t('images.unreadable', { name: file.name }), { cause });
    });
    const bytes = squareBytes(bitmap, this.form.size, this.form.channels);
    bitmap.close();
    return bytes;
  }

  private async act(work: () => Promise<void>): Promise<void> {
    this.problem = '';
    try {
      await work();
    } catch (error) {
      this.problem = error instanceof Error ? error.message : String(error);
    }
  }

  private addFiles(at: number, event: Event): Promise<void> {
    const input = event.target as HTMLInputElement;
    return this.act(async () => {
      for (const file of [...(input.files ?? [])].slice(0, MOST_IMAGES))
        this.add(at, await this.bytesOf(file));
      input.value = '';
    });
  }

  /** Each folder becomes a class. */
  private addFolders(event: Event): Promise<void> {
    const files = [...((event.target as HTMLInputElement).files ?? [])].filter(({ type }) =>
      type.startsWith('image/'),
    );
    return this.act(async () => {
      const classes = new Map<string, Uint8Array<ArrayBuffer>[]>();
      for (const file of files) {
        const name = file.webkitRelativePath.split('/').at(-2) || 'A';
        const images = classes.get(name) ?? [];
        classes.set(name, images);
        if (images.length < MOST_IMAGES) images.push(await this.bytesOf(file));
      }
      if (classes.size < 2) throw new Error(this.t('images.folders'));
      this.classes = [...classes].map(([name, images]) => ({ name, images }));
    });
  }

  private openSource(source: 'camera' | 'drawing', at: number): Promise<void> {
    this.active = at;
    return this.act(async () => {
      if (source === 'camera') {
        this.video ??= await openWebcam().catch((cause) => {
          throw new Error(this.t('images.noCamera'), { cause });
        });
      }
      this.source = source;
    });
  }

  private capture(): void {
    if (this.video) this.add(this.active, squareBytes(this.video, this.form.size, this.form.channels));
  }

  private takeDrawing(): void {
    const pad = this.renderRoot.querySelector<DrawingPad>('gradloom-pad')!;
    if (pad.empty) return;
    const { size, channels } = this.form;
    const grey = toDigitImage(pad.pixels, { ink: 'bright', size, fit: Math.round((20 * size) / 28) });
    const bytes = new Uint8Array(grey.length * channels);
    for (let c = 0; c < channels; c++) bytes.set(grey, c * grey.length);
    this.add(this.active, bytes);
    pad.clear();
  }

  private use(): void {
    const { size, channels } = this.form;
    const classes = this.classes.map(({ name, images }) => {
      const all = new Uint8Array(images.length * size * size * channels);
      images.forEach((image, i) => {
        all.set(image, i * image.length);
      });
      return { name, bytes: toBase64(all) };
    });
    this.dispatchEvent(new CustomEvent('use', { detail: { kind: 'images', size, channels, classes } }));
  }

  override updated(): void {
    const { size, channels } = this.form;
    this.classes.forEach(({ images }, at) => {
      this.renderRoot
        .querySelectorAll<HTMLCanvasElement>(`[data-class="${at}"] canvas`)
        .forEach((canvas, i) => {
          paintImage(canvas, images[i], [channels, size, size], { most: 255 });
        });
    });
    const place = this.renderRoot.querySelector('#camera');
    if (place && this.video && !place.contains(this.video)) place.append(this.video);
  }

  private classBox({ name, images }: ClassImages, at: number) {
    const isActive = this.active === at && this.source;
    return html`<fieldset data-class=${at}>
      <legend class="visually-hidden">${name}</legend>
      <div class="row">
        <label>${this.t('images.name')}<input maxlength="40" .value=${name} @change=${(event: Event) => this.change(at, { name: (event.target as HTMLInputElement).value })} /></label>
        <span class="muted small">${this.t('images.count', { count: images.length })}</span>
        ${images.length > 0 ? html`<button type="button" class="quiet" @click=${() => this.change(at, { images: [] })}>${this.t('use.clear')}</button>` : nothing}
      </div>
      <div class="row">
        <label class="file">${this.t('images.files')}<input type="file" accept="image/*" multiple @change=${(event: Event) => this.addFiles(at, event)} /></label>
        <button type="button" @click=${() => this.openSource('camera', at)}>${this.t('images.camera')}</button>
        <button type="button" @click=${() => this.openSource('drawing', at)}>${this.t('images.draw')}</button>
      </div>
      ${isActive && this.source === 'camera' ? html`<div class="row"><div id="camera"></div><button type="button" class="primary" @click=${this.capture}>${this.t('images.capture')}</button></div>` : nothing}
      ${isActive && this.source === 'drawing' ? html`<gradloom-pad .messages=${this.messages}></gradloom-pad><div class="row"><button type="button" class="primary" @click=${this.takeDrawing}>${this.t('images.addDrawing')}</button></div>` : nothing}
      ${images.length > 0 ? html`<div class="grid" tabindex="0" role="group" aria-label=${this.t('images.preview', { name })}>${images.map((_, i) => html`<canvas role="img" aria-label=${`${name} ${i + 1}`}></canvas>`)}</div>` : nothing}
    </fieldset>`;
  }

  override render() {
    const isEmpty = this.classes.every(({ images }) => images.length === 0);
    return html`
      <div class="fields">
        <label>${this.t('images.form')}<select ?disabled=${!isEmpty} @change=${(event: Event) => {
          this.form = FORMS[(event.target as HTMLSelectElement).selectedIndex];
        }}>${FORMS.map((form) => html`<option ?selected=${form === this.form}>${this.t(form.channels === 1 ? 'images.grey' : 'images.colour', { size: form.size })}</option>`)}</select></label>
        <label>${this.t('images.allFolders')}<input type="file" multiple webkitdirectory @change=${this.addFolders} /></label>
      </div>
      ${this.classes.map((one, at) => this.classBox(one, at))}
      <div class="row">
        <button type="button" ?disabled=${this.classes.length >= 10} @click=${() => {
          this.classes = [...this.classes, { name: 'ABCDEFGHIJ'[this.classes.length], images: [] }];
        }}>${this.t('images.addClass')}</button>
        <button type="button" class="primary" ?disabled=${this.locked || this.classes.some(({ images }) => images.length < 2)} @click=${this.use}>${this.t('images.use')}</button>
      </div>
      ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}`;
  }
}
