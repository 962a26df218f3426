// Digits of the radix sort.

/// Values of a digit, a power of 2.
const DIGITS = 16u;

fn digit_of(key: u32, shift: u32) -> u32 {
  return (key >> shift) & (DIGITS - 1u);
}
