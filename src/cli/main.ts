/**
 * The `gradloom` command line: declares the commands and their flags, runs the chosen one and turns every error
 * into one line on stderr and an exit code. bin/gradloom.mjs calls it once the packages are there.
 */
import { Command } from 'commander';
import { version } from '../../package.json';
import { addBrowserFlags } from './browser-flags';
import type { CheckFlags } from './check';
import { describeError, EXIT } from './errors';
import { addExportFlags, type ExportFlags } from './export-flags';
import { addGenerateFlags, type GenerateFlags } from './generate-flags';
import type { InfoFlags } from './info';
import type { NewFlags } from './new';
import { addTrainFlags, type TrainFlags } from './options';
import { addEvaluateFlags, addPredictFlags, type EvaluateFlags, type PredictFlags } from './predict-flags';
import { addSearchFlags, type SearchFlags } from './search-flags';
import { addSummaryFlags, type SummaryFlags } from './summary-flags';

/** How long browsers have to end by themselves when all is done. */
const LINGER_MS = 2000;

/**
 * Runs the command line and sets the process's exit code: 0, 1 when a run failed, 2 for what the user can mend
 * (flags, files, data), 3 when a loss or a weight was NaN or Infinity, 130 after Ctrl-C.
 * @param argv the arguments after the program's name
 */
export async function main(argv: readonly string[]): Promise<void> {
  // The reader of a pipe may go away (`gradloom train | head`): that is no fault to report.
  process.stdout.on('error', () => process.exit(EXIT.ok));
  process.exitCode = await run(argv);
  // A browser that hangs would hold the process for minutes; as the process exits, Playwright kills it.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

async function run(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.ok;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if ((error as { exitCode?: number }).exitCode === 0) return EXIT.ok; // --help and --version end here
    const described = describeError(error);
    if (process.env.GRADLOOM_DEBUG) console.error(error);
    process.stderr.write(`error: ${described.message}\n`);
    if (argv.includes('--json')) {
      const { code, message } = described;
      process.stdout.write(`${JSON.stringify({ event: 'error', code, message })}\n`);
    }
    return described.exitCode;
  }
}

function buildProgram(done: (exitCode: number) => void): Command {
  const program = new Command('gradloom')
    .description('Train neural networks with WebGPU in a headless browser')
    .version(version)
    .addHelpText(
      'after',
      '\nEnvironment:\n  GRADLOOM_BROWSER  the browser, where --browser does not name one\n' +
        '  GRADLOOM_ADAPTER  the adapter, where --adapter does not name one\n' +
        '  GRADLOOM_DEBUG    set it to see stack traces and what the page logs',
    )
    .exitOverride()
    // Commander would print its errors itself, over several lines.
    .configureOutput({ writeErr: () => {} });

  // Each command is loaded when it runs: the dev server and the browser driver take a second, --help needs neither.
  addTrainFlags(command(program, 'train', 'train a model and write its weights as safetensors')).action(
    async (flags: TrainFlags, command: Command) => {
      const { openRun } = await import('./run-flags');
      const { flags: all, folder } = openRun(flags, command);
      try {
        done(await (await import('./train')).train(all, folder?.store));
      } finally {
        folder?.release();
      }
    },
  );
  addGenerateFlags(command(program, 'generate', 'continue a text with trained weights')).action(
    async (weights: string, flags: GenerateFlags) =>
      done(await (await import('./generate')).generate(weights, flags)),
  );
  addPredictFlags(command(program, 'predict', 'say what trained weights predict for a table')).action(
    async (weights: string, flags: PredictFlags) =>
      done(await (await import('./predict')).predict(weights, flags)),
  );
  addEvaluateFlags(command(program, 'evaluate', 'measure trained weights on data with labels')).action(
    async (weights: string, flags: EvaluateFlags) =>
      done(await (await import('./evaluate')).evaluate(weights, flags)),
  );
  addExportFlags(command(program, 'export', 'export a run to PyTorch, which goes on with it')).action(
    async (format: string, run: string, out: string, flags: ExportFlags) =>
      done(await (await import('./export')).exportRun(format, run, out, flags)),
  );
  addSummaryFlags(command(program, 'summary', 'show layers, multiply-adds and memory of a model')).action(
    async (model: string, flags: SummaryFlags) =>
      done(await (await import('./summary')).printSummary(model, flags)),
  );
  addSearchFlags(command(program, 'search', 'try settings of model and training, and show the best')).action(
    async (config: string, flags: SearchFlags) =>
      done(await (await import('./search')).searchSettings(config, flags)),
  );
  addBrowserFlags(command(program, 'check', 'compare every op with its reference on this adapter'))
    .option('--filter <text>', 'run only the cases whose name contains it')
    .option('--json', 'print one JSON object per line instead of text')
    .option('--report <file>', 'write what was found of this device, for the table of devices')
    .action(async (flags: CheckFlags) => done(await (await import('./check')).check(flags)));
  command(program, 'harness', 'serve the harness page and print its URL as the last line').action(async () =>
    done(await (await import('./harness')).harness()),
  );
  addBrowserFlags(command(program, 'info', 'show which browser and WebGPU adapter are used'))
    .option('--json', 'print one JSON object instead of text')
    .action(async (flags: InfoFlags) => done(await (await import('./info')).info(flags)));
  command(program, 'new', 'write a starter app that trains a model, and install its packages')
    .argument('<folder>', 'a folder that is empty or does not exist')
    .option('--no-install', 'write the files only')
    .action(async (folder: string, flags: NewFlags) =>
      done(await (await import('./new')).newApp(folder, flags)),
    );
  return program;
}

/** A subcommand that takes flags only; it inherits how errors are handled. */
function command(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).allowExcessArguments(false);
}
