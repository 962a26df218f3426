/** Engines and sessions of the playground, without its views. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import type { Device } from '../gpu/device';
import { Engine } from './engine/engine';
import type { EngineEvent } from './engine/protocol';
import { PRESET_NAMES, presetState } from './presets';
import type { PlaygroundState } from './recipe';

let device: Device;
beforeAll(async () => {
  device = await testDevice();
});
afterAll(() => device?.destroy());

function engine() {
  const events: EngineEvent[] = [];
  const shared = { device: async () => device, turn: <T>(work: () => Promise<T>) => work(), inWorker: false };
  const made = new Engine(shared, (event) => events.push(event));
  const losses = () => events.flatMap((event) => (event.type === 'steps' ? event.losses : []));
  return { engine: made, events, losses };
}

/** Presets with less data, that a CPU adapter has little to do. */
function small(name: string): PlaygroundState {
  const state = presetState(name);
  const less = state.data.kind === 'digits' ? { train: 60, test: 20 } : {};
  return { ...state, data: { ...state.data, ...less } as PlaygroundState['data'] };
}

describe('every preset', () => {
  it.each(PRESET_NAMES.filter((name) => name !== 'digits-cnn' && name !== 'char-lstm'))(
    '%s learns',
    async (name) => {
      const { engine: made, events, losses } = engine();
      const opened = await made.open(small(name));
      expect(opened.model.error).toBeUndefined();
      await made.step(name.startsWith('char') ? 6 : 12);
      const found = losses();
      expect(found.every(Number.isFinite)).toBe(true);
      expect(Math.min(...found.slice(-4))).toBeLessThan(found[0]);
      expect(events.some(({ type }) => type === 'test')).toBe(true);
      await made.close();
    },
  );
});
