/**
 * The choice between the machine's own WebGPU adapter and SwiftShader. Both are asked at once, each in a browser of
 * its own, because a broken graphics driver does not refuse: it never answers.
 */

export const ADAPTER_KINDS = ['hardware', 'swiftshader'] as const;
export const ADAPTER_MODES = ['auto', ...ADAPTER_KINDS] as const;

/** `hardware`: whatever adapter the browser offers by default; `swiftshader`: the one that comes with Chromium. */
export type AdapterKind = (typeof ADAPTER_KINDS)[number];
export type AdapterMode = (typeof ADAPTER_MODES)[number];

/** A browser that was asked for its adapter. */
export interface Contender<T> {
  /** The browser with its adapter; undefined when it has none. Rejects when the browser does not start. */
  readonly answer: Promise<T | undefined>;
  /** Ends the browser, also one that is still starting. */
  close(): Promise<void>;
}

export interface Choice<T> {
  kind: AdapterKind;
  value: T;
  /** What became of the hardware adapter: `late` when it had not answered in time. */
  hardware: 'taken' | 'none' | 'late' | 'failed' | 'not asked';
}

export interface ChoiceOptions<T> {
  mode: AdapterMode;
  /** What was chosen on an earlier run on this machine. */
  remembered?: AdapterKind;
  /** Whether the memory holds for this browser; one of another version may have other adapters. */
  isRemembered?(value: T): boolean;
  start(kind: AdapterKind): Contender<T>;
  /** Gets a line for people each time there is something to wait for. */
  notify?(line: string): void;
  /** How much longer than SwiftShader the hardware adapter may take. */
  patienceMs?: number;
}

/** Drivers of real GPUs answer within a second of a browser that is up; SwiftShader's answer shows that it is. */
const PATIENCE_MS = 3000;

/**
 * Chooses an adapter and ends the browsers that were not chosen; undefined when there is no adapter.
 * @throws what `start` rejected with, when no browser answers and one of them did not start
 */
export async function chooseAdapter<T>(options: ChoiceOptions<T>): Promise<Choice<T> | undefined> {
  const { mode, remembered, start, isRemembered = () => true } = options;
  if (mode !== 'auto') return alone(mode, start(mode));
  if (remembered === 'swiftshader') {
    const swiftshader = start('swiftshader');
    const value = await swiftshader.answer.catch(() => undefined);
    if (value !== undefined && isRemembered(value)) return { kind: remembered, value, hardware: 'not asked' };
    return race(start('hardware'), swiftshader, options);
  }
  const hardware = start('hardware');
  if (remembered === 'hardware') {
    // It answered here before: SwiftShader is started only when it keeps silent now.
    const outcome = await within(settle(hardware), options.patienceMs);
    if (outcome.status === 'found') return { kind: remembered, value: outcome.value, hardware: 'taken' };
  }
  return race(hardware, start('swiftshader'), options);
}

async function alone<T>(kind: AdapterKind, contender: Contender<T>): Promise<Choice<T> | undefined> {
  const value = await contender.answer;
  if (value !== undefined) return { kind, value, hardware: kind === 'hardware' ? 'taken' : 'not asked' };
  await contender.close();
  return undefined;
}

async function race<T>(
  hardware: Contender<T>,
  swiftshader: Contender<T>,
  { notify = () => {}, patienceMs = PATIENCE_MS }: ChoiceOptions<T>,
): Promise<Choice<T> | undefined> {
  const [own, software] = [settle(hardware), settle(swiftshader)];
  const swiftshaderIsReady = await Promise.race([
    own.then(() => false),
    software.then(({ status }) => status === 'found'),
  ]);
  if (swiftshaderIsReady) {
    notify(`SwiftShader is ready; waiting up to ${patienceMs / 1000} s for this machine's own adapter ...`);
  }
  const first = await (swiftshaderIsReady ? within(own, patienceMs) : own);
  if (first.status === 'found') {
    discard(swiftshader);
    return { kind: 'hardware', value: first.value, hardware: 'taken' };
  }
  const second = await software;
  discard(hardware);
  if (second.status === 'found') {
    if (first.status === 'late') {
      notify(
        "This machine's own adapter does not answer: taking SwiftShader (--adapter hardware waits for it)",
      );
    }
    return { kind: 'swiftshader', value: second.value, hardware: first.status };
  }
  discard(swiftshader);
  if (second.status === 'failed') throw second.error;
  if (first.status === 'failed') throw first.error;
  return undefined;
}

type Outcome<T> = { status: 'found'; value: T } | { status: 'none' } | { status: 'failed'; error: unknown };

function settle<T>({ answer }: Contender<T>): Promise<Outcome<T>> {
  return answer.then(
    (value) => (value === undefined ? { status: 'none' } : { status: 'found', value }),
    (error) => ({ status: 'failed', error }),
  );
}

async function within<R>(outcome: Promise<R>, limitMs = PATIENCE_MS): Promise<R | { status: 'late' }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<{ status: 'late' }>((resolve) => {
    timer = setTimeout(resolve, limitMs, { status: 'late' });
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Nobody waits for a browser to end; one that does not is killed as the process exits. */
function discard(contender: Contender<unknown>): void {
  contender.close().catch(() => {});
}
