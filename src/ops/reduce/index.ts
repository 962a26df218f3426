/** The ops of the family `reduce`. */
export {};
