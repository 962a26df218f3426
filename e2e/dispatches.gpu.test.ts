/** Dispatches of a training step: batch, forward, loss, backward, Adam and metrics of the benchmark's workloads. */
import { expect, it } from 'vitest';
import { Counters } from './bench/counters';
import { prepareOn } from './bench/libraries/gradloom';
import { makeStart, workloads } from './bench/workloads';
import { testDevice } from './support/device';

/** With the variants of CPU adapters, which run everywhere. A fusion that is lost shows here. */
const DISPATCHES = { mlp: 14, lenet: 26, resnet: 100, lstm: 84, gpt: 59 };

it.each(Object.entries(DISPATCHES))('%s takes %i', async (name, dispatches) => {
  const device = await testDevice();
  Object.defineProperty(device, 'isCpu', { value: true });
  const workload = workloads.find((known) => known.name === name)!;
  const counters = new Counters().install();
  const session = prepareOn(device, workload, makeStart(workload));
  try {
    await session.run(1);
    const count = async (steps: number) => {
      const before = counters.snapshot();
      await session.run(steps);
      return counters.perStep(before, 1).dispatches;
    };
    // What a call does once, such as the shuffle of an epoch, drops out of the difference.
    const [one, three] = [await count(1), await count(3)];
    expect((three - one) / 2).toBe(dispatches);
  } finally {
    await session.dispose();
    counters.remove();
  }
});
