/** The custom element: attributes, properties, methods and events over a session and its view. */
import { css, html, LitElement } from 'lit';
import { SessionAutosave } from './autosave';
import { attributesFromAddress, EmbedBridge } from './embed';
import type { EngineEvent } from './engine/protocol';
import { fromHash } from './link';
import type { PlaygroundElement } from './public';
import { type HostSource, PlaygroundSession } from './session';
import type { PlaygroundView } from './views/playground';

/** Language of an element: its own, that of what it stands in, or the browser's. */
function languageOf(element: Element): string {
  for (let at: Element | null = element; at; at = at.parentElement ?? hostOf(at)) {
    const language = at.getAttribute('lang');
    if (language) return language;
  }
  return navigator.language;
}
const hostOf = (element: Element) => (element.getRootNode() as ShadowRoot).host ?? null;

/** @param source of the engines that all elements of this class share */
export function elementFor(source: HostSource): CustomElementConstructor {
  return class GradloomPlayground extends LitElement {
    static override styles = css`
      :host {
        display: block;
        color-scheme: light dark;
      }
      :host([theme='light']) {
        color-scheme: light;
      }
      :host([theme='dark']) {
        color-scheme: dark;
      }
      :host([hidden]) {
        display: none;
      }
    `;
    static override properties = {
      preset: {},
      autoplay: { type: Boolean },
      theme: { reflect: true },
      lang: {},
      panel: {},
      background: { type: Boolean },
      autosave: {},
      embed: {},
      state: { attribute: false },
    };
    declare preset: string | undefined;
    declare autoplay: boolean;
    declare theme: string;
    declare panel: string | undefined;
    declare background: boolean;
    /** Name under which the run is kept in this browser, to go on with another day. */
    declare autosave: string | undefined;
    /** Origins whose pages may drive the frame that this stands in; empty for the own one. */
    declare embed: string | undefined;
    private saver: SessionAutosave | undefined;
    private bridge: EmbedBridge | undefined;
    readonly session = new PlaygroundSession(source);
    private opened: Promise<void> | undefined;
    private isReady = false;
    private inSight = true;
    private readonly sight = new IntersectionObserver(([entry]) => {
      this.inSight = entry.isIntersecting;
      if (!this.background) void this.session.setHeld(!entry.isIntersecting).catch(() => {});
    });

    constructor() {
      super();
      this.session.subscribe((change, event) => {
        if (change === 'phase' && this.session.phase === 'ready' && !this.isReady) {
          this.isReady = true;
          this.tell('ready', {});
        }
        if (change === 'error') this.tell('error', { ...this.session.error });
        if (event) this.forward(event);
      });
    }

    /** Model, data and settings as plain JSON; setting it begins anew. */
    get state(): unknown {
      return this.session.state;
    }
    set state(value: unknown) {
      this.begin(value);
    }

    override connectedCallback(): void {
      super.connectedCallback();
      this.sight.observe(this);
      if (this.hasAttribute('embed')) {
        attributesFromAddress(this);
        this.bridge = new EmbedBridge(this as unknown as PlaygroundElement, this.getAttribute('embed') ?? '');
      }
      if (!this.opened) queueMicrotask(() => !this.opened && this.isConnected && this.beginHere());
      globalThis.addEventListener('hashchange', this.onHash);
    }

    override disconnectedCallback(): void {
      super.disconnectedCallback();
      this.sight.disconnect();
      this.bridge?.close();
      globalThis.removeEventListener('hashchange', this.onHash);
      // Moved within the page it is connected again at once.
      setTimeout(() => {
        if (this.isConnected) return;
        this.opened = undefined;
        this.isReady = false;
        this.saver?.stop();
        void this.session.close().catch(() => {});
      }, 0);
    }

    override attributeChangedCallback(name: string, old: string | null, value: string | null): void {
      super.attributeChangedCallback(name, old, value);
      if (name === 'preset' && this.opened && value && value !== old) this.begin(value);
    }

    play(): Promise<void> {
      return this.whenOpened(() => this.session.play());
    }
    pause(): Promise<void> {
      return this.whenOpened(() => this.session.pause());
    }
    /** Trains for so many steps, default 1. */
    step(count = 1): Promise<void> {
      return this.whenOpened(() => this.session.step(count));
    }
    reset(): Promise<void> {
      return this.whenOpened(() => this.session.reset());
    }

    /** The model's output for samples: a list of them, or their values in one array. */
    predict(
      x: readonly (readonly number[])[] | Float32Array,
    ): Promise<{ shape: number[]; data: Float32Array }> {
      return this.whenOpened(async () => {
        const size = this.session.opened!.data.xShape.reduce((a, b) => a * b, 1);
        const values = x instanceof Float32Array ? x : Float32Array.from((x as number[][]).flat(8));
        return (await this.session.engine()).call('predict', values, values.length / size);
      });
    }

    /** Takes weights: a file's bytes (safetensors, torch.save, NumPy), or a state that {@link state} gave. */
    load(given: Uint8Array | ArrayBuffer | Blob | object): Promise<void> {
      return this.whenOpened(async () => {
        if (given instanceof Blob || given instanceof ArrayBuffer || ArrayBuffer.isView(given)) {
          const bytes = new Uint8Array(
            given instanceof Blob ? await given.arrayBuffer() : (given as ArrayBuffer),
          );
          await (await this.session.engine()).call('load', bytes);
        } else await this.session.open(given);
      });
    }

    /** The weights as a safetensors file with PyTorch's names. */
    save(): Promise<Uint8Array<ArrayBuffer>> {
      return this.whenOpened(async () => {
        const bytes = await (await this.session.engine()).call('weights');
        this.tell('export', { format: 'safetensors', bytes });
        return bytes;
      });
    }

    override render() {
      return html`<gradloom-playground-view exportparts="frame, bar, play, stage, charts, panels, lesson, error, footer" .session=${this.session} @export=${({ detail }: CustomEvent) => this.tell('export', detail)}></gradloom-playground-view>`;
    }

    override updated(): void {
      const view = this.view;
      view?.setLanguage(this.lang || languageOf(this));
      if (view) view.linkTo = this.names[0];
      if (view && this.panel) view.panel = this.panel as PlaygroundView['panel'];
    }

    private get view(): PlaygroundView | null {
      return this.renderRoot.querySelector('gradloom-playground-view');
    }

    /** Id, and number among the playgrounds of the page. */
    private get names(): string[] {
      const all = [...document.querySelectorAll(this.localName)];
      return [...(this.id ? [this.id] : []), String(Math.max(0, all.indexOf(this)))];
    }

    private readonly onHash = () => void this.openHash().catch(() => {});

    /** Opens what the address holds for this element. */
    private async openHash(): Promise<boolean> {
      try {
        const shared = await fromHash(location.hash, this.names);
        if (!shared) return false;
        await this.session.open(shared.state, { checkpoint: shared.checkpoint });
        return true;
      } catch (error) {
        this.session.fail(error);
        return false;
      }
    }

    /** Begins with the address, what was kept, or the preset, in this order. */
    private beginHere(): void {
      this.begin(async () => {
        if (await this.openHash()) return;
        const { error } = this.session;
        if (this.autosave !== undefined && !error) {
          this.saver = new SessionAutosave(this.session, this.autosave || 'playground');
          if (await this.saver.restore()) return;
        }
        await this.session.open(this.preset ?? 'spiral');
        if (error) this.session.fail(error);
      });
    }

    private begin(given: unknown): void {
      const opening = typeof given === 'function' ? given() : this.session.open(given);
      this.opened = (opening as Promise<void>).then(() => {
        if (this.autoplay && (this.inSight || this.background)) return this.session.play();
      });
      // The session shows it.
      this.opened.catch(() => {});
    }

    private async whenOpened<T>(work: () => Promise<T>): Promise<T> {
      if (!this.opened) this.beginHere();
      await this.opened;
      return work();
    }

    private forward(event: EngineEvent): void {
      this.view?.onEvent(event);
      if (event.type === 'steps') {
        const at = event.losses.length - 1;
        const { first, losses, accuracies, epoch } = event;
        const accuracy = accuracies && { accuracy: accuracies[at] };
        this.tell('step', { step: first + at + 1, epoch: Math.floor(epoch), loss: losses[at], ...accuracy });
      } else if (event.type === 'epoch' || event.type === 'done') {
        const { type, ...detail } = event;
        this.tell(type, detail);
      }
    }

    private tell(name: string, detail: object): void {
      this.dispatchEvent(new CustomEvent(name, { detail }));
    }
  };
}
