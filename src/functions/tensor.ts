/** Device tensors from values of the host. */
import { checkOptions } from '../checks';
import { type HostValues, hostTensor, isTypedArray, type TensorData } from '../data/host-tensor';
import { formatShape, GradloomError, nearest, showValue } from '../errors';
import type { Device } from '../gpu/device';
import type { DeviceTensor } from '../graph/ir/device-tensor';
import { bytesOf, type Shape, sizeOf } from '../graph/ir/graph';
import type { DType } from '../graph/ir/variable';
import { toHalf } from '../graph/runtime/float16';
import { ELEMENT_TYPES, isTypeName } from '../ops/elementwise/cast';
import { Eager } from './eager';
import { Cell, QueuedTensor } from './queued-tensor';
import { isRecord } from './tree';

export interface TensorOptions {
  /** Another shape of as many values; a typed array has one dimension without it. */
  shape?: Shape;
  /** `float32` (or `f32`), `int32`, `bool`, `float16`; what the values say unless given. */
  dtype?: keyof typeof ELEMENT_TYPES;
}

/**
 * A tensor on the device: `tensor(device, [[1, 2], [3, 4]])`, `tensor(device, data, { shape: [2, 3] })`. Numbers become
 * float32; Int32Array int32; booleans bool.
 * @throws GradloomError `data` or `shape` for values that make no tensor.
 */
export function tensor(device: Device, values: TensorData, options: TensorOptions = {}): DeviceTensor {
  checkOptions('tensor', options, ['shape', 'dtype']);
  const given = hostTensor(values, { op: 'tensor', argument: 'values' });
  const shape = options.shape ?? given.shape;
  if (!Array.isArray(shape)) {
    const expected = 'a list of sizes';
    throw new GradloomError({
      code: 'shape',
      op: 'tensor',
      argument: 'shape',
      got: showValue(shape),
      expected,
    });
  }
  if (shape.some((n) => !Number.isInteger(n) || n < 0) || sizeOf(shape) !== given.data.length) {
    throw new GradloomError({
      code: 'shape',
      op: 'tensor',
      argument: 'shape',
      got: `${formatShape(shape)} for ${given.data.length} values`,
      expected: 'sizes whose product is the number of values',
    });
  }
  return upload(device, { shape: [...shape], ...asType(given, options.dtype) });
}

/** Whether a value stands for one tensor, and not for a list or record of several. */
export function isTensorData(value: unknown): value is TensorData {
  if (typeof value === 'number' || isTypedArray(value)) return true;
  if (Array.isArray(value)) return isNumeric(value);
  return isRecord(value) && 'data' in value && Array.isArray(value.shape);
}

const isNumeric = (value: unknown): boolean =>
  typeof value === 'number' || typeof value === 'boolean' || (Array.isArray(value) && value.every(isNumeric));

/** The values in another element type. */
function asType(
  { dtype, data }: HostValues,
  name: string | undefined,
): { dtype: DType; data: HostValues['data'] } {
  if (name === undefined) return { dtype, data };
  if (!isTypeName(name)) {
    const near = nearest(name, Object.keys(ELEMENT_TYPES));
    throw new GradloomError({
      code: 'dtype',
      op: 'tensor',
      argument: 'dtype',
      got: JSON.stringify(name),
      expected: Object.keys(ELEMENT_TYPES).join(', '),
      fix: near && `Did you mean ${near}?`,
    });
  }
  const type = ELEMENT_TYPES[name];
  if (type === 'i32') {
    const bad = data.findIndex((value) => value !== Math.trunc(value) || Math.abs(value) >= 2 ** 31);
    if (bad < 0) return { dtype: type, data: Int32Array.from(data) };
    throw new GradloomError({
      code: 'data',
      op: 'tensor',
      argument: `value ${bad}`,
      got: String(data[bad]),
      expected: 'whole numbers of 32 bits for int32',
    });
  }
  if (type === 'bool') return { dtype: type, data: Float32Array.from(data, (value) => Number(value !== 0)) };
  return { dtype: type, data: Float32Array.from(data) };
}

function upload(
  device: Device,
  { shape, dtype, data }: { shape: Shape; dtype: DType; data: HostValues['data'] },
) {
  if (dtype === 'f16' && !device.features.f16) {
    throw new GradloomError({
      code: 'unsupported',
      op: 'tensor',
      argument: 'dtype',
      got: 'float16 on an adapter without the feature shader-f16',
      fix: 'Use float32 here: device.features.f16 tells whether an adapter stores float16',
    });
  }
  const cell = new Cell(device);
  const buffer = cell.allocate(bytesOf(shape, dtype));
  const bytes = dtype === 'f16' ? toHalf(data) : (data as Float32Array<ArrayBuffer>);
  if (bytes.byteLength > 0) device.gpu.queue.writeBuffer(buffer, 0, bytes);
  return new QueuedTensor(shape, dtype, Eager.of(device), cell);
}
