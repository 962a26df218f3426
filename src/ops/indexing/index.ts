/** The ops of the family `indexing`. */
export {};
