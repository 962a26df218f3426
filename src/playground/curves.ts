/** Curves of a run over its steps, kept short: as many points as a chart can show, each the mean of equally many steps. */

/** Points that are kept; twice as many are merged by twos. */
const MOST = 250;

export interface CurvePoint {
  step: number;
  loss: number;
  accuracy?: number;
  gradNorm?: number;
  rate?: number;
}

export class Curve {
  readonly points: CurvePoint[] = [];
  /** Steps of one point. */
  private width = 1;
  private open: CurvePoint[] = [];

  /** @param from points of an earlier curve */
  constructor(from: { points?: readonly CurvePoint[]; width?: number } = {}) {
    this.points.push(...(from.points ?? []));
    this.width = from.width ?? 1;
  }

  add(point: CurvePoint): void {
    this.open.push(point);
    if (this.open.length < this.width) return;
    this.points.push(mean(this.open));
    this.open = [];
    if (this.points.length < 2 * MOST) return;
    for (let i = 0; i < MOST; i++) this.points[i] = mean([this.points[2 * i], this.points[2 * i + 1]]);
    this.points.length = MOST;
    this.width *= 2;
  }

  get last(): CurvePoint | undefined {
    return this.points.at(-1);
  }

  copy(): Curve {
    return new Curve({ points: this.points, width: this.width });
  }
}

function mean(points: CurvePoint[]): CurvePoint {
  if (points.length === 1) return points[0];
  const of = (key: keyof CurvePoint) => {
    const values = points.map((point) => point[key]).filter((value) => value !== undefined);
    return values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : undefined;
  };
  const { step } = points.at(-1)!;
  return { step, loss: of('loss')!, accuracy: of('accuracy'), gradNorm: of('gradNorm'), rate: of('rate') };
}

/** Training and test of one run. */
export class RunCurves {
  constructor(
    readonly train = new Curve(),
    readonly test = new Curve(),
  ) {}

  copy(): RunCurves {
    return new RunCurves(this.train.copy(), this.test.copy());
  }
}
