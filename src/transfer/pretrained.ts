/** Weights of another model into this one, by name, with a report of what fitted. */
import { checkOptions } from '../checks';
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import { matchesName } from '../glob';
import type { Variable } from '../graph/ir/variable';
import type { StateDict } from '../io/state-dict';
import { assignState, isNoWeight } from '../nn/load-state';
import type { Module } from '../nn/module';

export interface PretrainedOptions {
  /**
   * Names in the state for names in the model: a prefix or whole name by another (`{ 'backbone.': '' }`), the first that fits, or
   * a function; undefined leaves an entry out.
   */
  rename?: Readonly<Record<string, string>> | ((name: string) => string | undefined);
  /** Entries that are left out, by their names in the model: names, modules, or patterns with `*`. */
  skip?: readonly string[];
  /** Whether entries of another shape are passed over, such as those of a head with other classes, instead of refused. */
  ignoreMismatched?: boolean;
}

/** What became of each entry, by names in the model. */
export interface PretrainedReport {
  loaded: string[];
  /** Variables of the model that the state has no values for; they keep theirs. */
  missing: string[];
  /** Entries of the state that the model has no place for. */
  unexpected: string[];
  /** Entries of another shape, which were passed over. */
  mismatched: { name: string; got: number[]; expected: number[] }[];
  /** Entries that `skip` left out. */
  skipped: string[];
}

const fail = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op: 'loadPretrained', argument, got, expected, fix });

/**
 * Takes what fits of a state dict and tells what did not: PyTorch's `load_state_dict(strict=False)` with shapes.
 * @throws GradloomError `argument`: an entry of another shape without `ignoreMismatched`, two entries for one name, or no entry
 * that fits, naming a near one; `data` for what are no numbers; nothing is changed then.
 */
export function loadPretrained(
  model: Module,
  state: StateDict,
  options: PretrainedOptions = {},
): PretrainedReport {
  checkOptions('loadPretrained', options, ['rename', 'skip', 'ignoreMismatched']);
  if (typeof state !== 'object' || state === null || Array.isArray(state) || state instanceof Map) {
    throw fail('state', showValue(state), 'tensors by name');
  }
  const { skip = [], ignoreMismatched = false } = options;
  const rename = renaming(options.rename);
  const named = new Map<string, Variable>(model.namedVariables());
  const report: PretrainedReport = { loaded: [], missing: [], unexpected: [], mismatched: [], skipped: [] };
  const taken = new Map<string, string>();
  const fitting: [string, StateDict[string]][] = [];
  for (const [source, tensor] of Object.entries(state)) {
    const name = rename(source);
    if (name === undefined || isNoWeight(name)) continue;
    if (skip.some((pattern) => matchesName(pattern, name))) {
      report.skipped.push(name);
      continue;
    }
    const variable = named.get(name);
    if (!variable) {
      report.unexpected.push(name);
      continue;
    }
    const other = taken.get(name);
    if (other !== undefined)
      throw fail('rename', `${other} and ${source} both for ${name}`, 'one entry for each name');
    taken.set(name, source);
    const { shape } = tensor ?? {};
    if (Array.isArray(shape) && shape.join() !== variable.shape.join()) {
      if (!ignoreMismatched) {
        const fix = 'Pass ignoreMismatched: true, or skip it by name, to keep the initial values';
        throw fail(name, formatShape(shape), formatShape(variable.shape), fix);
      }
      report.mismatched.push({ name, got: [...shape], expected: [...variable.shape] });
      continue;
    }
    report.loaded.push(name);
    fitting.push([name, tensor]);
  }
  if (fitting.length === 0) {
    const [first] = report.unexpected;
    const near = first === undefined ? undefined : nearest(first, [...named.keys()]);
    const got = first === undefined ? 'no entries' : `names such as ${first}`;
    const fix = near ? `Map names with rename: ${first} may be ${near}` : 'Map names with rename';
    throw fail('state', got, `names of the model, such as ${named.keys().next().value}`, fix);
  }
  assignState(named, Object.fromEntries(fitting), false);
  const loaded = new Set(fitting.map(([name]) => named.get(name)));
  report.missing = [...named].flatMap(([name, variable]) => (loaded.has(variable) ? [] : [name]));
  return report;
}

/** @throws GradloomError `argument` for what is neither function nor names. */
function renaming(rename: PretrainedOptions['rename']): (name: string) => string | undefined {
  if (rename === undefined) return (name) => name;
  if (typeof rename === 'function') return rename;
  if (typeof rename !== 'object' || rename === null || Array.isArray(rename))
    throw fail('rename', showValue(rename), "names by others, { 'backbone.': '' }, or a function");
  const prefixes = Object.entries(rename);
  return (name) => {
    const found = prefixes.find(([prefix]) => name.startsWith(prefix));
    return found ? found[1] + name.slice(found[0].length) : name;
  };
}
