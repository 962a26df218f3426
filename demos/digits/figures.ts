/** The figures beside the buttons: epoch, steps per second, loss, test accuracy. */
import { byId } from '../shared/dom';
import type { Curves } from './charts';
import type { Session } from './session';

/** The speed is taken over this time, in milliseconds: steps come in bursts. */
const WINDOW = 2000;

/** Writes the figures into the page. */
export class Figures {
  private marks: { time: number; steps: number }[] = [];

  /** Forgets the speed, which a pause would make look slow. */
  restart(): void {
    this.marks = [];
  }

  show(session: Session, curves: Curves): void {
    byId('epoch').textContent = session.epochs.toFixed(1);
    byId('loss').textContent = curves.loss.training.latest?.toPrecision(3) ?? '–';
    const { test } = curves.accuracy;
    byId('accuracy').textContent = test === undefined ? '–' : `${(100 * test).toFixed(1)}%`;
    const speed = this.speed(session.steps);
    if (session.steps === 0) byId('speed').textContent = '–';
    else if (speed !== undefined)
      byId('speed').textContent = speed < 10 ? speed.toFixed(1) : speed.toFixed(0);
  }

  private speed(steps: number): number | undefined {
    const time = performance.now();
    if (this.marks.at(-1)?.steps !== steps) this.marks.push({ time, steps });
    while (this.marks.length > 2 && time - this.marks[0].time > WINDOW) this.marks.shift();
    const [first, last] = [this.marks[0], this.marks.at(-1)!];
    return last.time - first.time > 200
      ? (1000 * (last.steps - first.steps)) / (last.time - first.time)
      : undefined;
  }
}
