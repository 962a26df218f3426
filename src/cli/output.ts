/** Where results are written: checked before the work begins, and never over what the work reads. */
import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GradloomError } from '../errors';
import { writeAtomically } from './write-file';

/** The file that is asked for, and what it must not touch. */
export interface OutputRequest {
  /** The command and its flag, for errors. */
  op: string;
  argument: string;
  path: string;
  /** Files, and folders of files, that the command reads. */
  inputs: readonly string[];
  /** Whether an existing file may be replaced: by its first bytes and its size. Default: any. */
  replaces?(start: Uint8Array, size: number): boolean;
}

/**
 * The whole path to write to: of a link, the file that it leads to. Error `argument`: a folder, a device, a place that
 * may not be written, a file that the command reads (under whatever name) or one that is not to be replaced.
 */
export function outputPath({ op, argument, path, inputs, replaces }: OutputRequest): string {
  const whole = resolve(path);
  const refuse = (got: string, expected?: string) =>
    new GradloomError({ code: 'argument', op, argument, got: `${whole}, ${got}`, expected });
  const found = statSync(whole, { throwIfNoEntry: false, bigint: true });
  if (found?.isDirectory()) throw refuse('a folder; give a file name');
  if (found && !found.isFile()) throw refuse('which is no regular file');
  try {
    accessSync(found ? whole : dirname(whole), constants.W_OK);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw refuse(missing ? 'in a folder that does not exist' : 'which may not be written');
  }
  if (!found) return whole;
  // By device and inode: links, hard or symbolic, and names in another case lead to the same file.
  const read = inputs.flatMap(filesOf).find((input) => {
    const other = statSync(input, { throwIfNoEntry: false, bigint: true });
    return other?.dev === found.dev && other.ino === found.ino;
  });
  if (read !== undefined) throw refuse(`the same file as ${read}, which is read`, 'another file');
  if (found.size > 0n && replaces && !replaces(firstBytes(whole), Number(found.size))) {
    throw refuse('which exists and is something else', 'a new file, or one to replace');
  }
  return realpathSync(whole);
}

/** Whether a file that begins like this is safetensors: the length of a header that fits, and the header's brace. */
export function looksLikeWeights(start: Uint8Array, size: number): boolean {
  if (start.length < 9) return false;
  const header = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  return header <= BigInt(size - 8) && start[8] === '{'.charCodeAt(0);
}

/** Writes the whole file or none of it. Error `unsupported` when it cannot be written. */
export function writeOutput(request: OutputRequest, path: string, contents: string | Uint8Array): void {
  try {
    writeAtomically(path, contents);
  } catch (error) {
    const { op, argument } = request;
    const got = `${path}, which could not be written (${(error as Error).message})`;
    throw new GradloomError({ code: 'unsupported', op, argument, got, cause: error });
  }
}

function filesOf(input: string): string[] {
  if (!statSync(input, { throwIfNoEntry: false })?.isDirectory()) return [input];
  return readdirSync(input).map((name) => join(input, name));
}

function firstBytes(path: string): Uint8Array {
  const bytes = new Uint8Array(16);
  const file = openSync(path, 'r');
  try {
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}
