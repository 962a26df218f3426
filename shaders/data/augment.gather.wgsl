// One batch of augmented inputs and their targets. The pixel (row, column) of image b is looked up backwards through the maps
// that augment.draw drew, the last stage first, and then taken through the pointwise stages; stored values are multiplied by
// `scale` first, and by the data's normalization last: y = value * program[tail + c] + program[tail + channels + c]. With
// images = 2 a second image is mixed in. x is [count, channels, in_height, in_width] of float32 values (variant floats) or bytes
// (variant bytes), y [batch, channels, height, width]. Targets are moved bit by bit (MIX_TARGETS = 0), mixed as numbers (1), or
// class indices become the probabilities of `label_size` classes (2).
// Pixels: torchvision.transforms.functional (adjust_*, erase), Keras' fill modes.
// rounds: (batch * height * width * (WITH_MEAN * 2 + 1) * images * channels * (stages + 2) + batch * label_size) / threads + 64
// variants: floats bytes
import package::lib::augment::{
  ARGS, BRIGHTNESS, COLOR, CONSTANT, CONTRAST, DRAWN, ERASE, HUE, NEAREST, NOISE, NORMALIZE, PIXEL_DRAWS, PROGRAM, SATURATION,
  SECOND, draw, inside, luma, saturated, sin_cos_turn, turn_hue, unit,
};
import package::lib::grid::{workgroup_index, workgroup_range};
import package::lib::step::Step;

// Compile-time constants: channels of a pixel that go together, whether places between pixels are interpolated, whether a
// workgroup takes one sample, whose mean gray it needs, what becomes of targets, whether passes are counted by steps, and which
// kinds of stages there are, as bits.
const GROUP = 1u;
const BILINEAR = 0u;
const WITH_MEAN = 0u;
const MIX_TARGETS = 0u;
const BY_STEP = 0u;
const KINDS = 0u;

struct Params {
  batch: u32, images: u32, geometric: u32, stages: u32,
  channels: u32, in_height: u32, in_width: u32, height: u32,
  width: u32, length: u32, label_size: u32, tail: u32,
  scale: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@if(floats) @group(0) @binding(2) var<storage, read> x: array<f32>;
@if(bytes) @group(0) @binding(2) var<storage, read> x: array<u32>;
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> program: array<f32>;
@group(0) @binding(5) var<storage, read> drawn: array<u32>;
@group(0) @binding(6) var<storage, read> labels: array<u32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
@group(0) @binding(8) var<storage, read_write> targets: array<u32>;

var<workgroup> sums: array<vec2<f32>, 64>;

@if(floats)
fn stored(i: u32) -> f32 {
  return x[i] * params.scale;
}

@if(bytes)
fn stored(i: u32) -> f32 {
  return f32((x[i / 4u] >> (8u * (i % 4u))) & 255u) * params.scale;
}

/// One of two images of sample `b`, where it begins in `drawn`, its number in the data, and its first channel.
struct Image {
  b: u32,
  second: u32,
  drawn: u32,
  number: u32,
  channel: u32,
}

fn image_of(b: u32, second: u32, channel: u32) -> Image {
  let at = (b * params.images + second) * (params.stages + 1u) * DRAWN;
  return Image(b, second, at, drawn[at], channel);
}

fn drawn_float(at: u32) -> f32 {
  return bitcast<f32>(drawn[at]);
}

/// The values per channel from `offset` of the program on.
fn per_channel(offset: u32, channel: u32) -> vec3<f32> {
  let at = offset + channel;
  if (GROUP == 1u) {
    return vec3<f32>(program[at]);
  }
  return vec3<f32>(program[at], program[at + 1u], program[at + 2u]);
}

fn pixel(image: Image, row: u32, column: u32) -> vec3<f32> {
  let plane = params.in_height * params.in_width;
  let at = (image.number * params.channels + image.channel) * plane + row * params.in_width + column;
  if (GROUP == 1u) {
    return vec3<f32>(stored(at));
  }
  return vec3<f32>(stored(at), stored(at + plane), stored(at + 2u * plane));
}

/// The pixel at whole numbers, which may lie outside of the box.
fn tap(image: Image, at: vec2<f32>, box: vec4<f32>, mode: u32, outside: vec3<f32>) -> vec3<f32> {
  if (mode == CONSTANT && (at.x < box.x || at.y < box.y || at.x > box.z || at.y > box.w)) {
    return outside;
  }
  let place = vec2<u32>(vec2<f32>(inside(at.x, box.x, box.z, mode), inside(at.y, box.y, box.w, mode)) + 0.5);
  return pixel(image, min(place.y, params.in_height - 1u), min(place.x, params.in_width - 1u));
}

fn sample_at(image: Image, at: vec2<f32>, box: vec4<f32>, mode: u32, outside: vec3<f32>) -> vec3<f32> {
  if (BILINEAR == 0u) {
    return tap(image, floor(at + 0.5), box, mode, outside);
  }
  let corner = floor(at);
  let weight = at - corner;
  var sum = vec3<f32>(0.0);
  for (var i = 0u; i < 4u; i++) {
    let right = vec2<f32>(f32(i & 1u), f32(i >> 1u));
    let share = select(1.0 - weight, weight, right == vec2<f32>(1.0));
    sum += share.x * share.y * tap(image, corner + right, box, mode, outside);
  }
  return sum;
}

/// The stored image behind all geometric stages.
fn moved(image: Image, row: u32, column: u32) -> vec3<f32> {
  if (params.geometric == 0u) {
    return pixel(image, row, column);
  }
  var at = vec2<f32>(f32(column), f32(row));
  for (var s = params.geometric; s > 0u; s--) {
    let m = image.drawn + s * DRAWN;
    let base = (s - 1u) * PROGRAM;
    at = vec2<f32>(
      drawn_float(m) * at.x + drawn_float(m + 1u) * at.y + drawn_float(m + 2u),
      drawn_float(m + 3u) * at.x + drawn_float(m + 4u) * at.y + drawn_float(m + 5u),
    );
    // Beyond this no whole number is exact.
    at = clamp(at, vec2<f32>(-1e6), vec2<f32>(1e6));
    let box = vec4<f32>(drawn_float(m + 6u), drawn_float(m + 7u), drawn_float(m + 8u), drawn_float(m + 9u));
    let mode = u32(program[base + 1u]);
    let outside = per_channel(u32(program[base + 2u]), image.channel);
    let margin = program[base + 3u];
    if (mode == CONSTANT && (any(at < box.xy - margin) || any(at > box.zw + margin))) {
      return outside;
    }
    if (s > 1u || mode == NEAREST) {
      at = vec2<f32>(inside(at.x, box.x, box.z, mode), inside(at.y, box.y, box.w, mode));
    }
    if (s == 1u) {
      return sample_at(image, at, box, mode, outside);
    }
  }
  return vec3<f32>(0.0);
}

/// Three normal numbers for a pixel, by Box and Muller.
fn normals(image: Image, stage: u32, position: u32) -> vec3<f32> {
  let owner = select(order[(step.batch_start + image.b) % params.length], image.number, image.second == 0u);
  let start = step.batch_start + image.b;
  let cycle = select(step.epoch + ((start / params.length) << 16u), step.index, BY_STEP == 1u);
  let group = image.channel / GROUP * params.height * params.width;
  let seed = vec2<u32>(step.seed_lo, step.seed_hi);
  let w = draw(seed, owner, cycle, stage + image.second * SECOND, PIXEL_DRAWS + group + position);
  let radius = sqrt(-2.0 * log(1.0 - vec2<f32>(unit(w.x), unit(w.z))));
  let first = sin_cos_turn(unit(w.y));
  return vec3<f32>(radius.x * first.yx, radius.y * sin_cos_turn(unit(w.w)).y);
}

fn has(kind: u32) -> bool {
  return ((u32(KINDS) >> kind) & 1u) == 1u;
}

fn gray(value: vec3<f32>) -> f32 {
  return select(luma(value), value.x, GROUP == 1u);
}

/// The adjustments of a color stage in the order drawn; all of them, or those before the contrast.
fn recolored(given: vec3<f32>, at: u32, mean: f32, until_contrast: bool) -> vec3<f32> {
  var value = given;
  let adjusted = drawn[at];
  for (var i = 0u; i < 4u; i++) {
    let adjustment = (drawn[at + 1u] >> (2u * i)) & 3u;
    if (((adjusted >> adjustment) & 1u) == 0u) {
      continue;
    }
    let factor = drawn_float(at + 2u + adjustment);
    if (adjustment == BRIGHTNESS) {
      value = saturated(factor * value);
    } else if (adjustment == CONTRAST) {
      if (until_contrast) {
        return value;
      }
      value = saturated(factor * value + (1.0 - factor) * mean);
    } else if (GROUP == 3u && adjustment == SATURATION) {
      value = saturated(factor * value + (1.0 - factor) * luma(value));
    } else if (GROUP == 3u && adjustment == HUE) {
      value = turn_hue(value, factor);
    }
  }
  return value;
}

/// A pixel of one image behind all stages, or behind those before the contrast.
fn augmented(image: Image, row: u32, column: u32, mean: f32, until_contrast: bool) -> vec3<f32> {
  var value = moved(image, row, column);
  for (var s = params.geometric; s < params.stages; s++) {
    let base = s * PROGRAM;
    let kind = u32(program[base]);
    let at = image.drawn + (s + 1u) * DRAWN;
    if (has(COLOR) && kind == COLOR) {
      let is_last = until_contrast && ((u32(program[base + ARGS + 9u]) >> CONTRAST) & 1u) == 1u;
      value = recolored(value, at, mean, is_last);
      if (is_last) {
        return value;
      }
    }
    let is_erased = kind == ERASE && row >= drawn[at] && column >= drawn[at + 1u] && row < drawn[at + 2u] &&
      column < drawn[at + 3u];
    let is_noisy = kind == NOISE && drawn[at] == 1u;
    let is_random = is_noisy || (is_erased && program[base + ARGS + 5u] == 1.0);
    if (has(NOISE) && is_random) {
      let drawn_noise = normals(image, s + 1u, row * params.width + column);
      if (is_noisy) {
        value += program[base + ARGS + 1u] + program[base + ARGS + 2u] * drawn_noise;
        if (program[base + ARGS + 3u] == 1.0) {
          value = saturated(value);
        }
      } else {
        value = drawn_noise;
      }
    } else if (is_erased) {
      value = per_channel(u32(program[base + 2u]), image.channel);
    }
    if (kind == NORMALIZE) {
      let mean_at = u32(program[base + 2u]);
      value = (value - per_channel(mean_at, image.channel)) / per_channel(mean_at + params.channels, image.channel);
    }
  }
  return value;
}

/// The share of the first image of sample b at a pixel.
fn share_at(b: u32, row: u32, column: u32) -> f32 {
  if (params.images == 1u) {
    return 1.0;
  }
  let at = b * params.images * (params.stages + 1u) * DRAWN;
  if (drawn[at + 2u] == 0u) {
    return drawn_float(at + 1u);
  }
  let is_other = row >= drawn[at + 3u] && column >= drawn[at + 4u] && row < drawn[at + 5u] && column < drawn[at + 6u];
  return select(1.0, 0.0, is_other);
}

/// Writes all channels of a pixel of sample b; or with `until_contrast` gives the gray of both images before it.
fn write_pixel(b: u32, position: u32, means: vec2<f32>, until_contrast: bool) -> vec2<f32> {
  let plane = params.height * params.width;
  let row = position / params.width;
  let column = position % params.width;
  let kept = share_at(b, row, column);
  var grays = vec2<f32>(0.0);
  for (var c = 0u; c < params.channels; c += GROUP) {
    var sum = vec3<f32>(0.0);
    for (var second = 0u; second < params.images; second++) {
      let share = select(1.0 - kept, kept, second == 0u);
      if (share == 0.0 && !until_contrast) {
        continue;
      }
      let value = augmented(image_of(b, second, c), row, column, means[second], until_contrast);
      grays[second] = gray(value);
      sum += select(share * value, value, share == 1.0);
    }
    if (!until_contrast) {
      sum = sum * per_channel(params.tail, c) + per_channel(params.tail + params.channels, c);
      let at = (b * params.channels + c) * plane + position;
      y[at] = sum.x;
      if (GROUP == 3u) {
        y[at + plane] = sum.y;
        y[at + 2u * plane] = sum.z;
      }
    }
  }
  return grays;
}

fn write_target(i: u32) {
  let b = i / params.label_size;
  let j = i % params.label_size;
  let first = b * params.images * (params.stages + 1u) * DRAWN;
  let sample = drawn[first];
  if (MIX_TARGETS == 0u) {
    targets[i] = labels[sample * params.label_size + j];
    return;
  }
  let other = drawn[first + (params.stages + 1u) * DRAWN];
  let kept = drawn_float(first + 1u);
  if (MIX_TARGETS == 1u) {
    let own = bitcast<f32>(labels[sample * params.label_size + j]);
    let mixed = kept * own + (1.0 - kept) * bitcast<f32>(labels[other * params.label_size + j]);
    targets[i] = bitcast<u32>(select(mixed, own, kept == 1.0));
  } else {
    let own = select(0.0, kept, labels[sample] == j);
    targets[i] = bitcast<u32>(own + select(0.0, 1.0 - kept, labels[other] == j));
  }
}

@compute @workgroup_size(64)
fn augment_gather(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let pixels = params.height * params.width;
  if (WITH_MEAN == 0u) {
    let range = workgroup_range(group, groups, params.batch * pixels);
    for (var i = range.x + local; i < range.y; i += 64u) {
      write_pixel(i / pixels, i % pixels, vec2<f32>(0.0), false);
    }
  } else if (workgroup_index(group, groups) < params.batch) {
    // A sample per workgroup: the mean gray of its images first.
    var means = vec2<f32>(0.0);
    for (var part = 0u; part < 2u; part++) {
      var sum = vec2<f32>(0.0);
      for (var i = local; i < pixels; i += 64u) {
        sum += write_pixel(workgroup_index(group, groups), i, means, part == 0u);
      }
      sums[local] = sum;
      workgroupBarrier();
      for (var half = 32u; half > 0u; half /= 2u) {
        if (local < half) {
          sums[local] += sums[local + half];
        }
        workgroupBarrier();
      }
      means = sums[0] / f32(pixels);
      workgroupBarrier();
    }
  }
  let rows = workgroup_range(group, groups, params.batch * params.label_size);
  for (var i = rows.x + local; i < rows.y; i += 64u) {
    write_target(i);
  }
}
