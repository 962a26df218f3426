/** The ops of the family `loss`. */
export {};
