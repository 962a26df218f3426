/** The optimizer race: one parameter `[2]` and one `TrainStep` per optimizer, a step of each per frame. */
import '../shared/demo.css';
import { type Device, nn, type OptimizerSpec, requestDevice, TrainStep } from '../../src';
import { byId, make, painted } from '../shared/dom';
import { named } from '../shared/legend';
import { Notice } from '../shared/notice';
import { showSource } from '../shared/source';
import { drawSurface } from './drawing';
import source from './main.ts?raw';
import { SURFACES, type Surface } from './surfaces';

const RULES: [name: string, spec: OptimizerSpec & { lr: number }][] = [
  ['SGD', { type: 'sgd', lr: 0.01 }],
  ['Momentum', { type: 'sgd', lr: 0.01, momentum: 0.9 }],
  ['RMSprop', { type: 'rmsprop', lr: 0.03 }],
  ['Adagrad', { type: 'adagrad', lr: 0.3 }],
  ['Adam', { type: 'adam', lr: 0.05 }],
  ['Lion', { type: 'lion', lr: 0.02 }],
];
const STEPS = 400;

/** A point that an optimizer moves. */
interface Racer {
  step: TrainStep;
  path: [number, number][];
  loss: HTMLElement;
}

class Race {
  private racers: Racer[] = [];
  private surface: Surface = SURFACES.valley;
  private isRunning = false;
  /** Counts the races: what belongs to an earlier one is no longer shown. */
  private race = 0;

  constructor(private readonly device: Device) {}

  /** Puts all racers at a point. */
  async begin(surface: Surface, [x, y]: readonly number[] = surface.start): Promise<void> {
    const race = ++this.race;
    this.isRunning = false;
    const before = this.racers;
    this.racers = [];
    await Promise.all(before.map(({ step }) => step.dispose()));
    if (race !== this.race) return;
    this.surface = surface;
    byId('racers').replaceChildren();
    this.racers = RULES.map(([name, optimizer], i) => {
      const point = nn.parameter([2], (data) => data.set([x, y]));
      const step = new TrainStep(
        this.device,
        (_, graph) => ({ loss: surface.loss(graph.tensor(point)), point: graph.tensor(point) }),
        { parameters: [point], optimizer },
      );
      const loss = make('td', {}, surface.height(x, y).toPrecision(3));
      const cells = [make('td', {}, named(name, i)), make('td', {}, String(optimizer.lr)), loss];
      byId('racers').append(make('tr', {}, ...cells));
      return { step, path: [[x, y]], loss };
    });
    this.draw();
    this.tell('Ready. Press Start, or tap the surface to begin elsewhere.');
  }

  /** Runs, or rests. */
  async toggle(): Promise<void> {
    this.isRunning = !this.isRunning;
    if (!this.isRunning) return;
    const { race } = this;
    byId('play').textContent = 'Pause';
    while (this.isRunning && this.racers[0].path.length <= STEPS) {
      await Promise.all(this.racers.map((racer) => this.move(racer)));
      if (race !== this.race) return;
      this.draw();
      this.tell(`Step ${this.racers[0].path.length - 1} of ${STEPS}`);
      await painted();
      if (race !== this.race) return;
    }
    const isOver = this.racers[0].path.length > STEPS;
    if (isOver) this.tell(`${STEPS} steps are over. Choose another surface, or tap it to begin elsewhere.`);
    this.isRunning = false;
    byId('play').textContent = 'Go on';
    byId<HTMLButtonElement>('play').disabled = isOver;
  }

  private async move({ step, path, loss }: Racer): Promise<void> {
    await step.run({});
    const { loss: value, point } = await step.read();
    // The values before the update.
    const [x, y] = (point as { data: Float32Array }).data;
    path.push([x, y]);
    loss.textContent = Number(value).toPrecision(3);
  }

  draw(): void {
    const paths = this.racers.map(({ path }) => path);
    drawSurface(byId<HTMLCanvasElement>('surface'), this.surface, paths);
  }

  private tell(text: string): void {
    byId('status').textContent = text;
  }
}

showSource(source);
const notice = new Notice(byId('notice'));
const attempt = (work: Promise<unknown>) => work.catch((error) => notice.error(error));
try {
  const race = new Race(await requestDevice());
  const kind = byId<HTMLSelectElement>('kind');
  const play = byId<HTMLButtonElement>('play');
  const begin = (start?: readonly number[]) => {
    play.disabled = false;
    play.textContent = 'Start';
    return race.begin(SURFACES[kind.value], start);
  };
  kind.onchange = () => attempt(begin());
  byId('reset').onclick = () => attempt(begin());
  play.onclick = () => attempt(race.toggle());
  byId('surface').onclick = ({ offsetX, offsetY }) => {
    const { clientWidth, clientHeight } = byId('surface');
    const { x, y } = SURFACES[kind.value];
    const [right, down] = [offsetX / clientWidth, offsetY / clientHeight];
    attempt(begin([x[0] + right * (x[1] - x[0]), y[1] - down * (y[1] - y[0])]).then(() => race.toggle()));
  };
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => race.draw());
  new ResizeObserver(() => race.draw()).observe(byId('surface'));
  await begin();
  byId<HTMLButtonElement>('reset').disabled = false;
} catch (error) {
  byId('status').textContent = '';
  notice.error(error);
}
