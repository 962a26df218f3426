/** Sums and differences as strings, seeded: `46+257` and its result `303`. */
import { checkOptions } from '../../checks';
import { GradloomError } from '../../errors';
import { Random } from '../../random';
import type { TextPair } from './sequences';
import { CharTokenizer, SPECIAL_TOKENS } from './tokenizer';

export interface ArithmeticOptions {
  train?: number;
  test?: number;
  /** Most digits of an operand. */
  digits?: number;
  seed?: number;
}

/** The characters of terms and results, after the special tokens. */
export const arithmeticTokenizer = (): CharTokenizer =>
  new CharTokenizer('+-0123456789', { special: SPECIAL_TOKENS });

/** Longest term and result of operands with so many digits, with room for the end token. */
export const arithmeticLengths = (digits = 2): { sourceLength: number; targetLength: number } => ({
  sourceLength: 2 * digits + 1,
  targetLength: digits + 2,
});

/**
 * Different sums and differences of two whole numbers from 0; no term is in both the training and the test set.
 * @throws GradloomError (code `argument`) for more terms than exist.
 */
export function makeArithmetic(options: ArithmeticOptions = {}): {
  train: TextPair[];
  test: TextPair[];
} {
  checkOptions('makeArithmetic', options, ['train', 'test', 'digits', 'seed']);
  const { train = 4000, test = 500, digits = 2, seed = 0 } = options;
  const limit = 10 ** digits;
  const total = 2 * limit * limit;
  // Terms are drawn until they differ, so half of them must stay free.
  if (!(train >= 1 && test >= 0 && train + test <= total / 2)) {
    throw new GradloomError({
      code: 'argument',
      op: 'makeArithmetic',
      argument: 'train + test',
      got: `${train} + ${test}`,
      expected: `1 to ${total / 2} terms in all with ${digits} digits, at least one of them for training`,
    });
  }
  const random = new Random(seed, 'arithmetic');
  const pairs = new Map<string, string>();
  while (pairs.size < train + test) {
    const [a, b] = [random.integer(limit), random.integer(limit)];
    const plus = random.integer(2) === 0;
    pairs.set(`${a}${plus ? '+' : '-'}${b}`, String(plus ? a + b : a - b));
  }
  const all = [...pairs].map(([source, target]) => ({ source, target }));
  return { train: all.slice(0, train), test: all.slice(train) };
}
