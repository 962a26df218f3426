/** From the scores of a sequence tagger to labels: each position by itself, or whole sequences with transitions. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import { argmax, descending, logSoftmax } from './sampling';

export interface TagOptions {
  /**
   * Score `transitions[a][b]` of label b right after label a, added to the log probabilities; `-Infinity` forbids it.
   * Without transitions the best label of each position is the best sequence.
   */
  transitions?: readonly (readonly number[])[];
  /** Sequences that are followed side by side; default all that matter, which finds the best one (Viterbi). */
  beams?: number;
}

/** A sequence of labels. */
export interface TagSequence {
  labels: number[];
  /** Sum of log probabilities and transition scores; `-Infinity` when every sequence is forbidden. */
  score: number;
}

/**
 * The best label sequence for scores `[T, labels]` (logits, row-major).
 * Without transitions it is greedy; with them the Viterbi algorithm (Forney, "The Viterbi algorithm", 1973), or with
 * `beams` a beam search, which keeps the best `beams` sequences of each length and may miss the best.
 * @throws GradloomError (code `argument`): scores that are no whole number of rows, transitions of another size, beams
 * below 1, transitions that are NaN; code `data`: scores that are NaN.
 */
export function decodeTags(scores: ArrayLike<number>, labels: number, options: TagOptions = {}): TagSequence {
  checkOptions('decodeTags', options, ['transitions', 'beams']);
  if (!Number.isInteger(scores?.length)) throw tagError('scores', showValue(scores), 'a list of scores');
  const rows = emissions(scores, labels);
  const { transitions, beams } = options;
  if (beams !== undefined && !(Number.isInteger(beams) && beams >= 1)) {
    throw tagError('beams', String(beams), 'a whole number from 1');
  }
  if (transitions && (transitions.length !== labels || transitions.some((row) => row.length !== labels))) {
    throw tagError('transitions', `${transitions.length} rows`, `${labels} rows of ${labels} scores`);
  }
  if (transitions?.flat().some(Number.isNaN)) throw tagError('transitions', 'NaN', 'numbers or -Infinity');
  if (!transitions) {
    const best = rows.map(argmax);
    return { labels: best, score: rows.reduce((sum, row, t) => sum + row[best[t]], 0) };
  }
  return beams === undefined ? viterbi(rows, transitions) : beamTags(rows, transitions, beams);
}

function emissions(scores: ArrayLike<number>, labels: number): Float64Array[] {
  if (!(Number.isInteger(labels) && labels >= 1))
    throw tagError('labels', String(labels), 'a whole number from 1');
  if (scores.length === 0 || scores.length % labels !== 0) {
    throw tagError('scores', `${scores.length} values`, `one or more rows of ${labels}`);
  }
  const values = Float64Array.from(scores);
  return Array.from({ length: values.length / labels }, (_, t) =>
    logSoftmax(values.subarray(t * labels, (t + 1) * labels), 'decodeTags'),
  );
}

function viterbi(
  rows: readonly Float64Array[],
  transitions: NonNullable<TagOptions['transitions']>,
): TagSequence {
  let best = rows[0];
  const back: Int32Array[] = [];
  for (const row of rows.slice(1)) {
    const from = new Int32Array(row.length);
    const before = best;
    best = row.map((score, label) => {
      const through = before.map((value, previous) => value + transitions[previous][label]);
      from[label] = argmax(through);
      return score + through[from[label]];
    });
    back.push(from);
  }
  const labels = [argmax(best)];
  const score = best[labels[0]];
  for (const from of back.reverse()) labels.unshift(from[labels[0]]);
  return { labels, score };
}

function beamTags(
  rows: readonly Float64Array[],
  transitions: NonNullable<TagOptions['transitions']>,
  beams: number,
): TagSequence {
  let live: TagSequence[] = [{ labels: [], score: 0 }];
  for (const row of rows) {
    const all = live.flatMap(({ labels, score }) =>
      Array.from(row, (value, label) => ({
        labels: [...labels, label],
        score: score + value + (labels.length > 0 ? transitions[labels.at(-1)!][label] : 0),
      })),
    );
    const scores = all.map(({ score }) => score);
    live = descending(scores)
      .slice(0, beams)
      .map((i) => all[i]);
  }
  return live[0];
}

function tagError(argument: string, got: string, expected: string): GradloomError {
  return new GradloomError({ code: 'argument', op: 'decodeTags', argument, got, expected });
}
