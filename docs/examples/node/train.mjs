// Trains in Node, on the webgpu package, and writes the weights as safetensors.
import { writeFileSync } from 'node:fs';
import { ArrayDataset, nn, requestDevice, Trainer, writeSafetensors } from 'gradloom';
import { create, globals } from 'webgpu';

Object.assign(globalThis, globals);
const device = await requestDevice({ gpu: create([]) });

const data = ArrayDataset.fromArrays({
  x: [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ],
  y: Int32Array.of(0, 1, 1, 0),
});
const model = new nn.Sequential(new nn.Linear(2, 16), new nn.Tanh(), new nn.Linear(16, 2));
const trainer = new Trainer(device, model, { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 0.05 } });
await trainer.fit(data, { epochs: 60 });
const { accuracy } = await trainer.evaluate(data);
console.log(`Accuracy ${100 * accuracy} %`);

writeFileSync('model.safetensors', writeSafetensors(await trainer.stateDict()));
await trainer.dispose();
device.destroy();
