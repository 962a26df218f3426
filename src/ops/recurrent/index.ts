/** The ops of the family `recurrent`. */
export { gruCell, lstmCell, rnnCell } from './cells';
export { gru } from './gru';
export { lstm } from './lstm';
export { rnn } from './rnn';
