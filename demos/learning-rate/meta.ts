/** The card of the learning-rate finder demo in the gallery. */
import image from '../../docs/images/demos/learning-rate.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Learning-rate finder',
  description: 'One short run shows which learning rate suits, and three trainings prove it.',
  image,
  order: 7,
} satisfies DemoMeta;
