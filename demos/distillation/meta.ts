/** The card of the distillation demo in the gallery. */
import image from '../../docs/images/demos/distillation.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Distillation',
  description: 'A small network with few pictures learns more when a large one helps.',
  image,
  order: 8,
} satisfies DemoMeta;
