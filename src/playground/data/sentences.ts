/** A text to learn to write: sentences of a small grammar, the same for the same seed. */
import { Random } from '../../random';

const WORDS = {
  when: ['at dawn', 'at noon', 'in the evening', 'all night long', 'when it rains', 'in early spring'],
  adjective: ['small', 'quiet', 'old', 'young', 'clever', 'tired', 'brave', 'silver'],
  animal: ['fox', 'owl', 'hare', 'otter', 'raven', 'mole', 'heron', 'toad'],
  verb: ['waits', 'sings', 'sleeps', 'listens', 'dances', 'hides', 'rests', 'dreams'],
  place: [
    'under the oak',
    'by the river',
    'behind the mill',
    'near the bridge',
    'on the hill',
    'in the reeds',
  ],
  thing: ['the moon', 'the rain', 'a lantern', 'the first star', 'an old song', 'a red boat'],
} as const;

/** Templates; a word in braces stands for one of its list. */
const TEMPLATES = [
  'the {adjective} {animal} {verb} {place}.',
  '{when} the {animal} {verb} {place}.',
  'the {animal} and the {animal} wait for {thing}.',
  'a {adjective} {animal} looks at {thing} {when}.',
  'who {verb} {place}? the {adjective} {animal}.',
];

/** About `characters` characters of sentences, one on each line. */
export function makeSentences(characters: number, seed = 0): string {
  const random = new Random(seed, 'sentences');
  const pick = (list: readonly string[]) => list[random.integer(list.length)];
  let text = '';
  while (text.length < characters) {
    text += `${pick(TEMPLATES).replace(/\{(\w+)\}/g, (_, name: keyof typeof WORDS) => pick(WORDS[name]))}\n`;
  }
  return text;
}
