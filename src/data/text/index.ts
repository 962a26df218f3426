/** Text as training data: tokenizers, windows over a long text, padded sequences, and generators of string tasks. */
export { type ArithmeticOptions, arithmeticLengths, arithmeticTokenizer, makeArithmetic } from './arithmetic';
export { BpeTokenizer, type BpeTokenizerOptions, type BpeTrainOptions, type Merge } from './bpe-tokenizer';
export {
  DATE_SOURCE_LENGTH,
  DATE_TAGS,
  DATE_TARGET_LENGTH,
  type DatesOptions,
  dateTokenizer,
  makeDates,
  type WrittenDate,
} from './dates';
export { type LabelledTexts, makeScrambled } from './scramble';
export { labelledTexts, type PaddedOptions, padSequences, pairedTexts, type TextPair } from './sequences';
export {
  ByteTokenizer,
  CharTokenizer,
  END,
  PAD,
  SPECIAL_TOKENS,
  START,
  type Tokenizer,
} from './tokenizer';
export { TokenWindows, type TokenWindowsOptions } from './windows';
export { UNKNOWN, WordTokenizer, type WordTokenizerOptions } from './word-tokenizer';
