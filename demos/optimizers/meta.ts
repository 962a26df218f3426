/** The card of the optimizer race demo in the gallery. */
import image from '../../docs/images/demos/optimizers.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Optimizer race',
  description: 'Six optimizers look for the lowest place of a surface. Tap where they start.',
  image,
  order: 6,
} satisfies DemoMeta;
