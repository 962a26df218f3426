/** The card of the playground demo in the gallery. */
import image from '../../docs/images/demos/playground.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Playground',
  description: 'Build a network layer by layer, choose or draw its data, and watch every neuron learn.',
  image,
  order: 0,
} satisfies DemoMeta;
