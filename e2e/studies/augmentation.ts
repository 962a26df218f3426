/**
 * What augmentation is worth: a small ResNet on few CIFAR-10 images with and without random crops and flips, three seeds each.
 * `tsx e2e/studies/augmentation.ts FOLDER [IMAGES [EPOCHS]]`; the folder has `*train*.bin(.gz)` and `*test*.bin(.gz)` in CIFAR-10's
 * binary layout. Takes the default adapter of Dawn.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import { projectRoot } from '../../src/cli/setup.mjs';
import { withLibrary } from '../../src/cli/source-library';

const [folder, images = '1000', epochs = '40'] = process.argv.slice(2);
Object.assign(globalThis, globals);
const backend = process.env.GRADLOOM_DAWN;
const gpu = create(backend ? [`backend=${backend}`] : []);

await withLibrary(projectRoot, async (load) => {
  const { loadCifar10, requestDevice, ResNet, Trainer } = (await load(
    '/src/index.ts',
  )) as typeof import('../../src');
  const read = async (role: string) => {
    const name = readdirSync(folder).find((name) => name.includes(role) && /\.bin(\.gz)?$/.test(name))!;
    return loadCifar10({ name, bytes: readFileSync(join(folder, name)) });
  };
  const all = await read('train');
  const plain = all.slice(0, Number(images));
  const { mean, std } = plain.statistics();
  const train = plain.withNormalization(mean, std);
  const test = (await read('test')).withNormalization(mean, std);
  const device = await requestDevice({ gpu });
  const augment = [
    { type: 'randomCrop', padding: 4, fillMode: 'reflect' },
    { type: 'randomHorizontalFlip' },
  ] as const;
  for (const seed of [1, 2, 3]) {
    for (const augmented of [false, true]) {
      const begin = performance.now();
      const model = new ResNet({ layers: [1, 1, 1], width: 8, numClasses: 10, smallImages: true });
      const batchSize = 50;
      const tMax = Number(epochs) * Math.ceil(train.length / batchSize);
      const trainer = new Trainer(device, model, {
        loss: 'crossEntropy',
        optimizer: { type: 'adamW', lr: 5e-3, weightDecay: 5e-3 },
        schedule: { type: 'cosineAnnealingLR', tMax },
        seed,
      });
      const { epochs: history } = await trainer.fit(train, {
        epochs: Number(epochs),
        batchSize,
        augment: augmented ? augment : undefined,
      });
      const { accuracy, loss } = await trainer.evaluate(test);
      await trainer.dispose();
      const seconds = Math.round((performance.now() - begin) / 1000);
      const trained = history.at(-1)!;
      console.log(
        `seed ${seed}, ${augmented ? 'augmented' : 'as they are'}: test accuracy ${accuracy!.toFixed(3)}, loss ` +
          `${loss.toFixed(3)}; training accuracy ${trained.accuracy!.toFixed(3)} (${seconds} s)`,
      );
    }
  }
  device.destroy();
});
process.exit(0);
