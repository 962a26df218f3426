/** The gallery at `/`: a card for every folder in `demos/` that has a `meta.ts`, and whether WebGPU works here. */
import './shared/demo.css';
import './gallery.css';
import { GradloomError } from '../src/errors';
import { requestDevice } from '../src/gpu/device';
import '../src/playground';
import type { DemoMeta } from './meta';
import { byId, make } from './shared/dom';
import { Notice } from './shared/notice';

const metas = import.meta.glob<DemoMeta>('./*/meta.ts', { eager: true, import: 'default' });

function card(path: string, { title, description, image }: DemoMeta): HTMLElement {
  const folder = path.split('/')[1];
  const picture = make('img', { src: image, alt: '', loading: 'lazy' });
  const link = make('a', { href: `./demos/${folder}/` }, title);
  return make('article', {}, picture, make('h3', {}, link), make('p', {}, description));
}

const demos = Object.entries(metas).sort(([, a], [, b]) => a.order - b.order);
byId('demos').replaceChildren(...demos.map(([path, meta]) => card(path, meta)));

try {
  const device = await requestDevice();
  const { vendor, architecture, description } = device.adapterInfo;
  const name = [vendor, architecture, description].filter(Boolean).join(' ') || 'your GPU';
  byId('gpu').textContent = `WebGPU works here, on ${name}.`;
  device.destroy();
} catch (error) {
  byId('gpu').hidden = true;
  byId('live').hidden = true;
  const known = error instanceof GradloomError ? error : new Error(`WebGPU does not start: ${error}`);
  new Notice(byId('notice')).error(known);
}
