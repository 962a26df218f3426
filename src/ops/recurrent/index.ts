/** The ops of the family `recurrent`. */
export {};
