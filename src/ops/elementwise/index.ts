/** The ops of the family `elementwise`. */
export {};
