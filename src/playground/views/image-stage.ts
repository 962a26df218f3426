/** Pictures: draw one and see what the network says, and test samples with its answers. */
import { css, html, nothing } from 'lit';
import { toDigitImage } from '../../data/image';
import type { Samples, Values } from '../engine/protocol';
import type { Change } from '../session';
import { softmax } from '../softmax';
import { Refresher, SessionView } from './base';
import type { DrawingPad } from './drawing-pad';
import { closeWebcam, openWebcam, squareBytes } from './picture-source';
import { paintImage } from './pictures';

/** Test samples that are shown. */
const SHOWN = 20;

export class ImageStage extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 16px;
      }
      .draw {
        display: grid;
        grid-template-columns: minmax(150px, 230px) minmax(150px, 1fr);
        gap: 16px;
        align-items: start;
      }
      .answer {
        display: grid;
        gap: 8px;
      }
      .verdict {
        display: flex;
        align-items: center;
        gap: 10px;
        min-height: 46px;
      }
      .verdict canvas {
        flex: none;
        width: 46px;
        height: 46px;
        border-radius: 7px;
        background: #10131a;
        image-rendering: pixelated;
      }
      ol.bars {
        display: grid;
        gap: 3px;
        list-style: none;
      }
      .bars li {
        display: grid;
        grid-template-columns: minmax(14px, auto) 1fr 46px;
        gap: 8px;
        align-items: center;
        font-size: 12.5px;
      }
      .track {
        height: 11px;
        border-radius: 6px;
        background: var(--tile);
        overflow: hidden;
      }
      .track i {
        display: block;
        height: 100%;
        border-radius: 6px;
        background: var(--train);
        opacity: 0.55;
      }
      .best {
        font-weight: 700;
      }
      .best i {
        opacity: 1;
      }
      .bars b {
        text-align: right;
        font-weight: inherit;
      }
      .percent {
        text-align: right;
        font-variant-numeric: tabular-nums;
      }
      ul.samples {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(52px, 1fr));
        gap: 7px;
        list-style: none;
      }
      .samples li {
        padding: 0;
        border: 2px solid transparent;
        border-radius: 9px;
        background: var(--tile);
        font-size: 12px;
        text-align: center;
      }
      .samples canvas {
        width: 100%;
        aspect-ratio: 1;
        border-radius: 5px;
        background: #10131a;
        image-rendering: pixelated;
      }
      .samples button {
        display: grid;
        gap: 0;
        width: 100%;
        min-height: 0;
        padding: 3px;
        border: 0;
        background: none;
        font-size: 12px;
        color: inherit;
      }
      .right { color: var(--good); }
      .wrong { border-color: var(--bad) !important; color: var(--bad); font-weight: 700; }
      .rebuilt canvas {
        width: 150px;
        height: 150px;
      }
      @container (max-width: 420px) {
        .draw { grid-template-columns: 1fr; }
        .draw gradloom-pad { max-width: 230px; justify-self: center; }
      }
    `,
  ];
  static override properties = {
    ...SessionView.properties,
    shares: { state: true },
    answers: { state: true },
    video: { state: true },
    problem: { state: true },
  };
  declare shares: Float32Array | undefined;
  declare answers: { samples: Samples; values: Values } | undefined;
  declare video: HTMLVideoElement | undefined;
  declare problem: string;
  private samples: Samples | undefined;
  private input: Float32Array | undefined;
  private readonly refresher = new Refresher(() => this.refresh(), 700);
  private readonly reader = new Refresher(() => this.readDrawing(), 60);

  protected override hears(change: Change): boolean {
    return change === 'model' || change === 'test' || change === 'phase' || change === 'error';
  }

  protected override changed(change: Change): void {
    if (change === 'model')
      Object.assign(this, { samples: undefined, shares: undefined, answers: undefined, input: undefined });
    this.refresher.ask();
  }

  private get shape(): readonly number[] {
    return this.session!.opened!.data.xShape;
  }

  private async refresh(): Promise<void> {
    const { session } = this;
    if (session?.opened?.data.input !== 'image') return;
    const engine = await session.engine();
    this.samples ??= await engine.call('samples', 'test', 0, SHOWN);
    const { x, count } = this.samples;
    this.answers = { samples: this.samples, values: await engine.call('predict', x, count) };
    // Something to read, before anybody has drawn.
    this.input ??= x.slice(0, x.length / count);
    await this.readDrawing();
  }

  private drawn(): void {
    const pad = this.renderRoot.querySelector<DrawingPad>('gradloom-pad')!;
    if (pad.empty || !this.session?.opened) {
      this.input = this.shares = undefined;
      return;
    }
    const [channels, size] = this.shape;
    const grey = toDigitImage(pad.pixels, { ink: 'bright', size, fit: Math.round((20 * size) / 28) });
    this.input = new Float32Array(channels * size * size);
    for (let c = 0; c < channels; c++)
      for (let i = 0; i < grey.length; i++) this.input[c * grey.length + i] = grey[i] / 255;
    this.reader.ask();
  }

  /** Reads a picture of a file. */
  private async takeFile(event: Event): Promise<void> {
    const [file] = (event.target as HTMLInputElement).files ?? [];
    if (!file) return;
    this.problem = '';
    try {
      const bitmap = await createImageBitmap(file);
      this.read(bitmap);
      bitmap.close();
    } catch {
      this.problem = this.t('images.unreadable', { name: file.name });
    }
  }

  /** Reads what the camera sees, again and again. */
  private async toggleCamera(): Promise<void> {
    this.problem = '';
    if (this.video) {
      closeWebcam(this.video);
      this.video = undefined;
      return;
    }
    try {
      const video = await openWebcam();
      this.video = video;
      while (this.video === video && this.isConnected) {
        this.read(video);
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      closeWebcam(video);
    } catch {
      this.problem = this.t('images.noCamera');
    }
  }

  private read(picture: CanvasImageSource): void {
    const [channels, size] = this.shape;
    this.input = Float32Array.from(squareBytes(picture, size, channels), (byte) => byte / 255);
    this.reader.ask();
  }

  /** Reads a test sample in place of a drawing. */
  private take(sample: number): void {
    const { x, count } = this.samples!;
    this.renderRoot.querySelector<DrawingPad>('gradloom-pad')!.clear();
    this.input = x.slice((sample * x.length) / count, ((sample + 1) * x.length) / count);
    this.reader.ask();
  }

  private async readDrawing(): Promise<void> {
    const { input, session } = this;
    if (!input || !session) return;
    const { data } = await (await session.engine()).call('predict', input, 1);
    this.shares = session.opened!.data.task === 'classify' ? softmax(data) : data;
  }

  override updated(): void {
    const { answers, input, shares } = this;
    const isRebuilt = this.session?.opened?.data.task === 'reconstruct';
    const seen = this.renderRoot.querySelector<HTMLCanvasElement>('#seen');
    if (seen) paintImage(seen, (isRebuilt && shares) || input || new Float32Array(784), this.shape);
    if (!answers) return;
    const size = this.shape.reduce((a, b) => a * b, 1);
    this.renderRoot.querySelectorAll<HTMLCanvasElement>('.samples canvas').forEach((canvas) => {
      const i = Number(canvas.dataset.sample);
      const from = canvas.dataset.of === 'output' ? answers.values.data : answers.samples.x;
      paintImage(canvas, from.subarray(i * size, (i + 1) * size), this.shape);
    });
  }

  private answerBars(classes: string[]) {
    const { shares } = this;
    const best = shares ? shares.indexOf(Math.max(...shares)) : -1;
    const verdict = shares
      ? this.t('use.verdict', { name: classes[best], percent: Math.round(100 * shares[best]) })
      : this.t('use.draw');
    return html`<div class="answer">
      <div class="verdict"><canvas id="seen" role="img" aria-label=${this.t('use.seen')}></canvas><p role="status">${verdict}</p></div>
      <ol class="bars" aria-label=${this.t('use.probabilities')}>
        ${classes.map((name, i) => {
          const percent = 100 * (shares?.[i] ?? 0);
          return html`<li class=${i === best ? 'best' : ''}><b>${name}</b><span class="track"><i .style=${`width:${percent.toFixed(1)}%`}></i></span><span class="percent">${shares ? `${percent.toFixed(percent < 10 ? 1 : 0)} %` : ''}</span></li>`;
        })}
      </ol>
    </div>`;
  }

  private sampleList(classes: string[]) {
    const { answers } = this;
    if (!answers) return nothing;
    const { samples, values } = answers;
    const width = values.data.length / samples.count;
    return html`<ul class="samples" aria-label=${this.t('stage.testSamples')}>
      ${Array.from({ length: samples.count }, (_, i) => {
        const row = values.data.subarray(i * width, (i + 1) * width);
        const best = row.indexOf(Math.max(...row));
        const label = samples.y[i];
        const text = this.t('stage.sampleText', { label: classes[label], answer: classes[best] ?? '–' });
        return html`<li class=${best === label ? 'right' : 'wrong'}><button type="button" aria-label=${text} @click=${() => this.take(i)}><canvas data-sample=${i}></canvas><span>${classes[best] ?? '–'}</span></button></li>`;
      })}
    </ul>`;
  }

  private rebuiltList() {
    const count = Math.min(10, this.answers?.samples.count ?? 0);
    const row = (of: 'input' | 'output') =>
      html`<h2 class="sub">${this.t(`stage.${of}`)}</h2><ul class="samples">${Array.from({ length: count }, (_, i) => html`<li><canvas data-sample=${i} data-of=${of} role="img" aria-label=${`${this.t(`stage.${of}`)} ${i + 1}`}></canvas></li>`)}</ul>`;
    return html`${row('input')}${row('output')}`;
  }

  override render() {
    const data = this.session?.opened?.data;
    if (data?.input !== 'image') return nothing;
    const isClasses = data.task === 'classify';
    return html`
      <div class="draw">
        <div class="stack">
          <gradloom-pad .messages=${this.messages} @draw=${this.drawn}></gradloom-pad>
          <div class="row">
            <button type="button" @click=${() => this.renderRoot.querySelector<DrawingPad>('gradloom-pad')!.clear()}>${this.t('use.clear')}</button>
            <button type="button" aria-pressed=${this.video !== undefined} @click=${this.toggleCamera}>${this.t(this.video ? 'use.cameraStop' : 'use.camera')}</button>
          </div>
          <label>${this.t('use.file')}<input type="file" accept="image/*" @change=${this.takeFile} /></label>
          ${this.problem ? html`<p class="problem" role="alert">${this.problem}</p>` : nothing}
        </div>
        ${isClasses ? this.answerBars(data.classes ?? []) : html`<div class="verdict rebuilt"><canvas id="seen" role="img" aria-label=${this.t('stage.output')}></canvas></div>`}
      </div>
      ${isClasses ? html`<h2 class="sub">${this.t('stage.testSamples')}</h2>${this.sampleList(data.classes ?? [])}` : this.rebuiltList()}`;
  }
}
