/**
 * Draws one digit: bends the strokes of a style as a hand would, places them on the canvas and inks them with a
 * soft pen. Only +, -, *, / and the square root are used, which IEEE 754 fixes to the last bit; sin, cos, exp and
 * log may differ between engines and would change the bytes.
 */
import type { Random } from '../../random';
import type { Stroke } from './strokes';

/** Width and height of a digit in pixels. */
export const DIGIT_SIZE = 28;

/** Straight pieces per span between two points of a stroke: at 28 pixels more of them change nothing visible. */
const PIECES = 5;

/**
 * Draws the strokes with a random hand and pen into the `DIGIT_SIZE * DIGIT_SIZE` bytes of `pixels`: row by row,
 * 0 paper to 255 ink, every byte overwritten.
 */
export function drawDigit(strokes: readonly Stroke[], random: Random, pixels: Uint8Array): void {
  const wobble = random.uniform(2, 8);
  const paths = strokes.map((stroke) => smooth(wobbled(stroke, wobble, random)));
  bend(paths, random);
  place(paths, random);
  ink(paths, random, pixels);
}

/** Moves every point by up to `amount` percent; both points of a corner move together. */
function wobbled(stroke: Stroke, amount: number, random: Random): Float64Array {
  const points = new Float64Array(stroke.length);
  for (let i = 0; i < stroke.length; i += 2) {
    const corner = i > 0 && stroke[i] === stroke[i - 2] && stroke[i + 1] === stroke[i - 1];
    points[i] = corner ? points[i - 2] : stroke[i] + amount * bell(random);
    points[i + 1] = corner ? points[i - 1] : stroke[i + 1] + amount * bell(random);
  }
  // People begin and end a stroke early or late: the first and the last point slide along the line.
  slideEnd(points, 0, 2, random.uniform(-0.35, 0.35));
  slideEnd(points, points.length - 2, points.length - 4, random.uniform(-0.35, 0.35));
  return points;
}

/** Moves the point at `end` by `share` of the way to its neighbour at `next`. */
function slideEnd(points: Float64Array, end: number, next: number, share: number): void {
  points[end] += share * (points[next] - points[end]);
  points[end + 1] += share * (points[next + 1] - points[end + 1]);
}

/** A random number in (-1.5, 1.5) with the shape of a bell: the sum of three uniform ones. */
function bell(random: Random): number {
  return random.uniform() + random.uniform() + random.uniform() - 1.5;
}

/** A Catmull-Rom spline through the points, cut into straight pieces: `x0, y0, x1, y1, ...`. */
function smooth(points: Float64Array): Float64Array {
  const end = points.length - 2;
  const path = new Float64Array(PIECES * end + 2);
  for (let i = 0; i < end; i++) {
    // The coordinate of the points around this span; the stroke's ends stand in for neighbours beyond them.
    const a = points[i < 2 ? i : i - 2];
    const b = points[i];
    const c = points[i + 2];
    const d = points[i + 2 < end ? i + 4 : i + 2];
    const start = 2 * PIECES * Math.floor(i / 2) + (i % 2);
    for (let piece = 0; piece <= PIECES; piece++) {
      const t = piece / PIECES;
      const rest = 2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a);
      path[start + 2 * piece] = b + 0.5 * t * (c - a + t * rest);
    }
  }
  return path;
}

/** Bends, slants, turns and stretches the whole digit in place. */
function bend(paths: readonly Float64Array[], random: Random): void {
  const width = random.uniform(0.5, 1.2);
  const slant = 0.2 + 0.3 * bell(random);
  const bow = 0.3 * bell(random);
  const lean = 0.2 * bell(random);
  // The angle comes from the tangent of its half, so that neither sine nor cosine is needed.
  const half = 0.08 * bell(random);
  const cos = (1 - half * half) / (1 + half * half);
  const sin = (2 * half) / (1 + half * half);
  for (const path of paths) {
    for (let i = 0; i < path.length; i += 2) {
      const u = path[i] / 100 - 0.5;
      const v = path[i + 1] / 100 - 0.5;
      const x = width * u * (1 + lean * v) - slant * v + bow * (v * v - 0.08);
      const y = v + lean * u * v;
      path[i] = cos * x - sin * y;
      path[i + 1] = sin * x + cos * y;
    }
  }
}

/** Scales the digit to about 20 pixels on its longer side and puts it near the middle, in place. */
function place(paths: readonly Float64Array[], random: Random): void {
  const box = [0, 1].map((axis) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const path of paths) {
      for (let i = axis; i < path.length; i += 2) {
        low = Math.min(low, path[i]);
        high = Math.max(high, path[i]);
      }
    }
    return { middle: (low + high) / 2, extent: high - low };
  });
  const scale = random.uniform(16.5, 19.5) / Math.max(box[0].extent, box[1].extent);
  for (let axis = 0; axis < 2; axis++) {
    const shift = DIGIT_SIZE / 2 + 1.3 * bell(random);
    for (const path of paths) {
      for (let i = axis; i < path.length; i += 2) path[i] = scale * (path[i] - box[axis].middle) + shift;
    }
  }
}

/** Inks the paths with a pen whose width changes along each stroke, then roughens ink and paper. */
function ink(paths: readonly Float64Array[], random: Random, pixels: Uint8Array): void {
  // For each pixel: how far its centre lies outside the nearest edge of a stroke (inside: negative).
  const outside = new Float64Array(DIGIT_SIZE * DIGIT_SIZE).fill(9);
  const pen = random.uniform(0.75, 1.75);
  for (const path of paths) {
    const first = pen * random.uniform(0.75, 1.15);
    const last = pen * random.uniform(0.75, 1.15);
    for (let i = 0; i + 3 < path.length; i += 2) {
      const radius = first + ((last - first) * i) / path.length;
      inkPiece(path[i], path[i + 1], path[i + 2], path[i + 3], radius, outside);
    }
  }
  const edge = random.uniform(0.8, 1.4);
  const strength = random.uniform(215, 290);
  const texture = random.uniform(0, 0.3);
  const dirt = random.uniform(0, 1);
  const paper = dirt * dirt * dirt * dirt * 50;
  let word = 0;
  for (let i = 0; i < outside.length; i++) {
    if (i % 4 === 0) word = random.nextUint32();
    const noise = ((word >>> (8 * (i % 4))) & 255) / 255;
    const cover = Math.min(Math.max(0.5 - outside[i] / edge, 0), 1);
    const value = cover * strength * (1 - texture * noise * noise) + (1 - cover) * paper * noise * noise;
    pixels[i] = Math.min(255, Math.floor(value + 0.5));
  }
}

/** Lowers `outside` around one straight piece of a stroke. */
function inkPiece(
  x0: number,
  y0: number,
  x1: number,
  y1: number,
  radius: number,
  outside: Float64Array,
): void {
  const reach = radius + 1;
  const left = Math.max(0, Math.ceil(Math.min(x0, x1) - reach));
  const right = Math.min(DIGIT_SIZE - 1, Math.floor(Math.max(x0, x1) + reach));
  const top = Math.max(0, Math.ceil(Math.min(y0, y1) - reach));
  const bottom = Math.min(DIGIT_SIZE - 1, Math.floor(Math.max(y0, y1) + reach));
  const dx = x1 - x0;
  const dy = y1 - y0;
  const square = dx * dx + dy * dy;
  for (let y = top; y <= bottom; y++) {
    for (let x = left; x <= right; x++) {
      const along = square === 0 ? 0 : ((x - x0) * dx + (y - y0) * dy) / square;
      const t = Math.min(Math.max(along, 0), 1);
      const ex = x - x0 - t * dx;
      const ey = y - y0 - t * dy;
      const distance = Math.sqrt(ex * ex + ey * ey) - radius;
      const i = y * DIGIT_SIZE + x;
      if (distance < outside[i]) outside[i] = distance;
    }
  }
}
