// Where an element of a strided view lies: the index is taken apart into up to four (or eight) dimensions, innermost
// first (x), and put together again with the strides. Unused dimensions have size 1; the last one may be larger than
// its size says.

fn offset4(index: u32, shape: vec4<u32>, strides: vec4<u32>) -> u32 {
  if (index < shape.x) {
    return index * strides.x;
  }
  let i = index / shape.x;
  var at = (index - i * shape.x) * strides.x;
  if (i < shape.y) {
    return at + i * strides.y;
  }
  let j = i / shape.y;
  at += (i - j * shape.y) * strides.y;
  let k = j / shape.z;
  return at + (j - k * shape.z) * strides.z + k * strides.w;
}

fn offset8(index: u32, low: vec4<u32>, low_strides: vec4<u32>, high: vec4<u32>, high_strides: vec4<u32>) -> u32 {
  let size = low.x * low.y * low.z * low.w;
  if (index < size) {
    return offset4(index, low, low_strides);
  }
  let rest = index / size;
  return offset4(index - rest * size, low, low_strides) + offset4(rest, high, high_strides);
}
