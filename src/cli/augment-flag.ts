/** `--augment`: JSON, or names with their options, `randomCrop:padding=4,randomHorizontalFlip`. */
import { type AugmentSpec, type AugmentStep, parseAugment } from '../data/augment/spec';
import { augmentStages } from '../data/augment/stages';
import type { ArrayDataset } from '../data/dataset';
import { GradloomError } from '../errors';

const refuse = (got: string, expected: string, cause?: unknown) =>
  new GradloomError({ code: 'argument', op: 'train', argument: '--augment', got, expected, cause });

/** @throws GradloomError `argument` for what is neither, and for unknown transforms and options. */
export function augmentOf(text: string): AugmentSpec {
  const trimmed = text.trim();
  let spec: AugmentSpec;
  if (/^[[{]/.test(trimmed)) {
    try {
      spec = JSON.parse(trimmed);
    } catch (cause) {
      throw refuse(`no JSON (${(cause as Error).message})`, 'a list of transforms', cause);
    }
  } else spec = trimmed.split(',').map(stepOf);
  parseAugment(spec);
  return spec;
}

/** `randomCrop:padding=4:fillMode=reflect`. */
function stepOf(text: string): AugmentStep {
  const [type, ...options] = text.trim().split(':');
  const entries = options.map((option) => {
    const at = option.indexOf('=');
    if (at < 1) throw refuse(text.trim(), 'options as name=value, such as randomCrop:padding=4');
    return [option.slice(0, at), optionValue(option.slice(at + 1))];
  });
  return { type, ...Object.fromEntries(entries) };
}

/** Numbers and true or false as such, `0.5..2` as a range, all else as text. */
function optionValue(text: string): unknown {
  const ends = text.split('..');
  const numbers = ends.map((end) => (end.trim() === '' ? Number.NaN : Number(end)));
  if (ends.length === 2 && numbers.every(Number.isFinite)) return numbers;
  if (ends.length === 1 && Number.isFinite(numbers[0])) return numbers[0];
  return text === 'true' ? true : text === 'false' ? false : text;
}

/** Whether the transforms fit the data, before any browser is started. */
export function checkAugment(
  spec: AugmentSpec | undefined,
  train: Pick<ArrayDataset, 'xShape'> | object,
): void {
  if (!spec) return;
  if (!('xShape' in train)) throw refuse('given, for a text', 'images or a table with it');
  augmentStages(spec, train.xShape);
}
