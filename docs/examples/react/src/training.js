/** Training for components: one device for the page, a trainer for each run. */
import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';

let device;

/** The page's device, requested when it is first needed. */
const pageDevice = () => (device ??= requestDevice());

const data = ArrayDataset.fromArrays({
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: Int32Array.of(0, 1, 1, 0),
});

/** Trains until it is done or the signal aborts; frees what it held on the device either way. */
export async function train(signal, onEpoch) {
  const device = await pageDevice();
  if (signal.aborted) return undefined;
  const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 2));
  const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 0.05 } });
  try {
    const { aborted } = await trainer.fit(data, { epochs: 60, signal, onEpoch });
    return aborted ? undefined : (await trainer.evaluate(data)).accuracy;
  } finally {
    await trainer.dispose();
  }
}
