/** The card of the names demo in the gallery. */
import image from '../../docs/images/demos/names.png';
import type { DemoMeta } from '../meta';

export default {
  title: 'Names',
  description: 'A bidirectional LSTM tells where a name comes from. Type your own.',
  image,
  order: 3,
} satisfies DemoMeta;
