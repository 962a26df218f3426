/** The model and what it learns: whether a point lies inside a circle. */
import { ArrayDataset, type Device, nn, Trainer } from 'gradloom';

/** Random points in a square, labelled by whether they lie inside the circle of half its area. */
export function makePoints(count: number): ArrayDataset {
  const x = Float32Array.from({ length: 2 * count }, () => 2 * Math.random() - 1);
  const y = Int32Array.from({ length: count }, (_, i) => Number(Math.hypot(x[2 * i]!, x[2 * i + 1]!) < 0.8));
  return ArrayDataset.fromArrays({ x, y, xShape: [2], classes: ['outside', 'inside'] });
}

export function makeTrainer(device: Device): Trainer {
  const model = new nn.Sequential(new nn.Linear(2, 32), new nn.ReLU(), new nn.Linear(32, 2));
  return new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-2 } });
}
