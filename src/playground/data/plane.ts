/** Points of the plane with classes or values: the sets of TensorFlow Playground, two moons, drawn ones, functions. */
import { GradloomError } from '../../errors';
import { Random } from '../../random';
import type { PlaneShape } from '../recipe';
import { parseExpression } from './expression';

export interface PlaneOptions {
  shape: PlaneShape;
  samples: number;
  noise: number;
  seed: number;
  points: readonly (readonly [number, number, number])[];
  expression: string;
}

/** Coordinates `[n, 2]` and a class or a value for each point. */
export interface PlanePoints {
  x: Float32Array;
  y: Int32Array | Float32Array;
}

/** Coordinates of a point of class `c`; `t` runs from 0 to 1 through the points of the class. */
type Place = (c: number, t: number, random: Random) => [number, number];

const PLACES: Partial<Record<PlaneShape, Place>> = {
  circles(c, t, random) {
    const radius = c === 0 ? random.uniform(0, 0.4) : random.uniform(0.6, 0.9);
    return [radius * Math.cos(2 * Math.PI * t), radius * Math.sin(2 * Math.PI * t)];
  },
  xor(c, _, random) {
    const [u, v] = [random.uniform(0.06, 0.9), random.uniform(0.06, 0.9)];
    const flip = random.uniform() < 0.5 ? -1 : 1;
    return [flip * u, (c === 0 ? flip : -flip) * v];
  },
  gauss: (c, _, random) => {
    const center = c === 0 ? 0.4 : -0.4;
    return [random.normal(center, 0.16), random.normal(center, 0.16)];
  },
  spiral(c, t) {
    const angle = 1.75 * t * 2 * Math.PI + c * Math.PI;
    return [0.9 * t * Math.sin(angle), 0.9 * t * Math.cos(angle)];
  },
  moons(c, t) {
    const angle = Math.PI * t;
    return c === 0
      ? [0.55 * Math.cos(angle) - 0.25, 0.65 * Math.sin(angle) - 0.2]
      : [0.55 * Math.cos(angle + Math.PI) + 0.25, 0.65 * Math.sin(angle + Math.PI) + 0.2];
  },
};

/**
 * Draws the points, in random order.
 * @throws GradloomError `data` for `points` of fewer than two classes, and what {@link parseExpression} throws.
 */
export function makePlane(options: PlaneOptions): PlanePoints {
  const { shape, samples, noise, seed, points, expression } = options;
  const random = new Random(seed, `plane ${shape}`);
  const spread = 0.1 * noise;
  if (shape === 'points') return drawn(points, random);
  const x = new Float32Array(2 * samples);
  if (shape === 'function') {
    const value = parseExpression(expression);
    const y = new Float32Array(samples);
    for (let i = 0; i < samples; i++) {
      x.set([random.uniform(-1, 1), random.uniform(-1, 1)], 2 * i);
      y[i] = value(x[2 * i], x[2 * i + 1]) + random.normal(0, spread);
    }
    const bad = y.findIndex((v) => !Number.isFinite(v));
    if (bad >= 0) {
      const at = `x = ${x[2 * bad].toFixed(2)}, y = ${x[2 * bad + 1].toFixed(2)}`;
      throw new GradloomError({
        code: 'data',
        op: 'playground',
        argument: expression,
        got: `${y[bad]} at ${at}`,
        expected: 'a finite value everywhere between -1 and 1',
      });
    }
    return { x, y };
  }
  const place = PLACES[shape]!;
  const y = new Int32Array(samples);
  const order = random.shuffle(Int32Array.from({ length: samples }, (_, i) => i));
  const each = Math.ceil(samples / 2);
  order.forEach((k, i) => {
    const c = k % 2;
    const [u, v] = place(c, Math.floor(k / 2) / each, random);
    // Gaussian noise of the shapes of lines is narrower, that it does not fill what is between them.
    const width = shape === 'spiral' || shape === 'moons' ? 0.4 * spread : 0.8 * spread;
    x.set([u + random.normal(0, width), v + random.normal(0, width)], 2 * i);
    y[i] = c;
  });
  return { x, y };
}

function drawn(points: PlaneOptions['points'], random: Random): PlanePoints {
  if (points.length < 4 || new Set(points.map(([, , c]) => c)).size < 2) {
    throw new GradloomError({
      code: 'data',
      op: 'playground',
      argument: 'points',
      got: `${points.length} points of ${new Set(points.map(([, , c]) => c)).size} classes`,
      expected: 'at least 4 points of 2 classes',
      fix: 'Choose a class and click into the plane',
    });
  }
  const shuffled = random.shuffle([...points]);
  return {
    x: Float32Array.from({ length: 2 * shuffled.length }, (_, i) => shuffled[i >> 1][i & 1]),
    y: Int32Array.from(shuffled, ([, , c]) => c),
  };
}
