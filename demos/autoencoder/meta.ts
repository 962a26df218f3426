/** The card of the autoencoder demo in the gallery. */
import image from '../../docs/images/demos/autoencoder.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Autoencoder',
  description: 'A network squeezes pictures through sixteen numbers and paints them again.',
  image,
  order: 5,
} satisfies DemoMeta;
