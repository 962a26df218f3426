// What the kernels of normalizations share. Statistics are (shift, mean - shift, rstd, variance).
import package::lib::float::is_nan;

/// 1 / sqrt(variance + eps); NaN stays NaN.
fn rstd_of(variance: f32, eps: f32) -> f32 {
  return select(1.0 / sqrt(variance + eps), variance, is_nan(variance));
}

/// (x - mean) * rstd.
fn normalized(x: f32, stats: vec4<f32>) -> f32 {
  return ((x - stats.x) - stats.y) * stats.z;
}
