/** Puts the harness on `window.harness`; see docs/harness.md. */
import { GradloomError } from '../../src/errors';
import { requestDevice } from '../../src/gpu/device';
import { benchOwn } from '../bench/own';
import { Harness } from './harness';

declare global {
  interface Window {
    harness: { ready: Promise<void> } & Pick<
      Harness,
      'info' | 'runOp' | 'train' | 'predict' | 'conformance'
    > & {
        bench: typeof benchOwn;
      };
  }
}

const made = requestDevice().then((device) => new Harness(device));

/** Errors cross to Node as text: the name carries the code. */
async function call<R>(run: (harness: Harness) => Promise<R>): Promise<R> {
  try {
    return await run(await made);
  } catch (error) {
    if (error instanceof GradloomError) error.name = `GradloomError [${error.code}]`;
    throw error;
  }
}

window.harness = {
  ready: made.then(() => {}),
  info: () => call((harness) => harness.info()),
  runOp: (request) => call((harness) => harness.runOp(request)),
  train: (request) => call((harness) => harness.train(request)),
  predict: (request) => call((harness) => harness.predict(request)),
  conformance: (request) => call((harness) => harness.conformance(request)),
  bench: (request) => call(() => benchOwn(request)),
};

const status = document.querySelector('#status')!;
made.then(
  async (harness) => {
    const { adapter, ops } = await harness.info();
    const name = [adapter.vendor, adapter.architecture, adapter.description].filter(Boolean).join(' ');
    status.textContent = `Ready on ${name || 'this adapter'} with ${ops.length} ops. Call window.harness.info() in the console.`;
  },
  (error) => {
    status.textContent = error.message;
  },
);
