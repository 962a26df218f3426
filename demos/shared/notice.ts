/** Messages in the page itself: errors in the words of the library, and what to do without WebGPU. */
import { GradloomError } from '../../src/errors';
import { make } from './dom';

/** One message at a time in an element that is hidden without one. */
export class Notice {
  /** @param element an element with `role="alert"` */
  constructor(private readonly element: HTMLElement) {}

  clear(): void {
    this.element.hidden = true;
    this.element.replaceChildren();
  }

  /** Shows a title, content, and a button for what can be done. */
  show(title: string, content: (Node | string)[], action?: { label: string; run(): void }): void {
    this.element.replaceChildren(make('strong', {}, title), ...content);
    if (action) {
      const button = make('button', { type: 'button', onclick: () => action.run() }, action.label);
      this.element.append(make('p', {}, button));
    }
    this.element.hidden = false;
    // What was pressed may be far below.
    this.element.scrollIntoView({ block: 'nearest' });
  }

  /** Shows what went wrong. Faults of our own also go to the console, with their stack. */
  error(error: unknown): void {
    if (error instanceof GradloomError && error.code === 'no-webgpu') {
      this.noWebGpu(error);
      return;
    }
    if (error instanceof GradloomError && error.code === 'diverged') {
      const text =
        'The loss is no number any more: the network grew without bounds, as happens when the learning rate is too high. ' +
        'Its weights are back where they were before this epoch. Choose a lower learning rate and train again.';
      const details = make(
        'details',
        {},
        make('summary', {}, 'Where it began'),
        make('p', {}, error.message),
      );
      this.show('Training diverged', [make('p', {}, text), details]);
      return;
    }
    const expected = error instanceof GradloomError && error.code !== 'internal';
    if (!expected) console.error(error);
    const message = error instanceof Error ? error.message : String(error);
    this.show(expected ? 'That did not work' : 'Something broke in this page', [make('p', {}, message)]);
  }

  /** Says what to do where there is no WebGPU, or no adapter for it. */
  private noWebGpu(error: GradloomError): void {
    const reload = { label: 'Try again', run: () => location.reload() };
    const details = make('p', {}, make('small', {}, error.message));
    if (!globalThis.isSecureContext) {
      const text = 'Browsers offer WebGPU to secure pages only. Open this page over https or from localhost.';
      this.show('This page cannot use the GPU', [make('p', {}, text), details], reload);
      return;
    }
    if (error.argument === 'the adapter') {
      const steps = [
        'Save the weights: what the network had learned is kept in this page.',
        'Restart the browser: it turns WebGPU off for pages whose GPU process ended twice within minutes.',
        'Then choose a smaller batch, and close other pages that use the GPU.',
      ];
      this.show('The GPU does not come back', [list(steps), details], reload);
      return;
    }
    if (navigator.gpu) {
      const steps = [
        'Turn on hardware (graphics) acceleration in the settings of the browser and restart it.',
        'Update the graphics driver and the system.',
        'In Chrome or Edge, chrome://gpu says why WebGPU is off.',
      ];
      const intro = make('p', {}, 'It knows WebGPU, but finds no graphics adapter to run it on. You can:');
      this.show('This browser found no GPU to use', [intro, list(steps), details], reload);
      return;
    }
    const browsers = [
      'Chrome or Edge 113 or newer on Windows, macOS and ChromeOS; 121 or newer on Android 12 or newer; 144 or newer on Linux',
      'Safari 26 or newer on macOS, iOS and iPadOS',
      'Firefox 141 or newer on Windows, 147 or newer on Macs with Apple silicon',
    ];
    const intro = make(
      'p',
      {},
      'Networks train here on your graphics card, through WebGPU. Open this page in:',
    );
    this.show('This browser has no WebGPU', [intro, list(browsers), details], reload);
  }
}

function list(items: readonly string[]): HTMLUListElement {
  return make('ul', {}, ...items.map((item) => make('li', {}, item)));
}
