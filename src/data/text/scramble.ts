/** Telling words from scrambled ones: a task that no bag of characters can solve, because both have the same bag. */
import { GradloomError } from '../../errors';
import { Random } from '../../random';

/** Texts with their class: 1 for a word, 0 for its letters in another order. */
export interface LabelledTexts {
  texts: string[];
  labels: number[];
}

/**
 * Every word once as it is and once scrambled; a scrambled word is none of the words. Words and their scrambled forms
 * are split together, so that a test word was never seen. Words that have no other order are left out.
 * @throws GradloomError (code `data`) when fewer than two words are left.
 */
export function makeScrambled(
  words: readonly string[],
  { testFraction = 0.1, seed = 0 } = {},
): { train: LabelledTexts; test: LabelledTexts } {
  const known = new Set(words);
  const random = new Random(seed, 'scrambled');
  const pairs = random
    .shuffle([...known])
    .map((word): [string, string | undefined] => [word, scramble(word, known, random)])
    .filter((pair): pair is [string, string] => pair[1] !== undefined);
  const testCount = Math.round(pairs.length * testFraction);
  if (pairs.length < 2 || testCount < 1 || testCount >= pairs.length) {
    throw new GradloomError({
      code: 'data',
      op: 'makeScrambled',
      argument: 'words',
      got: `${pairs.length} different words with letters to exchange, ${testCount} of them for the test`,
      expected: 'at least one for training and one for the test',
    });
  }
  const labelled = (part: readonly [string, string][]): LabelledTexts => ({
    texts: part.flat(),
    labels: part.flatMap(() => [1, 0]),
  });
  return { train: labelled(pairs.slice(testCount)), test: labelled(pairs.slice(0, testCount)) };
}

/** Another order of a word's letters; undefined where a few tries find none. */
function scramble(word: string, known: ReadonlySet<string>, random: Random): string | undefined {
  for (let attempt = 0; attempt < 8; attempt++) {
    const scrambled = random.shuffle([...word]).join('');
    if (!known.has(scrambled)) return scrambled;
  }
  return undefined;
}
