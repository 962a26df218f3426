/** Icons of 24 by 24 units. */
import { html, type TemplateResult } from 'lit';

const PATHS = {
  play: 'M8 5.2v13.6c0 .8.9 1.3 1.6.8l10.2-6.8c.6-.4.6-1.2 0-1.6L9.6 4.4C8.9 3.9 8 4.4 8 5.2z',
  pause: 'M7 4.5h3.2v15H7zM13.8 4.5H17v15h-3.2z',
  step: 'M6 5.6v12.8c0 .7.8 1.1 1.4.7L16 12.7v6.8h2.6v-15H16v6.8L7.4 4.9C6.8 4.5 6 4.9 6 5.6z',
  epoch:
    'M3.5 6v12c0 .7.8 1 1.3.6L12 13.2V18c0 .7.8 1 1.3.6l7.4-5.9c.4-.4.4-1 0-1.4l-7.4-5.9c-.5-.4-1.3-.1-1.3.6v4.8L4.8 5.4c-.5-.4-1.3-.1-1.3.6z',
  reset: 'M12 4.8V2L7.4 6.4 12 10.8V7.4a5.3 5.3 0 1 1-5.3 5.4H4.1A7.9 7.9 0 1 0 12 4.8z',
  undo: 'M8.6 7.5V4L2.8 9.6l5.8 5.6v-3.6c4.6 0 7.7 1.3 10.2 5-.7-5-3.6-8.4-10.2-9.1z',
  add: 'M10.8 4.5h2.4v6.3h6.3v2.4h-6.3v6.3h-2.4v-6.3H4.500v-2.4h6.3z',
  remove:
    'M6.400 4.7 4.7 6.4l5.6 5.6-5.6 5.600 1.7 1.7 5.6-5.6 5.6 5.600 1.7-1.700-5.6-5.600 5.600-5.600-1.700-1.700-5.600 5.600z',
  up: 'm12 6.500 6.500 6.500-1.700 1.700L12 9.900l-4.800 4.800L5.500 13z',
  down: 'm12 17.500-6.500-6.500 1.700-1.700 4.800 4.800 4.800-4.800 1.700 1.700z',
  copy: 'M9 3.500h9.500v12.500H9zM5.500 7v13.500H16v-2.200H7.700V7z',
  warning: 'M12 3 1.800 20.500h20.400zM11 9.500h2v5.500h-2zm0 7h2v2h-2z',
} as const;
export type IconName = keyof typeof PATHS;

export const icon = (name: IconName): TemplateResult =>
  html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d=${PATHS[name]}></path></svg>`;
