/** Training in a browser whose GPU process is killed: it goes on, to the same bits. */
import { expect, it } from 'vitest';
import type * as Gradloom from '../src';
import { servedPages } from './support/served';

const pages = servedPages();

/** Runs in the page: a fit, told of by a global, with the weights and losses that it ends with. */
async function train() {
  const { makeDigits, mlp, requestDevice, Trainer } = (window as unknown as { gradloom: typeof Gradloom })
    .gradloom;
  const { train: data } = makeDigits({ train: 256, test: 10 });
  const trainer = new Trainer(await requestDevice(), mlp({ hidden: [32] }).initialize(1), {
    loss: 'crossEntropy',
    optimizer: { type: 'adam', lr: 1e-3 },
    seed: 1,
  });
  const told = { losses: [] as number[], recoveries: 0 };
  Object.assign(window, { told });
  await trainer.fit(data, {
    epochs: 30,
    batchSize: 16,
    recover: { every: 20 },
    onStep: ({ loss }: { loss: number }) => void told.losses.push(loss),
    onRecover: () => void told.recoveries++,
  });
  const state = Object.values(await trainer.stateDict()) as { data: Float32Array }[];
  return { ...told, weights: state.flatMap(({ data }) => [...data]) };
}

async function run(crash: boolean) {
  const page = await (await pages.browser.newContext()).newPage();
  await page.goto(`${pages.url}/index.html`);
  const content = "import * as gradloom from '/src/index.ts'; window.gradloom = gradloom;";
  await page.addScriptTag({ type: 'module', content });
  await page.waitForFunction(() => 'gradloom' in window);
  const trained = page.evaluate(train);
  if (crash) {
    await page.waitForFunction(
      () => ((window as unknown as { told?: { losses: number[] } }).told?.losses.length ?? 0) > 100,
      undefined,
      { timeout: 120_000 },
    );
    const session = await pages.browser.newBrowserCDPSession();
    // The answer goes with the process.
    session.send('Browser.crashGpuProcess').catch(() => {});
  }
  const result = await trained;
  await page.context().close();
  return result;
}

it('goes on to the same bits', { timeout: 240_000 }, async () => {
  const whole = await run(false);
  const crashed = await run(true);
  expect(whole.recoveries).toBe(0);
  expect(crashed.recoveries).toBeGreaterThan(0);
  expect(crashed.losses).toEqual(whole.losses);
  expect(crashed.weights).toEqual(whole.weights);
});
