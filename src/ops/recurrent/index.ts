/** The ops of the family `recurrent`. */
export { gru } from './gru';
export { lstm } from './lstm';
export { rnn } from './rnn';
