/** Engines and sessions of the playground, without its views. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testDevice } from '../../e2e/support/device';
import { GradloomError } from '../errors';
import type { Device } from '../gpu/device';
import { convArithmetic, linearArithmetic } from './arithmetic';
import type { EngineEvent, Reply } from './engine/protocol';
import { EngineServer } from './engine/serve';
import { fitModel } from './fit-model';
import { fromHash, packRun, toHash, unpackRun } from './link';
import { PRESET_NAMES, presetState } from './presets';
import { type PlaygroundState, readData } from './recipe';
import { PlaygroundSession } from './session';

let device: Device;
const listeners = new Set<(reply: Exclude<Reply, { ready: true }>) => void>();
let engines = 0;
let server: EngineServer;
beforeAll(async () => {
  device = await testDevice();
  server = new EngineServer(
    (reply) =>
      setTimeout(() => {
        for (const listener of listeners) listener(reply as never);
      }),
    false,
    async () => device,
  );
});
afterAll(() => device?.destroy());

/** Sessions share one thread's engines, as on a page. */
function makeSession(): PlaygroundSession {
  return new PlaygroundSession({
    nextId: () => engines++,
    host: async () => ({
      send: (request) => void server.receive(structuredClone(request)),
      onReply(listener) {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    }),
  });
}

async function opened(state: string | PlaygroundState): Promise<PlaygroundSession> {
  const session = makeSession();
  await session.open(state);
  return session;
}

const losses = (session: PlaygroundSession) => session.curves.train.points.map(({ loss }) => loss);
const weightsOf = async (session: PlaygroundSession) =>
  Array.from((await (await session.engine()).call('parameter', '0.weight')).data);

/** Presets with less data, that a CPU adapter has little to do. */
function small(name: string): PlaygroundState {
  const state = presetState(name);
  const less = state.data.kind === 'digits' ? { train: 60, test: 20 } : {};
  return { ...state, data: { ...state.data, ...less } as PlaygroundState['data'] };
}

describe('every preset', () => {
  const light = PRESET_NAMES.filter(
    (name) => !['digits-cnn', 'char-lstm', 'circles', 'gauss', 'moons'].includes(name),
  );
  it.each(light)('%s learns', async (name) => {
    const session = await opened(small(name));
    await session.step(name.startsWith('char') ? 6 : 12);
    const found = losses(session);
    expect(found.every(Number.isFinite)).toBe(true);
    expect(Math.min(...found.slice(-4))).toBeLessThan(found[0]);
    expect(session.curves.test.points).toHaveLength(1);
    await session.close();
  });
});

describe('a link', () => {
  it('goes on elsewhere to the same bits', async () => {
    const here = await opened('xor');
    await here.step(7);
    const hash = await toHash(await here.shared(true), 'b');
    expect(hash.length).toBeLessThan(4000);
    const there = makeSession();
    const { state, checkpoint } = (await fromHash(hash, ['b', '1']))!;
    await there.open(state, { checkpoint });
    expect(there.steps).toBe(7);
    await Promise.all([here.step(5), there.step(5)]);
    expect(losses(there)).toEqual(losses(here).slice(7));
    expect(await weightsOf(there)).toEqual(await weightsOf(here));
    expect(await fromHash(hash, ['a', '0'])).toBeUndefined();
    await Promise.all([here.close(), there.close()]);
  });

  it.each([
    ['#gradloom=0', /without a state/],
    ['#gradloom=0.AAAA', /cannot be unpacked/],
    ['#gradloom=0.%%%', /base64/],
    [toHash({ state: { version: 2 } as never }), /version is 2|version/],
    [toHash({ state: { ...presetState('xor'), extra: 1 } as never }), /extra/],
    [
      toHash({ state: { ...presetState('xor'), data: { kind: 'plane', samples: 1e9 } } as never }),
      /data.samples/,
    ],
    [
      toHash({ state: { ...presetState('xor'), training: { optimizer: '__proto__' } } as never }),
      /optimizer/,
    ],
  ])('that is broken is refused: %s', async (hash, message) => {
    const error = await fromHash(await hash, ['0']).catch((cause) => cause);
    expect(error).toBeInstanceOf(GradloomError);
    expect(error.message).toMatch(message);
  });

  it('is also a file', async () => {
    const run = { state: presetState('moons'), checkpoint: new Uint8Array([1, 2, 3]) };
    expect(unpackRun(packRun(run))).toEqual(run);
    for (const bytes of [new Uint8Array(), new Uint8Array(9), packRun(run).slice(0, 40)])
      expect(() => unpackRun(bytes)).toThrow(/run/);
  });
});

describe('a session', () => {
  it('takes back a reset and another model, and keeps runs', async () => {
    const session = await opened('circles');
    await session.step(9);
    await session.keepRun('first');
    const [weights, curve] = [await weightsOf(session), losses(session)];
    await session.reset();
    expect(session.steps).toBe(0);
    expect(await weightsOf(session)).not.toEqual(weights);
    await session.undo();
    expect([session.steps, await weightsOf(session), losses(session)]).toEqual([9, weights, curve]);
    await session.setModel(presetState('moons').model);
    await session.undo();
    expect(await weightsOf(session)).toEqual(weights);
    await session.step(3);
    await session.goTo(session.runs[0]);
    expect(await weightsOf(session)).toEqual(weights);
    await session.close();
  });

  it('changes settings while it runs', async () => {
    const session = await opened('gauss');
    await session.play();
    await until(session, () => session.steps > 10);
    await session.setTraining({ lr: 0.001, batchSize: 16, weightDecay: 0.01, optimizer: 'sgd' });
    const at = session.steps;
    await until(session, () => session.steps > at + 10);
    expect(session.isRunning).toBe(true);
    expect(session.curves.train.last?.rate).toBe(0.001);
    await session.pause();
    await session.close();
  });

  it('stops where the loss is no number, says where, and goes back', async () => {
    const state = presetState('function');
    const session = await opened({ ...state, training: { ...state.training, optimizer: 'sgd', lr: 10 } });
    await session.play();
    await until(session, () => session.error !== undefined);
    expect(session.error).toMatchObject({ code: 'diverged', where: expect.stringMatching(/weight|bias/) });
    expect((await weightsOf(session)).every(Number.isFinite)).toBe(true);
    await session.close();
  });

  it('refuses a model that does not fit, and keeps the one that does', async () => {
    const session = await opened('gauss');
    await expect(session.setModel([{ type: 'linear', inFeatures: 3, outFeatures: 2 }])).rejects.toThrow(
      /linear|inFeatures/,
    );
    expect(session.phase).toBe('ready');
    const engine = await session.engine();
    const broken = [
      { type: 'linear', inFeatures: 7, outFeatures: 5 },
      { type: 'tanh' },
      { type: 'linear', inFeatures: 1, outFeatures: 1 },
    ];
    const described = await engine.call('describe', broken);
    expect(described.error?.layer).toBe(0);
    const mended = await engine.call('mend', broken);
    expect(mended).toEqual([
      { type: 'linear', inFeatures: 2, outFeatures: 5 },
      { type: 'tanh' },
      { type: 'linear', inFeatures: 5, outFeatures: 2 },
    ]);
    await session.close();
  });

  it('takes own data with a model that fits', async () => {
    const session = await opened('xor');
    const engine = await session.engine();
    const points = Array.from({ length: 30 }, (_, i) => [Math.cos(i), Math.sin(i), i % 3]);
    const csv = `a,b,kind\n${Array.from({ length: 40 }, (_, i) => `${i},${i * i},${i % 2 ? 'odd' : 'even'}`).join('\n')}`;
    const bytes = 'gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgA';
    const images = {
      kind: 'images',
      size: 8,
      classes: [bytes, bytes].map((text, i) => ({ name: `c${i}`, bytes: text.repeat(2).slice(0, 171) })),
    };
    const recipes = [
      { kind: 'plane', shape: 'points', points },
      { kind: 'csv', text: csv },
      { kind: 'text', text: 'to be or not to be, that is the question. '.repeat(20), blockSize: 12 },
      images,
    ];
    for (const recipe of recipes) {
      const data = readData(recipe);
      const { model, training } = fitModel(session.state, data, await engine.call('prepare', data));
      await session.setData(data, model, training);
      await session.step(2);
      expect(losses(session).every(Number.isFinite), recipe.kind).toBe(true);
    }
    await expect(
      engine.call('prepare', readData({ kind: 'plane', shape: 'function', expression: '1/x^' })),
    ).rejects.toThrow(/the end/);
    await session.close();
  });
});

describe('looking inside', () => {
  it('gives the sums that outputs are', async () => {
    const session = await opened(small('digits'));
    await session.step(3);
    const engine = await session.engine();
    const { x } = await engine.call('samples', 'test', 0, 1);
    const paths = ['0', '2', '3', '6', '7'];
    const found = await engine.call('activations', x, 1, paths);
    const parameter = (name: string) => engine.call('parameter', name);
    const at = ([, channels, height, width]: number[], data: Float32Array, [c, i, j]: number[]) =>
      channels > c ? data[(c * height + i) * width + j] : Number.NaN;
    const spots: [number, number, number][] = [
      [0, 0, 0],
      [5, 27, 13],
      [3, 14, 27],
    ];
    const [w0, b0, w3, b3, w7, b7] = await Promise.all(
      ['0.weight', '0.bias', '3.weight', '3.bias', '7.weight', '7.bias'].map(parameter),
    );
    for (const spot of spots) {
      const sum = convArithmetic({ shape: [1, 28, 28], data: x }, w0, b0.data, spot, {
        stride: 1,
        padding: 2,
      });
      expect(sum.sum).toBeCloseTo(at(found['0'].shape, found['0'].data, spot), 4);
    }
    const pooled = { shape: found['2'].shape.slice(1), data: found['2'].data };
    const second = convArithmetic(pooled, w3, b3.data, [15, 9, 4], { stride: 1, padding: 0 });
    expect(second.sum).toBeCloseTo(at(found['3'].shape, found['3'].data, [15, 9, 4]), 4);
    const linear = linearArithmetic({ shape: [400], data: found['6'].data }, w7, b7.data, 119);
    expect(linear.sum).toBeCloseTo(found['7'].data[119], 4);
    const report = await engine.call('report');
    expect(report.confusion?.flat().reduce((a, b) => a + b)).toBe(20);
    expect(report.worst[0].loss).toBeGreaterThanOrEqual(report.best[0].loss);
    const parameters = await engine.call('parameters');
    expect(parameters.map(({ name }) => name)).toContain('11.bias');
    expect(
      parameters.every(
        ({ gradient, histogram, shape }) =>
          gradient! > 0 && histogram.reduce((a, b) => a + b) === shape.reduce((a, b) => a * b),
      ),
    ).toBe(true);
    await session.close();
  });

  it('writes text token by token', async () => {
    const session = await opened('char-gpt');
    const tokens: EngineEvent[] = [];
    session.subscribe((_, event) => event?.type === 'token' && tokens.push(event));
    const text = await (await session.engine()).call('generate', 'the ', 12, 0, 0);
    expect([text.length, tokens.length]).toEqual([12, 12]);
    await session.close();
  });
});

/** Resolves when the session tells of something and the test holds. */
function until(session: PlaygroundSession, test: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const stop = session.subscribe(() => {
      if (!test()) return;
      stop();
      resolve();
    });
  });
}
