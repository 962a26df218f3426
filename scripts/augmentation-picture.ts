/** Draws docs/images/augmentation.png: one drawn picture behind each transform of docs/augmentation.md. `tsx scripts/augmentation-picture.ts` */
import { chromium } from 'playwright';
import { create, globals } from 'webgpu';
import { findBrowser } from '../src/cli/browser.mjs';
import { projectRoot } from '../src/cli/setup.mjs';
import { withLibrary } from '../src/cli/source-library';
import type { AugmentSpec } from '../src/data/augment/spec';

const SIZE = 96;
const SPECS: [string, AugmentSpec][] = [
  ['as it is', []],
  ['randomHorizontalFlip', { type: 'randomHorizontalFlip', p: 1 }],
  ['randomCrop, padding 16', { type: 'randomCrop', padding: 16 }],
  ['randomResizedCrop', { type: 'randomResizedCrop', scale: [0.2, 0.5] }],
  ['randomRotation 40', { type: 'randomRotation', degrees: [40, 40], interpolation: 'bilinear' }],
  ['randomAffine, shear 30', { type: 'randomAffine', shear: [30, 30], interpolation: 'bilinear', fill: 1 }],
  ['ranges, nearest', { rotationRange: 45, widthShiftRange: 0.2, heightShiftRange: 0.2, zoomRange: 0.2 }],
  ['ranges, reflect', { rotationRange: 45, zoomRange: [1.6, 1.6], fillMode: 'reflect' }],
  ['ranges, wrap', { rotationRange: 45, zoomRange: [1.6, 1.6], fillMode: 'wrap' }],
  ['colorJitter, brightness', { type: 'colorJitter', brightness: [0.5, 0.6] }],
  ['colorJitter, contrast', { type: 'colorJitter', contrast: [1.8, 2] }],
  ['colorJitter, hue', { type: 'colorJitter', hue: [0.4, 0.4] }],
  ['gaussianNoise', { type: 'gaussianNoise', sigma: 0.15 }],
  ['randomErasing', { type: 'randomErasing', p: 1, scale: [0.1, 0.2], value: 'random' }],
  ['mixup', { type: 'mixup', alpha: 8 }],
  ['cutmix', { type: 'cutmix', alpha: 8 }],
];

/** A house under the sun, or a boat on the sea: `[3, SIZE, SIZE]`. */
function drawn(scene: 'house' | 'boat'): Float32Array {
  const data = new Float32Array(3 * SIZE * SIZE);
  for (let y = 0; y < SIZE; y++) {
    for (let x = 0; x < SIZE; x++) {
      const [u, v] = [x / SIZE, y / SIZE];
      let color = [0.45 + 0.4 * v, 0.7 + 0.2 * v, 0.95];
      if (scene === 'house') {
        if (Math.hypot(u - 0.8, v - 0.2) < 0.11) color = [1, 0.85, 0.2];
        if (v > 0.72) color = [0.3, 0.62 - 0.2 * v, 0.25];
        if (u > 0.2 && u < 0.62 && v > 0.45 && v < 0.82) color = [0.85, 0.45, 0.3];
        if (v > 0.22 && v <= 0.45 && Math.abs(u - 0.41) < (v - 0.2) * 1.1) color = [0.5, 0.16, 0.14];
        if (u > 0.26 && u < 0.36 && v > 0.53 && v < 0.64) color = [0.95, 0.95, 0.7];
        if (u > 0.45 && u < 0.55 && v > 0.6 && v < 0.82) color = [0.3, 0.2, 0.15];
      } else {
        if (v > 0.65 + 0.02 * Math.sin(20 * u)) color = [0.1, 0.3, 0.6];
        if (v > 0.58 && v < 0.72 && Math.abs(u - 0.5) < 0.34 - (v - 0.58)) color = [0.75, 0.2, 0.2];
        if (u > 0.49 && u < 0.52 && v > 0.15 && v < 0.6) color = [0.3, 0.2, 0.1];
        if (u > 0.53 && v > 0.18 && v < 0.55 && u - 0.53 < (v - 0.18) * 0.8) color = [0.97, 0.97, 0.95];
      }
      for (let c = 0; c < 3; c++) data[(c * SIZE + y) * SIZE + x] = color[c];
    }
  }
  return data;
}

Object.assign(globalThis, globals);
const backend = process.env.GRADLOOM_DAWN;
const gpu = create(backend ? [`backend=${backend}`] : []);
const tiles = await withLibrary(projectRoot, async (load) => {
  const { ArrayDataset, augment, imageGrid, requestDevice } = (await load(
    '/src/index.ts',
  )) as typeof import('../src');
  const device = await requestDevice({ gpu });
  const x = new Float32Array([...drawn('house'), ...drawn('boat')]);
  const data = ArrayDataset.fromArrays({ x, xShape: [3, SIZE, SIZE], y: [0, 1] });
  const made: { title: string; pixels: number[] }[] = [];
  for (const [title, spec] of SPECS) {
    // A seed under which mixing takes the other picture.
    const seed = /^(mixup|cutmix)/.test(title) ? 9 : 5;
    const shown = await augment(device, data, spec, { indices: [0], seed });
    made.push({ title, pixels: Array.from(imageGrid(shown.x).data) });
  }
  device.destroy();
  return made;
});

const { executablePath } = (await findBrowser()) ?? {};
const browser = await chromium.launch({ executablePath });
const page = await browser.newPage({ viewport: { width: 860, height: 960 }, deviceScaleFactor: 1 });
await page.setContent(`<body style="margin:0;background:#fff;font:14px system-ui,sans-serif;color:#222">
  <main style="display:grid;grid-template-columns:repeat(4,1fr);gap:14px;padding:14px"></main>`);
await page.evaluate(
  ({ tiles, size }) => {
    for (const { title, pixels } of tiles) {
      const figure = document.createElement('figure');
      figure.style.margin = '0';
      const canvas = document.createElement('canvas');
      canvas.width = size;
      canvas.height = size;
      canvas.style.cssText = 'width:100%;image-rendering:pixelated;display:block;margin-bottom:4px';
      const image = new ImageData(Uint8ClampedArray.from(pixels), size, size);
      canvas.getContext('2d')!.putImageData(image, 0, 0);
      const caption = document.createElement('figcaption');
      caption.textContent = title;
      figure.append(canvas, caption);
      document.querySelector('main')!.append(figure);
    }
  },
  { tiles, size: SIZE },
);
await page.locator('main').screenshot({ path: `${projectRoot}/docs/images/augmentation.png` });
await browser.close();
process.exit(0);
