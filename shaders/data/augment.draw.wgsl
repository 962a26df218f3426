// What the stages of an augmentation draw for each image of a batch, one thread per image and stage: drawn[b, image, 0] is
// the image's sample and how it is mixed, drawn[b, image, 1 + s] what stage s draws: of geometric stages the map from pixels
// after it to pixels before it, x' = m0 x + m1 y + m2 and y' = m3 x + m4 y + m5, and the box of pixels before it. All words
// depend on seed, pass through the data and the sample's number alone.
// Sources: torchvision.transforms (get_params), Keras' ImageDataGenerator (get_random_transform); symmetric beta
// distribution: Devroye, "Random variate generation in one line of code", 1996.
// rounds: 24
import package::lib::augment::{
  AFFINE_MAP, ARGS, COLOR, CROP, DRAWN, ERASE, HORIZONTAL_FLIP, MIX_STREAM, NOISE, PROGRAM, RANGES, RESIZED_CROP, SECOND,
  draw, sin_cos_turn, unit,
};
import package::lib::grid::workgroup_index;
import package::lib::philox::mul_high;
import package::lib::step::Step;

// Compile-time constants: whether passes are counted by optimizer steps instead of epochs, and which kinds of stages there
// are, as bits.
const BY_STEP = 0u;
const KINDS = 0u;

struct Params {
  batch: u32, images: u32, stages: u32, count: u32, length: u32, height: u32, width: u32, mixes: u32,
  mixup_alpha: f32, mixup_p: f32, cutmix_alpha: f32, cutmix_p: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<uniform> step: Step;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read> program: array<f32>;
@group(0) @binding(4) var<storage, read_write> drawn: array<u32>;

/// Whose words are drawn.
struct Image {
  number: u32,
  cycle: u32,
  stream: u32,
}

fn words(image: Image, index: u32) -> vec4<u32> {
  return draw(vec2<u32>(step.seed_lo, step.seed_hi), image.number, image.cycle, image.stream, index);
}

fn between(low: f32, high: f32, word: u32) -> f32 {
  return low + (high - low) * unit(word);
}

/// Beta(alpha, alpha) from two uniform numbers and a sign.
fn symmetric_beta(alpha: f32, u: vec4<u32>, negative: bool) -> f32 {
  // 1 - [0, 1), so that the logarithm is finite.
  let power = exp(-log(1.0 - unit(u.x)) / alpha) - 1.0;
  let c = sin_cos_turn(unit(u.y)).y;
  let product = power * c * c;
  let half = select(0.0, 0.5 / sqrt(1.0 + 1.0 / product), product > 0.0);
  return 0.5 + select(half, -half, negative);
}

/// A map from pixels after a stage to pixels before it, and the box of the latter: x, y of the first and the last.
struct Map {
  x: vec3<f32>,
  y: vec3<f32>,
  box: vec4<f32>,
}

/// A map with the rows m (as x, y) about the center of an image, and a shift.
fn centered(m: vec4<f32>, shift: vec2<f32>, size: vec2<f32>) -> Map {
  let center = (size - 1.0) * 0.5;
  let offset = center + shift - vec2<f32>(m.x * center.x + m.y * center.y, m.z * center.x + m.w * center.y);
  return Map(vec3<f32>(m.xy, offset.x), vec3<f32>(m.zw, offset.y), vec4<f32>(0.0, 0.0, size - 1.0));
}

/// A window of a share of the area and a ratio, as [row, column, height, width]; height 0 where ten tries fit nowhere. Windows
/// are at most as large as the image, or with `smaller` smaller than it.
fn window(image: Image, size: vec2<f32>, range: vec4<f32>, smaller: bool) -> vec4<f32> {
  for (var attempt = 0u; attempt < 10u; attempt++) {
    let u = words(image, 2u + attempt);
    let area = size.x * size.y * between(range.x, range.y, u.x);
    let ratio = exp(between(range.z, range.w, u.y));
    // torchvision's crops have the ratio width / height, its erased boxes height / width.
    let long = round(sqrt(area * ratio));
    let short = round(sqrt(area / ratio));
    let width = select(long, short, smaller);
    let height = select(short, long, smaller);
    let fits = select(
      width <= size.x && height <= size.y && width > 0.0 && height > 0.0,
      width < size.x && height < size.y,
      smaller,
    );
    if (fits) {
      let row = mul_high(u.z, u32(size.y - height) + 1u);
      let column = mul_high(u.w, u32(size.x - width) + 1u);
      return vec4<f32>(f32(row), f32(column), height, width);
    }
  }
  return vec4<f32>(0.0);
}

fn argument(base: u32, i: u32) -> f32 {
  return program[base + ARGS + i];
}

fn has(kind: u32) -> bool {
  return ((u32(KINDS) >> kind) & 1u) == 1u;
}

fn affine_map(base: u32, u: vec4<u32>, v: vec4<u32>, size: vec2<f32>) -> Map {
  let angle = between(argument(base, 1u), argument(base, 2u), u.y);
  let limit = vec2<f32>(argument(base, 3u), argument(base, 4u));
  let moved_by = round(vec2<f32>(between(-limit.x, limit.x, u.z), between(-limit.y, limit.y, u.w)));
  let scale = between(argument(base, 5u), argument(base, 6u), v.x);
  let shear_y = between(argument(base, 9u), argument(base, 10u), v.z);
  let skew_x = sin_cos_turn(between(argument(base, 7u), argument(base, 8u), v.y));
  let cosine_y = sin_cos_turn(shear_y).y;
  let turned = sin_cos_turn(angle);
  let turned_back = sin_cos_turn(angle - shear_y);
  // Rotation, shear and scale without the translation, inverted.
  let tangent = skew_x.x / skew_x.y;
  let a = turned_back.y / cosine_y;
  let b = -a * tangent - turned.x;
  let c = turned_back.x / cosine_y;
  let d = -c * tangent + turned.y;
  let m = vec4<f32>(d, -b, -c, a) / scale;
  return centered(m, -vec2<f32>(m.x * moved_by.x + m.y * moved_by.y, m.z * moved_by.x + m.w * moved_by.y), size);
}

/// A shift: uniform up to the range, or a whole number below it of either sign.
fn shift_of(range: f32, whole: f32, word: u32, negative: bool) -> f32 {
  let steps = f32(mul_high(word, u32(range)));
  return select(between(-range, range, word), select(steps, -steps, negative), whole == 1.0);
}

/// rotation * shift * shear * zoom, of rows and columns.
fn ranges_map(base: u32, u: vec4<u32>, v: vec4<u32>, size: vec2<f32>) -> Map {
  let turned = sin_cos_turn(between(-argument(base, 0u), argument(base, 0u), u.x));
  let rows = shift_of(argument(base, 1u), argument(base, 3u), u.y, v.z >> 31u == 1u);
  let columns = shift_of(argument(base, 2u), argument(base, 4u), u.z, v.w >> 31u == 1u);
  let shear = sin_cos_turn(between(-argument(base, 5u), argument(base, 5u), u.w));
  let zoom_rows = between(argument(base, 6u), argument(base, 7u), v.x);
  let zoom_columns = between(argument(base, 6u), argument(base, 7u), v.y);
  let row_row = turned.y * zoom_rows;
  let row_column = (-turned.y * shear.x - turned.x * shear.y) * zoom_columns;
  let column_row = turned.x * zoom_rows;
  let column_column = (-turned.x * shear.x + turned.y * shear.y) * zoom_columns;
  let shift = vec2<f32>(turned.x * rows + turned.y * columns, turned.y * rows - turned.x * columns);
  return centered(vec4<f32>(column_column, column_row, row_column, row_row), shift, size);
}

/// The order of the four adjustments, two bits each, the first lowest: permutation number `index` of 24.
fn order_of(index: u32) -> u32 {
  var rest = 0xe4u; // 3, 2, 1, 0
  var code = index;
  var packed = 0u;
  for (var i = 0u; i < 4u; i++) {
    let left = 4u - i;
    let place = 2u * (code % left);
    code /= left;
    packed |= ((rest >> place) & 3u) << (2u * i);
    rest = (rest & ((1u << place) - 1u)) | ((rest >> (place + 2u)) << place);
  }
  return packed;
}

fn put_color(at: u32, base: u32, u: vec4<u32>, v: vec4<u32>) {
  drawn[at] = select(0u, u32(argument(base, 9u)), unit(u.x) < argument(base, 0u));
  drawn[at + 1u] = order_of(mul_high(v.y, 24u));
  let picked = vec4<u32>(u.yzw, v.x);
  for (var i = 0u; i < 4u; i++) {
    drawn[at + 2u + i] = bitcast<u32>(between(argument(base, 1u + 2u * i), argument(base, 2u + 2u * i), picked[i]));
  }
}

fn put_stage(at: u32, base: u32, image: Image, u: vec4<u32>, v: vec4<u32>) {
  let kind = u32(program[base]);
  let size = vec2<f32>(program[base + 5u], program[base + 4u]);
  let applies = unit(u.x) < argument(base, 0u);
  var box = vec4<f32>(0.0);
  if ((has(RESIZED_CROP) && kind == RESIZED_CROP) || (has(ERASE) && kind == ERASE && applies)) {
    let is_erased = kind == ERASE;
    let first = select(0u, 1u, is_erased);
    let range = vec4<f32>(
      argument(base, first),
      argument(base, first + 1u),
      argument(base, first + 2u),
      argument(base, first + 3u),
    );
    box = window(image, size, range, is_erased);
  }
  if (has(COLOR) && kind == COLOR) {
    put_color(at, base, u, v);
    return;
  }
  if (kind == NOISE) {
    drawn[at] = u32(applies);
    return;
  }
  if (kind == ERASE) {
    // First row and column, and those behind the last.
    drawn[at] = u32(box.x);
    drawn[at + 1u] = u32(box.y);
    drawn[at + 2u] = u32(box.x + box.z);
    drawn[at + 3u] = u32(box.y + box.w);
    return;
  }
  var map = centered(vec4<f32>(1.0, 0.0, 0.0, 1.0), vec2<f32>(0.0), size);
  if (kind == CROP) {
    map.x.z = f32(mul_high(u.y, u32(argument(base, 3u)))) - argument(base, 1u);
    map.y.z = f32(mul_high(u.x, u32(argument(base, 2u)))) - argument(base, 0u);
  } else if (has(RESIZED_CROP) && kind == RESIZED_CROP) {
    if (box.z == 0.0) {
      let center = vec2<f32>(argument(base, 4u), argument(base, 5u));
      box = vec4<f32>(floor((size.yx - center) * 0.5), center);
    }
    let step_y = box.z / program[base + 6u];
    let step_x = box.w / program[base + 7u];
    map.x = vec3<f32>(step_x, 0.0, box.y + 0.5 * step_x - 0.5);
    map.y = vec3<f32>(0.0, step_y, box.x + 0.5 * step_y - 0.5);
    map.box = vec4<f32>(box.y, box.x, box.y + box.w - 1.0, box.x + box.z - 1.0);
  } else if (has(RANGES) && kind == RANGES) {
    map = ranges_map(base, u, v, size);
  } else if (has(AFFINE_MAP) && kind == AFFINE_MAP && applies) {
    map = affine_map(base, u, v, size);
  } else if (applies && kind <= 1u) {
    // A flip from left to right, or upside down.
    if (kind == HORIZONTAL_FLIP) {
      map.x = vec3<f32>(-1.0, 0.0, size.x - 1.0);
    } else {
      map.y = vec3<f32>(0.0, -1.0, size.y - 1.0);
    }
  }
  for (var i = 0u; i < 3u; i++) {
    drawn[at + i] = bitcast<u32>(map.x[i]);
    drawn[at + 3u + i] = bitcast<u32>(map.y[i]);
  }
  for (var i = 0u; i < 4u; i++) {
    drawn[at + 6u + i] = bitcast<u32>(map.box[i]);
  }
}

/// Share of the image itself, and of the box of another one: first row and column, and those behind the last.
fn put_mix(at: u32, u: vec4<u32>, v: vec4<u32>) {
  let is_cutmix = params.mixes == 2u || (params.mixes == 3u && v.x >> 31u == 1u);
  let share = symmetric_beta(select(params.mixup_alpha, params.cutmix_alpha, is_cutmix), u.zwzw, v.w >> 31u == 1u);
  let applies = unit(u.y) < select(params.mixup_p, params.cutmix_p, is_cutmix);
  var kept = select(1.0, share, applies);
  var low = vec2<f32>(0.0);
  var high = vec2<f32>(0.0);
  if (is_cutmix && applies) {
    let size = vec2<f32>(f32(params.height), f32(params.width));
    let half = floor(0.5 * sqrt(1.0 - share) * size);
    let center = vec2<f32>(f32(mul_high(v.y, params.height)), f32(mul_high(v.z, params.width)));
    low = max(center - half, vec2<f32>(0.0));
    high = min(center + half, size);
    kept = 1.0 - (high.x - low.x) * (high.y - low.y) / (size.x * size.y);
  }
  drawn[at + 1u] = bitcast<u32>(kept);
  drawn[at + 2u] = u32(is_cutmix);
  drawn[at + 3u] = u32(low.x);
  drawn[at + 4u] = u32(low.y);
  drawn[at + 5u] = u32(high.x);
  drawn[at + 6u] = u32(high.y);
}

@compute @workgroup_size(64)
fn augment_draw(
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
  @builtin(local_invocation_index) local: u32,
) {
  let i = workgroup_index(group, groups) * 64u + local;
  let records = params.stages + 1u;
  if (i >= params.batch * params.images * records) {
    return;
  }
  let stage = i % records;
  let second = i / records % params.images;
  let position = step.batch_start + i / records / params.images;
  let owner = order[position % params.length];
  // Batches that wrap around begin another pass.
  let cycle = select(step.epoch + ((position / params.length) << 16u), step.index, BY_STEP == 1u);
  let image = Image(owner, cycle, select(stage + second * SECOND, MIX_STREAM, stage == 0u));
  let u = words(image, 0u);
  let v = words(image, 1u);
  if (stage > 0u) {
    put_stage(i * DRAWN, (stage - 1u) * PROGRAM, image, u, v);
    return;
  }
  drawn[i * DRAWN] = select(owner, mul_high(u.x, params.count), second == 1u);
  if (params.mixes != 0u && second == 0u) {
    put_mix(i * DRAWN, u, v);
  }
}
