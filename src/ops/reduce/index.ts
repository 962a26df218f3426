/** The ops of the family `reduce`. */
export { mean, sum, sumTo } from './sum';
