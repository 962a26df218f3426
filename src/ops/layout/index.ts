/** The ops of the family `layout`. */
export {};
