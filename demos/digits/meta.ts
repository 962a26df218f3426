/** The card of the digits demo in the gallery. */
import image from '../../docs/images/digits.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Digits',
  description:
    'Train LeNet to read handwritten digits, watch it make fewer mistakes, then draw digits for it to read.',
  image,
  order: 1,
} satisfies DemoMeta;
