/** Arguments and flags of `gradloom export`. */
import type { Command } from 'commander';
import { addBrowserFlags } from './browser-flags';
import type { BrowserFlags } from './launch';

/** The flags as commander hands them over. */
export interface ExportFlags extends BrowserFlags {
  json?: boolean;
}

/** Adds arguments and flags of `export` to its command. */
export function addExportFlags(command: Command): Command {
  return addBrowserFlags(command)
    .argument('<format>', 'torch: a folder with which PyTorch and torchrun go on')
    .argument('<run>', 'the folder of gradloom train --run')
    .argument('<out>', 'a folder that is empty or does not exist, or a .zip file')
    .option('--json', 'print one JSON object instead of text');
}
