/** The worker of the worker trainer's test. */
import { nn } from '../../src';
import { serveTrainer } from '../../src/worker';

serveTrainer({
  models: {
    small: () =>
      new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 12), new nn.Dropout(0.2), new nn.Linear(12, 10)),
  },
});
