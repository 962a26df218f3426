/** The ops of the family `random`. */
export {};
