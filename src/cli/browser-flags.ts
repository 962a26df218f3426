/** The flags of all commands that start a browser, and what people are told while they wait. */
import { type Command, Option } from 'commander';
import { ADAPTER_MODES } from './adapter-choice';

/** Adds `--browser` and `--adapter` to a command. */
export function addBrowserFlags(command: Command): Command {
  return command
    .option('--browser <path>', 'the Chrome, Chromium or Edge to run in')
    .addOption(
      new Option(
        '--adapter <which>',
        "WebGPU adapter: this machine's own, SwiftShader on the processor, or whichever answers (default: auto)",
      ).choices(ADAPTER_MODES),
    );
}

/** Tells what is being waited for; on stderr, because stdout belongs to results. */
export function notify(line: string): void {
  process.stderr.write(`${line}\n`);
}
