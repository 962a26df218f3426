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

  constructor(details: ErrorDetails) {
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

/** The candidate nearest to `word` by edit distance, for "did you mean" fixes; undefined when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 2)) + 1;
  for (const candidate of candidates) {
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
  const near = nearest(String(name), known);
  const fix = near && `Did you mean ${near}?`;
  return new GradloomError({ code: 'argument', op, argument, got: JSON.stringify(name), expected, fix });
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
