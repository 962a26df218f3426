/** The card of the forecast demo in the gallery. */
import image from '../../docs/images/demos/forecast.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Forecast',
  description: 'A recurrent network learns how a curve goes on.',
  image,
  order: 4,
} satisfies DemoMeta;
