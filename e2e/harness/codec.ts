/** Tensors as the harness sends and takes them: plain JSON, see the contract in docs/harness.md. */
import { formatShape, GradloomError } from '../../src/errors';
import { sizeOf } from '../../src/graph/ir/graph';

type JsonNumber = number | boolean | 'NaN' | 'Infinity' | '-Infinity';

/** `data` is a flat list, or base64 of little-endian float32. */
export interface JsonTensor {
  shape: number[];
  data: JsonNumber[] | string;
  /** Only where the values do not tell: `bool` for a mask, `f16` for floats that are stored as float16. */
  dtype?: string;
}

/** Values in float64, checked against the shape. */
export function decode(
  op: string,
  argument: string,
  tensor: JsonTensor,
): { shape: number[]; values: ArrayLike<number> } {
  const fail = (got: string, expected: string) =>
    new GradloomError({ code: 'argument', op, argument, got, expected });
  if (typeof tensor === 'number') return { shape: [], values: [tensor] };
  if (!tensor || !Array.isArray(tensor.shape) || tensor.data === undefined) {
    throw fail(
      JSON.stringify(tensor)?.slice(0, 60) ?? 'nothing',
      'a tensor { shape: number[], data: number[] }',
    );
  }
  const { shape, data } = tensor;
  const values = typeof data === 'string' ? decodeBase64(data, fail) : data.map(Number);
  if (values.length !== sizeOf(shape))
    throw fail(`${values.length} values`, `${sizeOf(shape)} for ${formatShape(shape)}`);
  return { shape, values };
}

function decodeBase64(text: string, fail: (got: string, expected: string) => GradloomError): Float32Array {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw fail('a text that is not base64', 'base64 of little-endian float32');
  }
  if (binary.length % 4) throw fail(`${binary.length} bytes`, 'a multiple of 4, for float32');
  return new Float32Array(Uint8Array.from(binary, (char) => char.charCodeAt(0)).buffer);
}

/** JSON has no NaN and infinities; their names stand for them. */
export function encode({
  shape,
  data,
}: {
  shape: readonly number[];
  data: Float32Array | Int32Array;
}): JsonTensor {
  const values = Array.from(data, (v) => (Number.isFinite(v) ? v : String(v)) as JsonNumber);
  return { shape: [...shape], data: values };
}
