/** Turns whatever went wrong into what a command line owes its user: one line on stderr and an exit code. */
import { stripVTControlCharacters } from 'node:util';
import { CommanderError } from 'commander';
import { type ErrorCode, GradloomError } from '../errors';
import { BrowserPathError } from './browser.mjs';
import type { PageError } from './protocol';
import { SetupError } from './setup.mjs';

/**
 * Exit codes: the user can mend the command or the data (2), the run failed (1), training went to NaN or Infinity (3), it
 * was interrupted (130).
 */
export const EXIT = { ok: 0, failed: 1, usage: 2, diverged: 3, interrupted: 130 } as const;

/** What the user gave is wrong, as opposed to what happened on the way. */
const USAGE_CODES: readonly ErrorCode[] = ['spec', 'argument', 'data', 'shape', 'dtype'];

/** An error that happened in the page: its code and its finished message. */
export class PageFailure extends Error {
  readonly code: ErrorCode;
  constructor({ code, message }: PageError) {
    super(message);
    this.code = code;
  }
}

/** The code, the message on one line and the exit code of an error; an unknown one is our own fault. */
export function describeError(error: unknown): { code: ErrorCode; message: string; exitCode: number } {
  const code = errorCode(error);
  const text = stripVTControlCharacters(error instanceof Error ? error.message : String(error));
  const message = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ');
  return { code, message, exitCode: exitCodeOf(code) };
}

function exitCodeOf(code: ErrorCode): number {
  if (code === 'diverged') return EXIT.diverged;
  return USAGE_CODES.includes(code) ? EXIT.usage : EXIT.failed;
}

function errorCode(error: unknown): ErrorCode {
  if (error instanceof GradloomError || error instanceof PageFailure) return error.code;
  if (error instanceof CommanderError || error instanceof BrowserPathError) return 'argument';
  if (error instanceof SetupError) return 'unsupported';
  return 'internal';
}
