/** The ops of the family `conv`. */
export {};
