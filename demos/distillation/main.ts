/** Distillation: two equal students with few samples, one of which a teacher helps. */
import '../shared/demo.css';
import { Distillation, makeDigits, mlp, type nn, Trainer, type TrainingData } from '../../src';
import { byId, make, painted } from '../shared/dom';
import { named, showLegend } from '../shared/legend';
import { LineChart } from '../shared/line-chart';
import { startOnClick, tell } from '../shared/runner';
import { showSource } from '../shared/source';
import source from './main.ts?raw';

const FEW = 150;
const EPOCHS = 30;
const percent = (share: number) => `${Math.round(100 * share)}%`;
const NAMES = ['Student with labels', 'Student with a teacher'];

showSource(source);
const chart = new LineChart(byId('chart'), {
  names: NAMES,
  x: 'Epoch',
  y: 'Test accuracy',
  range: [0, 1],
  format: percent,
});
showLegend(NAMES);

/** Adds a line to the table, and gives what shows its accuracy. */
function row(name: HTMLElement | string, model: nn.Module): (accuracy: number) => void {
  const count = model.parameters().reduce((sum, { size }) => sum + size, 0);
  const accuracy = make('td', {}, '–');
  byId('rows').append(make('tr', {}, make('td', {}, name), make('td', {}, count.toLocaleString()), accuracy));
  return (value) => {
    accuracy.textContent = `${(100 * value).toFixed(1)}%`;
  };
}

await startOnClick(async (device, signal) => {
  byId('rows').replaceChildren();
  tell('Drawing digits …');
  await painted();
  const { train, test } = makeDigits({ train: 3000, test: 500 });
  const few = train.slice(0, FEW);
  const teach = async (
    model: nn.Module,
    data: TrainingData,
    epochs: number,
    onAccuracy: (value: number) => void,
  ) => {
    const trainer = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'adam', lr: 3e-3 },
      seed: 1,
    });
    try {
      await trainer.fit(data, {
        epochs,
        batchSize: 30,
        signal,
        validation: test,
        onEpoch: ({ validationAccuracy }) => onAccuracy(validationAccuracy!),
      });
    } finally {
      await trainer.dispose();
    }
  };

  const teacher = mlp({ hidden: [128] });
  tell(`The teacher learns from ${train.length} pictures …`);
  await teach(teacher, train, 4, row('Teacher', teacher));

  const students = [mlp({ hidden: [16] }), mlp({ hidden: [16] })];
  const models = [students[0], new Distillation(students[1], teacher, { temperature: 4, alpha: 0.9 })];
  const shows = students.map((student, i) => row(named(NAMES[i], i), student));
  const curves = students.map(() => ({ x: [] as number[], y: [] as number[] }));
  tell(`Both students learn from the same ${FEW} pictures …`);
  await Promise.all(
    models.map((model, i) =>
      teach(model, few, EPOCHS, (accuracy) => {
        curves[i].x.push(curves[i].x.length + 1);
        curves[i].y.push(accuracy);
        shows[i](accuracy);
        chart.draw(curves);
      }),
    ),
  );
  const [alone, taught] = curves.map(({ y }) => y[y.length - 1]);
  tell(`${percent(alone)} with labels alone, ${percent(taught)} with a teacher, from ${FEW} pictures.`);
});
