/** Looking inside: answers, weights and gradients, layer by layer, attention. */
import { css, html, nothing } from 'lit';
import type { Change } from '../session';
import { SessionView } from './base';

type View = 'answers' | 'weights' | 'layers' | 'attention';

export class InsidePanel extends SessionView {
  static override styles = [
    ...SessionView.styles,
    css`
      :host {
        display: grid;
        gap: 14px;
      }
    `,
  ];
  static override properties = { ...SessionView.properties, view: { state: true } };
  declare view: View;

  constructor() {
    super();
    this.view = 'answers';
  }

  protected override hears(change: Change): boolean {
    return change === 'model';
  }

  private get views(): View[] {
    const { opened, state } = this.session!;
    const { task, input } = opened!.data;
    const isGpt = (state.model as { type?: string }).type === 'gpt';
    return [
      ...(task === 'language' ? [] : (['answers'] as const)),
      'weights',
      ...(input === 'tokens' ? [] : (['layers'] as const)),
      ...(isGpt ? (['attention'] as const) : []),
    ];
  }

  private shown(view: View) {
    const { session, messages } = this;
    switch (view) {
      case 'answers':
        return html`<gradloom-answers .session=${session} .messages=${messages}></gradloom-answers>`;
      case 'weights':
        return html`<gradloom-weights .session=${session} .messages=${messages}></gradloom-weights>`;
      case 'layers':
        return html`<gradloom-layers .session=${session} .messages=${messages}></gradloom-layers>`;
      case 'attention':
        return html`<gradloom-attention .session=${session} .messages=${messages}></gradloom-attention>`;
    }
  }

  override render() {
    if (!this.session?.opened) return nothing;
    const { views } = this;
    const now = views.includes(this.view) ? this.view : views[0];
    return html`
      <div class="chips" role="group" aria-label=${this.t('panel.inside')}>
        ${views.map(
          (view) =>
            html`<button type="button" aria-pressed=${view === now} @click=${() => {
              this.view = view;
            }}>${this.t(`inside.${view}`)}</button>`,
        )}
      </div>
      ${this.shown(now)}`;
  }
}
