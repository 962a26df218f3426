/** Draws a surface as bands of equal height, with paths on it. */
import { PALETTE } from '../shared/line-chart';
import type { Surface } from './surfaces';

/** Pictures of surfaces that were drawn, by canvas size and colour scheme. */
const pictures = new WeakMap<Surface, { key: string; picture: ImageData }>();

const BANDS = 14;

function pictureOf(surface: Surface, width: number, height: number, isDark: boolean): ImageData {
  const key = `${width} ${height} ${isDark}`;
  const known = pictures.get(surface);
  if (known?.key === key) return known.picture;
  const { x, y } = surface;
  const heights = Float64Array.from({ length: width * height }, (_, i) => {
    const [right, down] = [((i % width) + 0.5) / width, (Math.floor(i / width) + 0.5) / height];
    return surface.height(x[0] + right * (x[1] - x[0]), y[1] - down * (y[1] - y[0]));
  });
  const low = heights.reduce((a, b) => Math.min(a, b));
  const high = heights.reduce((a, b) => Math.max(a, b));
  const picture = new ImageData(width, height);
  const [deep, steep] = isDark
    ? [
        [38, 78, 140],
        [16, 21, 30],
      ]
    : [
        [120, 164, 226],
        [246, 248, 252],
      ];
  heights.forEach((value, i) => {
    // Bands of the square root: valleys have as many as slopes.
    const level = Math.floor(BANDS * Math.sqrt((value - low) / (high - low)));
    for (let c = 0; c < 3; c++) picture.data[4 * i + c] = deep[c] + ((steep[c] - deep[c]) * level) / BANDS;
    picture.data[4 * i + 3] = 255;
  });
  pictures.set(surface, { key, picture });
  return picture;
}

type Path = readonly (readonly [number, number])[];

export function drawSurface(canvas: HTMLCanvasElement, surface: Surface, paths: readonly Path[]): void {
  const ratio = Math.min(devicePixelRatio, 2);
  const pixels = (size: number) => Math.max(1, Math.round(size * ratio));
  const [width, height] = [pixels(canvas.clientWidth), pixels(canvas.clientHeight)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  context.putImageData(pictureOf(surface, width, height, isDark), 0, 0);
  const at = ([x, y]: readonly [number, number]): [number, number] => [
    ((x - surface.x[0]) / (surface.x[1] - surface.x[0])) * width,
    ((surface.y[1] - y) / (surface.y[1] - surface.y[0])) * height,
  ];
  paths.forEach((path, i) => {
    context.strokeStyle = context.fillStyle = PALETTE[i];
    context.lineWidth = 2 * ratio;
    context.beginPath();
    for (const point of path) context.lineTo(...at(point));
    context.stroke();
    context.beginPath();
    context.arc(...at(path[path.length - 1]), 5 * ratio, 0, 2 * Math.PI);
    context.fill();
    context.strokeStyle = isDark ? '#0e131c' : '#ffffff';
    context.stroke();
  });
}
