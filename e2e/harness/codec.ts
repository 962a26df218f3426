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
  const bytes = bytesOf(text, () => fail('a text that is not base64', 'base64 of little-endian float32'));
  if (bytes.length % 4) throw fail(`${bytes.length} bytes`, 'a multiple of 4, for float32');
  return new Float32Array(bytes.buffer);
}

function bytesOf(text: string, refuse: () => GradloomError): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    throw refuse();
  }
}

/** The bytes of a file in base64. */
export const decodeBytes = (op: string, argument: string, text: string): Uint8Array<ArrayBuffer> =>
  bytesOf(text, () => {
    const [got, expected] = ['a text that is not base64', 'a file in base64'];
    return new GradloomError({ code: 'argument', op, argument, got, expected });
  });

/** The bytes of a file as base64. */
export function encodeBytes(bytes: Uint8Array): string {
  let binary = '';
  // In parts, because arguments are limited in number.
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
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
