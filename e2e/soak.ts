/**
 * Soak: 20,000 steps of a small MLP in one `fit` in Chromium. Prints heap and GPU bytes on the way and the time of the last thousand
 * steps beside the first thousand. `npx tsx e2e/soak.ts [steps]`; ends with code 1 where memory grows or time drifts.
 */
import type * as Gradloom from '../src';
import { launchBrowser } from '../src/cli/launch';
import { startPageServer } from '../src/cli/server';

const steps = Number(process.argv[2] ?? 20_000);
/** Most growth of the heap, bytes, and of the time of a thousand steps. */
const MOST_HEAP = 2 ** 20;
const MOST_DRIFT = 0.02;

async function soak() {
  const { browser } = await launchBrowser();
  const server = await startPageServer();
  try {
    const page = await browser.newPage();
    // tsx names functions with a helper of its own, which the page has not.
    await page.addInitScript('globalThis.__name = (named) => named');
    await page.goto(`${server.url}/index.html`);
    const content = "import * as gradloom from '/src/index.ts'; window.gradloom = gradloom;";
    await page.addScriptTag({ type: 'module', content });
    await page.waitForFunction(() => 'gradloom' in window);
    const session = await page.context().newCDPSession(page);
    const heap = async () => {
      await session.send('HeapProfiler.collectGarbage');
      return (await session.send('Runtime.getHeapUsage')).usedSize;
    };
    const samples: { step: number; heap: number; gpu: number }[] = [];
    await page.exposeFunction('sample', async (step: number, gpu: number) => {
      samples.push({ step, heap: await heap(), gpu });
    });
    const times = await page.evaluate(train, steps);
    return { samples, times };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** Runs in the page. Resolves to the milliseconds of each thousand steps. */
async function train(count: number): Promise<number[]> {
  const { gradloom, sample } = window as unknown as {
    gradloom: typeof Gradloom;
    sample(step: number, gpu: number): Promise<void>;
  };
  const { train: data } = gradloom.makeDigits({ train: 1600, test: 10 });
  const device = await gradloom.requestDevice();
  const trainer = new gradloom.Trainer(device, gradloom.mlp({ hidden: [16] }), {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 1e-4 },
  });
  await trainer.fit(data, { batchSize: 16, stepsPerEpoch: 1000 });
  const times: number[] = [];
  let begun = performance.now();
  await trainer.fit(data, {
    batchSize: 16,
    stepsPerEpoch: 1000,
    epochs: count / 1000,
    onEpoch: async ({ epoch }) => {
      times.push(performance.now() - begun);
      await sample((epoch + 1) * 1000, device.buffers.allocatedBytes);
      begun = performance.now();
    },
  });
  device.destroy();
  return times;
}

const { samples, times } = await soak();
for (const [i, { step, heap, gpu }] of samples.entries())
  console.log(
    `${step} steps: heap ${(heap / 2 ** 20).toFixed(2)} MiB, GPU ${gpu} bytes, ${(times[i] / 1000).toFixed(3)} ms per step`,
  );
const [first, last] = [samples[0], samples.at(-1)!];
const drift = times.at(-1)! / times[0] - 1;
const problems = [
  last.heap - first.heap > MOST_HEAP && 'the heap grows',
  last.gpu !== first.gpu && 'GPU memory grows',
  drift > MOST_DRIFT && `the last thousand steps take ${(100 * drift).toFixed(1)} % longer than the first`,
].filter(Boolean);
console.log(
  problems.length > 0 ? problems.join('; ') : `flat; time changed by ${(100 * drift).toFixed(1)} %`,
);
process.exit(problems.length > 0 ? 1 : 0);
