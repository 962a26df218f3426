/** The ops of the family `norm`. */
export {};
