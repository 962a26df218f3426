/**
 * What transfer and distillation are worth on few samples, three seeds each: LeNet trained on generated digits, given a new head and tuned on
 * 200 images of MNIST, beside the same LeNet trained on them from scratch; and a small MLP taught by that LeNet, beside the same
 * alone.
 * `tsx e2e/studies/transfer.ts FOLDER`; the folder has MNIST's IDX files. Takes the default adapter of Dawn.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { create, globals } from 'webgpu';
import { projectRoot } from '../../src/cli/setup.mjs';
import { withLibrary } from '../../src/cli/source-library';

const [folder, images = '200'] = process.argv.slice(2);
Object.assign(globalThis, globals);
const backend = process.env.GRADLOOM_DAWN;
const gpu = create(backend ? [`backend=${backend}`] : []);

await withLibrary(projectRoot, async (load) => {
  const { Distillation, lenet, loadIdx, makeDigits, mlp, replaceHead, requestDevice, Trainer } = (await load(
    '/src/index.ts',
  )) as typeof import('../../src');
  const file = (role: string, kind: string) => {
    const name = readdirSync(folder).find((name) => name.includes(role) && name.includes(kind))!;
    return { name, bytes: readFileSync(join(folder, name)) };
  };
  const read = (role: string) => loadIdx({ images: file(role, 'images'), labels: file(role, 'labels') });
  const few = (await read('train')).slice(0, Number(images));
  const test = await read('test');
  const drawn = makeDigits({ train: 4000, test: 10 }).train;
  const device = await requestDevice({ gpu });

  type Model = ConstructorParameters<typeof Trainer>[1];
  async function train(
    model: Model,
    data: typeof few,
    options: { lr: number; epochs: number; seed: number },
  ) {
    const { lr, epochs, seed } = options;
    const trainer = new Trainer(device, model, {
      loss: 'crossEntropy',
      optimizer: { type: 'adam', lr },
      seed,
    });
    await trainer.fit(data, { epochs, batchSize: 20 });
    const { accuracy } = await trainer.evaluate(test);
    await trainer.dispose();
    return accuracy!;
  }

  for (const seed of [1, 2, 3]) {
    const tuned = lenet();
    const before = await train(tuned, drawn, { lr: 2e-3, epochs: 4, seed });
    replaceHead(tuned, 10);
    const transferred = await train(tuned, few, { lr: 1e-3, epochs: 30, seed });
    const scratch = await train(lenet(), few, { lr: 1e-3, epochs: 30, seed });
    const alone = await train(mlp({ hidden: [32] }), few, { lr: 2e-3, epochs: 60, seed });
    const distilled = new Distillation(mlp({ hidden: [32] }), tuned, { temperature: 4, alpha: 0.9 });
    const taught = await train(distilled, few, { lr: 2e-3, epochs: 60, seed });
    const show = (value: number) => `${(100 * value).toFixed(1)} %`;
    console.log(
      `seed ${seed}: drawn digits only ${show(before)}, tuned ${show(transferred)}, from scratch ${show(scratch)}; ` +
        `student alone ${show(alone)}, taught ${show(taught)}`,
    );
  }
  device.destroy();
});
process.exit(0);
