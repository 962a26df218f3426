/** The card of the writer demo in the gallery. */
import image from '../../docs/images/demos/writer.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Writer',
  description: 'A small GPT learns to write, letter by letter, before your eyes.',
  image,
  order: 2,
} satisfies DemoMeta;
