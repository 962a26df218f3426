/** Schemas accept, fill in, refuse and describe what zod does, whose names they have; zod is the oracle. */
import { expect, it } from 'vitest';
import { z as zod } from 'zod';
import * as own from '.';

/** The same schemas made with either library. */
const make = (z: any): Record<string, any> => ({
  int: z.int(),
  number: z.number(),
  positive: z.int().positive(),
  range: z.number().min(0).max(1),
  below: z.number().min(0).lt(1),
  boolean: z.boolean(),
  enum: z.enum(['a', 'b']),
  literal: z.literal('add'),
  literals: z.literal([11, 13]),
  array: z.array(z.int()).min(1),
  length: z.array(z.int().min(0)).length(2),
  union: z.union([z.int().min(0), z.array(z.int().min(0))]),
  unions: z.union([z.union([z.int(), z.array(z.int())]), z.enum(['same', 'valid'])]),
  nullable: z.int().nullable(),
  tuple: z.tuple([z.number(), z.number()]),
  record: z.record(z.string(), z.unknown()),
  object: z.strictObject({
    a: z.int().default(1),
    b: z.boolean().optional(),
    c: z.int(),
    d: z.array(z.int()).default([1, 2]),
    e: z.int().nullable().default(null),
  }),
  required: z.strictObject({ a: z.unknown() }),
  derived: z
    .strictObject({ a: z.int(), c: z.int() })
    .omit({ a: true })
    .extend({ b: z.boolean().default(true) }),
  refined: z
    .number()
    .refine((value: number) => value !== 0, 'must not be 0')
    .default(1),
  transformed: z.enum(['x']).transform((value: string) => value + value),
  anyFloat: z.union([
    z.number(),
    z.enum(['NaN', 'Infinity']),
    z.any().refine((value: unknown) => typeof value === 'number'),
  ]),
});

const values: unknown[] = [
  ...[0, 1, -1, 11, 1.5, -0.5, NaN, Infinity, -Infinity, 2 ** 60, -(2 ** 60)],
  ...[null, undefined, '', 'a', 'add', 'same', 'x', 'NaN', true],
  ...[[], [1], [1, 2], [1, 2, 3], [-1], ['a'], [1.5, 'q']],
  ...[{}, { a: 1 }, { a: 'x' }, { c: 1 }, { c: 1, z: 2 }, { z: 2 }, { c: 1, a: undefined, b: undefined }],
  ...[
    { c: 2, b: 3 },
    { c: 1, e: 'x' },
    { c: 1, d: [1, 'x'] },
    { c: 1, b: false },
  ],
];

const [theirs, ours] = [make(zod), make(own)];
it.each(Object.keys(ours))('%s', (name) => {
  for (const value of values) {
    const wanted = theirs[name].safeParse(value);
    const got = ours[name].safeParse(value);
    if (wanted.success) expect(got).toEqual({ success: true, data: wanted.data });
    else {
      const { message, path } = wanted.error.issues[0];
      expect(got, `for ${JSON.stringify(value)}`).toMatchObject({ success: false, issue: { message, path } });
    }
  }
  const { $schema, ...json } = zod.toJSONSchema(theirs[name], { io: 'input', unrepresentable: 'any' });
  expect(ours[name].toJSONSchema()).toEqual(json);
});

it('says which key is unknown', () => {
  const result = own.strictObject({ a: own.int() }).safeParse({ a: 1, b: 2 });
  expect(result).toMatchObject({ success: false, issue: { unknownKey: 'b' } });
});

it('gives every value a default of its own', () => {
  const schema = own.array(own.int()).default([1]);
  const [first, second] = [schema.safeParse(undefined), schema.safeParse(undefined)] as { data: number[] }[];
  first.data.push(2);
  expect(second.data).toEqual([1]);
});
