/** The model learns, in Node. */
import { requestDevice } from 'gradloom';
import { expect, it } from 'vitest';
import { create, globals } from 'webgpu';
import { makePoints, makeTrainer } from '../src/model';

Object.assign(globalThis, globals);

it('learns', async () => {
  const device = await requestDevice({ gpu: create([]) });
  const trainer = makeTrainer(device);
  await trainer.fit(makePoints(1024), { epochs: 10 });
  const { accuracy } = await trainer.evaluate(makePoints(256));
  expect(accuracy).toBeGreaterThan(0.9);
  await trainer.dispose();
  device.destroy();
}, 60_000);
