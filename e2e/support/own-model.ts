/** A model that the worker loads by address. */
import { nn } from '../../src';

export default () => new nn.Sequential(new nn.Flatten(), new nn.Linear(784, 10));
