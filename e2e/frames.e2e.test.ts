/** A page that draws while LeNet trains, on the page and in a worker: its frames, and its longest task. */
import { expect, it } from 'vitest';
import type * as Gradloom from '../src';
import type * as GradloomWorker from '../src/worker';
import { servedPages } from './support/served';

const pages = servedPages();

/** Runs in the page. */
async function measure(isWorker: boolean) {
  const { gradloom, gradloomWorker } = window as unknown as {
    gradloom: typeof Gradloom;
    gradloomWorker: typeof GradloomWorker;
  };
  const { train } = gradloom.makeDigits({ train: 512, test: 10 });
  const options = { loss: 'crossEntropy', optimizer: { type: 'adam', lr: 1e-3 }, seed: 1 } as const;
  const makeOnPage = async () =>
    new gradloom.Trainer(await gradloom.requestDevice(), gradloom.lenet(), options);
  const makeInWorker = () => {
    const worker = new Worker('/e2e/support/train.worker.ts', { type: 'module' });
    return gradloomWorker.createWorkerTrainer(worker, { ...options, model: { type: 'lenet' } });
  };
  const trainer = await (isWorker ? makeInWorker() : makeOnPage());
  // Pages draw while they compile, too, but not for as long as training.
  await trainer.fit(train, { batchSize: 32, stepsPerEpoch: 4 });
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => {
    tasks.push(...list.getEntries().map(({ duration }) => duration));
  });
  observer.observe({ type: 'longtask' });
  let frames = 0;
  let steps = 0;
  const abort = new AbortController();
  const draw = () => {
    frames++;
    if (!abort.signal.aborted) requestAnimationFrame(draw);
  };
  requestAnimationFrame(draw);
  setTimeout(() => abort.abort(), 3000);
  const from = performance.now();
  const onStep = () => void steps++;
  await trainer.fit(train, { epochs: 1000, batchSize: 32, signal: abort.signal, onStep });
  const seconds = (performance.now() - from) / 1000;
  observer.disconnect();
  await trainer.dispose();
  return { framesPerSecond: frames / seconds, longestTask: Math.max(0, ...tasks), steps };
}

it.each([
  ['on the page', false],
  ['in a worker', true],
])('training %s leaves the page its frames', async (where, isWorker) => {
  const page = await (await pages.browser.newContext()).newPage();
  await page.goto(`${pages.url}/index.html`);
  const content =
    "import * as gradloom from '/src/index.ts'; import * as gradloomWorker from '/src/worker/index.ts';" +
    'Object.assign(window, { gradloomWorker, gradloom });';
  await page.addScriptTag({ type: 'module', content });
  await page.waitForFunction(() => 'gradloom' in window);
  const { framesPerSecond, longestTask, steps } = await page.evaluate(measure, isWorker);
  await page.context().close();
  const longest = longestTask ? `${longestTask.toFixed(0)} ms` : 'below 50 ms';
  console.log(
    `LeNet ${where}: ${framesPerSecond.toFixed(1)} frames per second, longest task ${longest}, ${steps} steps`,
  );
  expect(steps).toBeGreaterThan(2);
  // The CPU adapter, and tests beside this one, share the cores with the page.
  expect(framesPerSecond).toBeGreaterThan(25);
  expect(longestTask).toBeLessThan(200);
});
