/**
 * A playground in a frame, driven by the page around it with `postMessage`. Only pages of allowed origins are heard and told.
 *
 *     to the frame:    { gradloom: 1, call: 7, method: 'step', args: [10] }
 *     from the frame:  { gradloom: 1, answer: 7, value } or { gradloom: 1, answer: 7, error: { code, message } }
 *                      { gradloom: 1, event: 'step', detail: { step, epoch, loss } }
 */
import * as z from '../schema';
import { toErrorInfo } from './engine/errors';
import type { PlaygroundElement, PlaygroundEvents } from './public';

const METHODS = ['play', 'pause', 'step', 'reset', 'load', 'save', 'predict', 'state'] as const;
const EVENTS: (keyof PlaygroundEvents)[] = ['ready', 'step', 'epoch', 'done', 'error', 'export'];

const requestSchema = z.strictObject({
  gradloom: z.literal(1),
  call: z.int().min(0),
  method: z.enum(METHODS),
  args: z.array(z.unknown()).default([]),
});
export type EmbedRequest = z.input<typeof requestSchema>;
export type EmbedReply =
  | { gradloom: 1; answer: number; value?: unknown; error?: { code: string; message: string } }
  | { gradloom: 1; event: string; detail: unknown };

export class EmbedBridge {
  private readonly origins: readonly string[];
  private readonly stop = new AbortController();

  /** @param origins of pages that may drive the playground, apart from its own; separated by spaces or commas */
  constructor(
    private readonly element: PlaygroundElement,
    origins = '',
  ) {
    this.origins = [location.origin, ...origins.split(/[\s,]+/).filter(Boolean)];
    const { signal } = this.stop;
    addEventListener('message', (event) => void this.receive(event), { signal });
    for (const name of EVENTS) {
      element.addEventListener(
        name,
        (event) => this.tell({ gradloom: 1, event: name, detail: (event as CustomEvent).detail }),
        { signal },
      );
    }
  }

  close(): void {
    this.stop.abort();
  }

  /** The page around the frame, where it is allowed. */
  private get around(): string | undefined {
    if (parent === window) return undefined;
    const origin =
      location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : '');
    return this.origins.find((allowed) => allowed === origin);
  }

  private tell(reply: EmbedReply): void {
    const { around } = this;
    if (around) parent.postMessage(reply, around);
  }

  private async receive({ data, origin, source }: MessageEvent): Promise<void> {
    if (source !== parent || parent === window || !this.origins.includes(origin)) return;
    // Other scripts of the page talk, too: only what is meant for us is answered.
    if ((data as { gradloom?: unknown } | null)?.gradloom === undefined) return;
    const request = requestSchema.safeParse(data);
    const call = (data as { call?: unknown }).call;
    const answer = typeof call === 'number' ? call : -1;
    const send = (reply: object) => parent.postMessage({ gradloom: 1, answer, ...reply }, origin);
    if (!request.success) {
      const { path, message } = request.issue;
      send({ error: { code: 'argument', message: `${path.join('.') || 'message'}: ${message}` } });
      return;
    }
    const { method, args } = request.data;
    try {
      const { element } = this;
      const value =
        method === 'state'
          ? element.state
          : await (element[method] as (...args: unknown[]) => unknown)(...args);
      send({ value });
    } catch (error) {
      const { code, message } = toErrorInfo(error);
      send({ error: { code, message } });
    }
  }
}

/** Attributes that the address of a frame may set: `embed.html?preset=digits&theme=dark`. */
const FROM_ADDRESS = ['preset', 'theme', 'lang', 'panel'];

/** Takes attributes from the address of the page. */
export function attributesFromAddress(element: Element): void {
  const query = new URLSearchParams(location.search);
  for (const name of FROM_ADDRESS) {
    const value = query.get(name);
    if (value !== null) element.setAttribute(name, value);
  }
}
