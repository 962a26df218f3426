/** Surfaces of loss over two parameters: as ops for the GPU, and as numbers to draw. */
import { ops, type Tensor } from '../../src';

export interface Surface {
  /** Limits of what is drawn. */
  x: readonly [number, number];
  y: readonly [number, number];
  start: readonly [number, number];
  /** The loss of a point `[2]`. */
  loss(point: Tensor): Tensor;
  height(x: number, y: number): number;
}

const coordinates = (point: Tensor) => [0, 1].map((index) => ops.select(point, { dim: 0, index }));

/** Gaussian hollows: depth, place and width. */
const HOLLOWS = [
  [1, -1, 0.8, 0.5],
  [1.6, 1, -0.6, 0.7],
  [0.7, 0.6, 1.1, 0.4],
] as const;

export const SURFACES: Record<string, Surface> = {
  valley: {
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.5, 2.2],
    loss(point) {
      const [x, y] = coordinates(point);
      return ops.add(ops.square(ops.sub(1, x)), ops.mul(10, ops.square(ops.sub(y, ops.square(x)))));
    },
    height: (x, y) => (1 - x) ** 2 + 10 * (y - x * x) ** 2,
  },
  ravine: {
    x: [-4, 4],
    y: [-3, 3],
    start: [-3.5, 1.2],
    loss(point) {
      const [x, y] = coordinates(point);
      return ops.add(ops.mul(0.1, ops.square(x)), ops.mul(3, ops.square(y)));
    },
    height: (x, y) => 0.1 * x * x + 3 * y * y,
  },
  saddle: {
    x: [-2, 2],
    y: [-1.5, 1.5],
    start: [-1.2, 0.001],
    loss(point) {
      const [x, y] = coordinates(point);
      const bowl = ops.mul(0.25, ops.square(ops.square(y)));
      return ops.add(ops.sub(ops.square(x), ops.square(y)), ops.add(bowl, 1));
    },
    height: (x, y) => x * x - y * y + 0.25 * y ** 4 + 1,
  },
  bumps: {
    x: [-2, 2],
    y: [-1.5, 1.5],
    start: [-1.7, -0.4],
    loss(point) {
      const [x, y] = coordinates(point);
      const hollows = HOLLOWS.map(([depth, a, b, width]) => {
        const distance = ops.add(ops.square(ops.sub(x, a)), ops.square(ops.sub(y, b)));
        return ops.mul(depth, ops.exp(ops.mul(distance, -1 / (2 * width * width))));
      });
      const bowl = ops.mul(0.1, ops.add(ops.square(x), ops.square(y)));
      const sum = hollows.reduce((a, b) => ops.add(a, b));
      return ops.add(ops.sub(bowl, sum), 1.7);
    },
    height(x, y) {
      const hollows = HOLLOWS.map(
        ([depth, a, b, width]) => depth * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * width * width)),
      );
      return 0.1 * (x * x + y * y) - hollows.reduce((a, b) => a + b) + 1.7;
    },
  },
};
