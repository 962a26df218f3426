/** The ops of the family `pool`. */
export {};
