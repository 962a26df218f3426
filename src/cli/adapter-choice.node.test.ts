// Which adapter is taken, when the other one never answers, comes late, crashes or is not there.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type AdapterKind, type ChoiceOptions, chooseAdapter } from './adapter-choice';

type Answer = () => Promise<string | undefined>;

const never: Answer = () => new Promise(() => {});
const none: Answer = async () => undefined;
const crash: Answer = () => Promise.reject(new Error('crashed'));
const answers =
  (ms: number, value: string): Answer =>
  () =>
    sleep(ms, value);

/** Chooses among fakes and says what was started, what was closed and what people were told. */
async function choose(
  fakes: Partial<Record<AdapterKind, Answer>>,
  options: Partial<ChoiceOptions<string>> = {},
) {
  const started: AdapterKind[] = [];
  const closed: AdapterKind[] = [];
  const lines: string[] = [];
  const result = chooseAdapter<string>({
    mode: 'auto',
    patienceMs: 60,
    notify: (line) => lines.push(line),
    start(kind) {
      started.push(kind);
      return { answer: fakes[kind]!(), close: async () => void closed.push(kind) };
    },
    ...options,
  });
  const choice = await result.catch((error: Error) => error.message);
  return { choice, started, closed, lines };
}

describe('chooseAdapter', () => {
  it('asks both at once and takes the hardware, also when SwiftShader answers first', async () => {
    for (const [hardware, swiftshader] of [
      [answers(0, 'gpu'), answers(20, 'cpu')],
      [answers(30, 'gpu'), answers(0, 'cpu')],
      [answers(0, 'gpu'), never],
      [answers(0, 'gpu'), crash],
    ]) {
      const { choice, started, closed } = await choose({ hardware, swiftshader });
      expect(choice).toEqual({ kind: 'hardware', value: 'gpu', hardware: 'taken' });
      expect({ started, closed }).toEqual({ started: ['hardware', 'swiftshader'], closed: ['swiftshader'] });
    }
  });

  it.each([
    ['never answers', never, 'late'],
    ['answers too late', answers(300, 'gpu'), 'late'],
    ['is not there', none, 'none'],
    ['crashes', crash, 'failed'],
  ])('takes SwiftShader when the hardware %s, and closes the other browser', async (_, hardware, outcome) => {
    const { choice, closed } = await choose({ hardware, swiftshader: answers(0, 'cpu') });
    expect(choice).toEqual({ kind: 'swiftshader', value: 'cpu', hardware: outcome });
    expect(closed).toEqual(['hardware']);
  });

  it('counts its patience from the answer of SwiftShader: a slow machine is slow with both', async () => {
    const { choice } = await choose({ hardware: answers(140, 'gpu'), swiftshader: answers(120, 'cpu') });
    expect(choice).toMatchObject({ kind: 'hardware' });
  });

  it('says what it waits for, and that it has given up', async () => {
    const { lines } = await choose({ hardware: never, swiftshader: answers(0, 'cpu') });
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/waiting up to 0\.06 s for this machine's own adapter/);
    expect(lines[1]).toMatch(/does not answer: taking SwiftShader \(--adapter hardware/);
    expect((await choose({ hardware: answers(0, 'gpu'), swiftshader: never })).lines).toEqual([]);
  });

  it('waits for the hardware where SwiftShader cannot be had', async () => {
    const { choice } = await choose({ hardware: answers(150, 'gpu'), swiftshader: none });
    expect(choice).toMatchObject({ kind: 'hardware', value: 'gpu' });
  });

  it('finds nothing, or says why a browser does not start, and closes both', async () => {
    const nothing = await choose({ hardware: none, swiftshader: none });
    expect(nothing.choice).toBeUndefined();
    expect(nothing.closed.sort()).toEqual(['hardware', 'swiftshader']);
    expect((await choose({ hardware: crash, swiftshader: none })).choice).toBe('crashed');
    expect((await choose({ hardware: none, swiftshader: crash })).choice).toBe('crashed');
  });

  it.each(['hardware', 'swiftshader'] as const)('asks only for %s when told to', async (mode) => {
    const taken = await choose({ [mode]: answers(100, 'it') }, { mode });
    expect(taken).toMatchObject({ choice: { kind: mode, value: 'it' }, started: [mode], closed: [] });
    const missing = await choose({ [mode]: none }, { mode });
    expect(missing).toMatchObject({ choice: undefined, started: [mode], closed: [mode] });
    expect((await choose({ [mode]: crash }, { mode })).choice).toBe('crashed');
  });
});

describe('chooseAdapter with a memory', () => {
  const swiftshader = answers(0, 'cpu');

  it('starts only SwiftShader where it was taken before', async () => {
    const { choice, started } = await choose({ swiftshader }, { remembered: 'swiftshader' });
    expect(choice).toEqual({ kind: 'swiftshader', value: 'cpu', hardware: 'not asked' });
    expect(started).toEqual(['swiftshader']);
  });

  it.each([
    ['the browser has another version', swiftshader],
    ['SwiftShader is gone', none],
    ['SwiftShader crashes', crash],
  ])('asks the hardware again when %s', async (_, answer) => {
    const { choice } = await choose(
      { swiftshader: answer, hardware: answers(0, 'gpu') },
      { remembered: 'swiftshader', isRemembered: () => false },
    );
    expect(choice).toEqual({ kind: 'hardware', value: 'gpu', hardware: 'taken' });
  });

  it('starts only the hardware where that answered before, and SwiftShader when it keeps silent now', async () => {
    const alone = await choose({ hardware: answers(0, 'gpu') }, { remembered: 'hardware' });
    expect(alone).toMatchObject({ choice: { kind: 'hardware' }, started: ['hardware'], closed: [] });
    const silent = await choose({ hardware: never, swiftshader }, { remembered: 'hardware' });
    expect(silent).toMatchObject({ choice: { kind: 'swiftshader', hardware: 'late' }, closed: ['hardware'] });
  });
});
