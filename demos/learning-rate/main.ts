/** The learning-rate finder on an MLP that reads digits, and three trainings that prove what it found. */
import '../shared/demo.css';
import { findLearningRate, makeDigits, mlp, Trainer } from '../../src';
import { byId, make, painted } from '../shared/dom';
import { showLegend } from '../shared/legend';
import { LineChart } from '../shared/line-chart';
import { startOnClick, tell } from '../shared/runner';
import { showSource } from '../shared/source';
import source from './main.ts?raw';

const [MIN, MAX, STEPS] = [1e-5, 10, 120];
const format = (loss: number) => loss.toFixed(2);

showSource(source);
const sweep = new LineChart(byId('chart'), {
  names: ['Sweep', 'Suggestion'],
  x: 'Learning rate',
  y: 'Loss',
  logX: true,
  range: [0, 5],
  format,
});
showLegend(['Loss while the rate grows', 'Where it falls fastest']);

await startOnClick(async (device, signal) => {
  byId('rows').replaceChildren();
  tell('Drawing digits …');
  await painted();
  const { train } = makeDigits({ train: 1500, test: 1 });
  const trainerAt = (lr: number) =>
    new Trainer(device, mlp({ hidden: [64] }), {
      loss: 'crossEntropy',
      optimizer: { type: 'sgd', lr },
      seed: 1,
    });
  tell(`Training ${STEPS} steps with a rate that grows from ${MIN} to ${MAX} …`);
  const trainer = trainerAt(0.1);
  const { rates, losses, suggestion } = await findLearningRate(trainer, train, {
    ...{ minLr: MIN, maxLr: MAX, steps: STEPS, batchSize: 32, smoothing: 0.9 },
  });
  await trainer.dispose();
  const mark = suggestion ?? 0.1;
  sweep.draw([
    { x: rates, y: losses },
    { x: [mark, mark * 1.001], y: [0, 5] },
  ]);
  for (const [i, lr] of [mark / 10, mark, mark * 10].entries()) {
    if (signal.aborted) return;
    const shown = Number(lr.toPrecision(2));
    tell(`Training with a rate of ${shown} …`);
    const proof = trainerAt(lr);
    const steps = await proof.fitSteps(train, { steps: 60, batchSize: 32 });
    await proof.dispose();
    const last = steps.slice(-10).reduce((sum, loss) => sum + loss / 10, 0);
    const name = ['a tenth: ', 'suggested: ', 'ten times: '][i] + shown;
    const result = Number.isFinite(last) ? format(last) : 'grew without bounds';
    byId('rows').append(make('tr', {}, make('td', {}, name), make('td', {}, result)));
  }
  tell(`The loss falls fastest at a rate of about ${Number(mark.toPrecision(2))}.`);
});
