/** `gradloom search`: tries settings of model and training in turn, in the page of a headless browser. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Page } from 'playwright';
import { GradloomError } from '../errors';
import { formatTrials, type SearchOutcome, type Trial } from '../experiments/search';
import { withSettings } from '../experiments/space';
import { findBrowser } from './browser.mjs';
import { notify } from './browser-flags';
import { loadData } from './data';
import { EXIT } from './errors';
import { inPage } from './in-page';
import { bytesOf, describeDataset } from './input';
import { modelOf } from './options';
import { outputPath } from './output';
import { type SearchRequest, TRAIN_PAGE } from './protocol';
import { MAX_CONFIG_BYTES, parseSearchConfig, type SearchConfig } from './search-config';
import type { SearchFlags } from './search-flags';
import { stopOnSignal } from './signals';
import { writeAtomically } from './write-file';

/** Runs the command and returns its exit code: 0, or 130 when Ctrl-C ended the search. */
export async function searchSettings(file: string, flags: SearchFlags): Promise<number> {
  findBrowser(flags);
  const config = readConfig(file);
  const chosen =
    typeof config.model === 'string' && !config.model.startsWith('$') ? modelOf(config.model) : undefined;
  const { train, description } = await loadData(flags.data, flags.seed, flags);
  const ready = chosen ?? modelOf(train.xShape.length > 1 ? 'lenet' : 'mlp');
  const model = chosen || config.model === undefined ? ready.specFor(train) : config.model;
  const output = { op: 'search', argument: '--out', inputs: [file, flags.data] };
  const out = outputPath({
    ...output,
    path: flags.out ?? 'gradloom-search.json',
    replaces: looksLikeResults,
  });
  const { classCount } = train;
  const request: SearchRequest = {
    config: { ...config, model },
    train: describeDataset('train', train),
    loss: classCount === undefined ? 'mse' : 'crossEntropy',
    seed: flags.seed,
    validationSplit: flags.validationSplit,
    about: { ...template(config), model, data: basename(description), examples: train.length },
    kept: existsSync(out) ? readFileSync(out, 'utf8') : undefined,
  };
  const show = (line: object) => {
    if (flags.json) process.stdout.write(`${JSON.stringify(line)}\n`);
  };
  const served = {
    page: TRAIN_PAGE,
    readyName: 'gradloomSearch',
    handlesSignals: true,
    files: new Map([
      ['train.x', bytesOf(train.x)],
      ['train.y', bytesOf(train.y)],
    ]),
    prepare: (page: Page) =>
      page.exposeBinding('gradloomTrial', (_, results: string, trial?: Trial) => {
        writeAtomically(out, results);
        if (!trial) return;
        show({ event: 'trial', ...trial });
        if (!flags.json) process.stdout.write(`${describeTrial(trial)}\n`);
      }),
  };
  const outcome = await inPage(flags, served, async (page) => {
    const release = stopOnSignal(() => {
      notify('Stopping; the trial under way does not count (Ctrl-C again to stop at once) ...');
      page.evaluate(() => window.gradloomStop()).catch(() => {});
    });
    try {
      return await page.evaluate((request) => window.gradloomSearch(request), request);
    } finally {
      release();
    }
  });
  const best = withSettings(template({ ...config, model }), outcome.best.settings);
  show({ event: 'result', ...outcome, config: best, out });
  if (!flags.json) process.stdout.write(textOf(outcome, best, out));
  return outcome.aborted ? EXIT.interrupted : EXIT.ok;
}

/** What a trial is made of. */
const template = ({
  space: _space,
  strategy: _strategy,
  metric: _metric,
  goal: _goal,
  ...rest
}: SearchConfig) => rest;

function readConfig(file: string): SearchConfig {
  const fail = (got: string, expected: string) =>
    new GradloomError({ code: 'data', op: 'search', argument: file, got, expected });
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found?.isFile())
    throw fail(found ? 'a folder' : 'no such file', 'a JSON file with space and strategy');
  if (found.size > MAX_CONFIG_BYTES) throw fail(`${found.size} bytes`, `at most ${MAX_CONFIG_BYTES}`);
  return parseSearchConfig(readFileSync(file, 'utf8'), basename(file));
}

/** Whether a file may be replaced by results: it has some. */
const looksLikeResults = (bytes: Uint8Array): boolean =>
  new TextDecoder().decode(bytes.subarray(0, 10)).startsWith('{"search":');

const describeTrial = ({ trial, settings, budget, value, error, seconds }: Trial): string =>
  `Trial ${trial + 1}${budget === undefined ? '' : ` (${budget} epochs)`}: ${JSON.stringify(settings)} ` +
  `${error ? `failed: ${error}` : `value ${value!.toPrecision(5)}`} (${seconds.toFixed(1)} s)`;

function textOf({ best, trials, aborted }: SearchOutcome, config: object, out: string): string {
  const title = aborted ? 'Stopped early. Best so far' : 'Best';
  return (
    `\n${formatTrials(trials)}\n\n${title}: ${JSON.stringify(best.settings)}\n` +
    `Its run: ${JSON.stringify(config)}\nResults: ${out}\n`
  );
}
