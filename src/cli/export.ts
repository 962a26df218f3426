/** `gradloom export torch RUN_DIR OUT_DIR`: a run that `gradloom train --run` began, for PyTorch. */
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { GradloomError, nearest } from '../errors';
import { readZip, unpackEntry } from '../io/zip';
import { EXIT } from './errors';
import type { ExportFlags } from './export-flags';
import { inPage } from './in-page';
import type { TrainFlags } from './options';
import { TRAIN_PAGE } from './protocol';
import { RunFolder } from './run-folder';
import { filesOf, requestOf } from './train-request';
import { writeAtomically } from './write-file';

/** Runs the command and returns its exit code. */
export async function exportRun(
  format: string,
  path: string,
  out: string,
  flags: ExportFlags,
): Promise<number> {
  if (format !== 'torch') {
    const near = nearest(format, ['torch']);
    throw refuse('format', format, 'torch', near && `Did you mean ${near}?`);
  }
  const isZip = /\.zip$/i.test(out);
  const target = resolve(out);
  if (!isZip) checkFolder(target, out);
  const { folder, run } = RunFolder.resume(path, 'export');
  try {
    process.chdir(run.cwd);
    const { data, request } = await requestOf(run.flags as unknown as TrainFlags);
    let archive: Uint8Array | undefined;
    const served = {
      page: TRAIN_PAGE,
      readyName: 'gradloomExport',
      files: filesOf(data),
      checkpoints: folder.store,
      onUpload: (bytes: Uint8Array) => void (archive = bytes),
    };
    const notes = await inPage(flags, served, (page) =>
      page.evaluate((asked) => window.gradloomExport(asked), request),
    );
    if (request.augment) notes.push('Augmentation stays behind: train.py sees the images as they are');
    const bytes = archive!;
    if (isZip) writeAtomically(target, bytes);
    else await unpack(bytes, target);
    if (flags.json) process.stdout.write(`${JSON.stringify({ event: 'result', out: target, notes })}\n`);
    else process.stdout.write([...notes, `Written to ${out}; see README.md there`, ''].join('\n'));
    return EXIT.ok;
  } finally {
    folder.release();
  }
}

async function unpack(bytes: Uint8Array, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const damaged = (got: string, expected: string) => refuse('out', got, expected);
  for (const [name, entry] of readZip(bytes, damaged))
    writeFileSync(join(target, name), await unpackEntry(entry, damaged));
}

/** @throws GradloomError for a folder that holds something, and for what is no folder. */
function checkFolder(target: string, out: string): void {
  const found = statSync(target, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isDirectory() && readdirSync(target).length === 0) return;
  const got = found.isDirectory() ? `${out}, which holds files` : `${out}, which is a file`;
  throw refuse('out', got, 'a folder that is empty or does not exist, or a .zip file');
}

const refuse = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'export', argument, got, expected, fix });
