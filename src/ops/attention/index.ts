/** The ops of the family `attention`. */
export {};
