/**
 * The one error family of the project. Every error that a user can cause says which op or component refused,
 * which argument, what it got, what it expected and how to fix it; `code` is for programs.
 * Our own faults have the code `internal` and a message that starts with `internal:`.
 */
export type ErrorCode =
  | 'shape'
  | 'argument'
  | 'dtype'
  | 'data'
  | 'spec'
  | 'unsupported'
  | 'out-of-memory'
  | 'no-webgpu'
  | 'device-lost'
  | 'storage'
  | 'diverged'
  | 'aborted'
  | 'internal';

export interface ErrorDetails {
  code: ErrorCode;
  /** The op or component that refused, for example `conv2d` or `Trainer.fit`. */
  op: string;
  /** The argument at fault, if one is. */
  argument?: string;
  got?: string;
  expected?: string;
  fix?: string;
  cause?: unknown;
}

export class GradloomError extends Error {
  readonly code: ErrorCode;
  readonly op: string;
  readonly argument?: string;
  readonly got?: string;
  readonly expected?: string;
  readonly fix?: string;

  constructor(given: ErrorDetails) {
    const details = clipDetails(given);
    super(formatMessage(details), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GradloomError';
    this.code = details.code;
    this.op = details.op;
    this.argument = details.argument;
    this.got = details.got;
    this.expected = details.expected;
    this.fix = details.fix;
  }
}

/** Most characters of each part of a message: what strangers put into files must not fill a screen. */
const MOST = { op: 160, argument: 200, got: 300, expected: 240, fix: 240 };

/** Bounds the parts of a message; those of several lines, as compilers and drivers give them, stay whole. */
function clipDetails(details: ErrorDetails): ErrorDetails {
  if (details.code === 'internal' || details.got?.includes('\n')) return details;
  const clipped = Object.entries(MOST).map(([part, most]) => {
    const text = details[part as keyof typeof MOST];
    return [part, text === undefined ? text : clip(text, most)];
  });
  return { ...details, ...Object.fromEntries(clipped) };
}

/** The text, without its middle where it is longer than `most`. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text;
  const half = Math.floor((most - 5) / 2);
  return `${text.slice(0, half)} ... ${text.slice(-half)}`;
}

/** A value of any size and depth as short text, nearly as JSON has it. */
export function showValue(value: unknown, depth = 0): string {
  if (typeof value === 'string') return JSON.stringify(clip(value, 80));
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return String(value);
  const name = value.constructor?.name;
  if (!Array.isArray(value) && name && name !== 'Object') {
    return `${/^[AEIOU]/.test(name) ? 'an' : 'a'} ${clip(name, 40)}`;
  }
  const open = Array.isArray(value) ? '[]' : '{}';
  const keys = Object.keys(value);
  if (depth === 3 && keys.length > 0) return `${open[0]}...${open[1]}`;
  const items = keys.slice(0, 6).map((key) => {
    const item = showValue((value as Record<string, unknown>)[key], depth + 1);
    return Array.isArray(value) ? item : `${JSON.stringify(clip(key, 40))}: ${item}`;
  });
  return `${open[0]}${[...items, ...(keys.length > 6 ? ['...'] : [])].join(', ')}${open[1]}`;
}

/** `op: argument is GOT; expected EXPECTED. FIX` with the parts that are known. */
function formatMessage({ code, op, argument, got, expected, fix }: ErrorDetails): string {
  const subject = [argument, got].filter(Boolean).join(' is ');
  const clauses = [subject, expected].filter(Boolean).join('; expected ');
  const message = `${op}: ${clauses}${fix ? `. ${fix}` : ''}`;
  return code === 'internal' ? `internal: ${message}` : message;
}

/** Throws an `internal:` error unless `condition` holds: for our own invariants, never for user input. */
export function assertInternal(condition: unknown, op: string, what: string): asserts condition {
  if (!condition) throw new GradloomError({ code: 'internal', op, got: what });
}

/** A shape as people write it: `[2, 3]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Longer words are no misspelt names. */
const LONGEST_NAME = 100;

/** The candidate nearest to `word` by edit distance, for "did you mean" fixes; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > LONGEST_NAME) return undefined;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** The error for a name that is none of `known`, with the nearest of them. */
export function unknownName(
  op: string,
  argument: string,
  name: unknown,
  known: readonly string[],
  expected = `one of ${known.join(', ') || 'none'}`,
): GradloomError {
  const near = typeof name === 'string' ? nearest(name, known) : undefined;
  const fix = near && `Did you mean ${near}?`;
  return new GradloomError({ code: 'argument', op, argument, got: showValue(name), expected, fix });
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = row;
  }
  return previous[b.length];
}
