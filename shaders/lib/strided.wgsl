// Where up to three broadcast operands have what element i of a row-major result is made of. A dimension d, innermost
// first, is (size, strides of the operands); unused ones are (1, 0, 0, 0). The host side is stridedParams() in
// src/ops/elementwise/strided.ts.

/// For up to three dimensions.
fn strided3(i: u32, d0: vec4<u32>, d1: vec4<u32>, d2: vec4<u32>) -> vec3<u32> {
  let j = i / d0.x;
  let k = j / d1.x;
  return (i - j * d0.x) * d0.yzw + (j - k * d1.x) * d1.yzw + k * d2.yzw;
}

/// For up to eight dimensions.
fn strided8(
  i: u32,
  d0: vec4<u32>, d1: vec4<u32>, d2: vec4<u32>, d3: vec4<u32>,
  d4: vec4<u32>, d5: vec4<u32>, d6: vec4<u32>, d7: vec4<u32>,
) -> vec3<u32> {
  let low = d0.x * d1.x * d2.x;
  let j = i / low;
  let middle = d3.x * d4.x * d5.x;
  let k = j / middle;
  let l = k / d6.x;
  return strided3(i - j * low, d0, d1, d2) + strided3(j - k * middle, d3, d4, d5) +
    (k - l * d6.x) * d6.yzw + l * d7.yzw;
}
