import { ArrayDataset, nn, requestDevice, Trainer } from 'gradloom';

const device = await requestDevice();
const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 1));
const trainer = new Trainer(device, model, { loss: 'mseLoss', optimizer: { type: 'adam', lr: 1e-2 } });
let stop = new AbortController();

self.onmessage = async ({ data: message }) => {
  if (message.type === 'stop') return stop.abort();
  stop = new AbortController();
  const data = ArrayDataset.fromArrays({ x: message.x, y: message.y, xShape: [2] });
  await trainer.fit(data, {
    epochs: message.epochs,
    signal: stop.signal,
    onEpoch: ({ epoch, loss }) => self.postMessage({ type: 'epoch', epoch, loss }),
  });
  self.postMessage({ type: 'done', state: await trainer.stateDict() });
};
self.postMessage({ type: 'ready' });
