/**
 * The model as JSON: `{ type: 'sequential', layers: [{ type: 'linear', inFeatures: 784, outFeatures: 10 }] }`. A bare
 * array is a sequential. Playground, command line and harness read the same form.
 */
import { GradloomError, nearest } from '../errors';
import { parseAttrs } from '../graph/ir/op';
import type { Module } from '../nn/module';
import { moduleTypes } from './modules';

/**
 * Builds the modules that a spec describes.
 * @throws GradloomError `spec`: a layer that does not exist (names the nearest), with its position; `argument`: an
 * option that is unknown, missing or of the wrong kind.
 */
export function fromSpec(spec: unknown, path = 'model'): Module {
  if (Array.isArray(spec)) return fromSpec({ type: 'sequential', layers: spec }, path);
  if (typeof spec !== 'object' || spec === null || typeof (spec as { type?: unknown }).type !== 'string') {
    throw new GradloomError({
      code: 'spec',
      op: path,
      got: JSON.stringify(spec)?.slice(0, 80) ?? 'nothing',
      expected: 'a layer such as { "type": "relu" }, or an array of layers',
    });
  }
  const { type, ...options } = spec as { type: string };
  const names = Object.keys(moduleTypes);
  const name = names.find((known) => known.toLowerCase() === type.toLowerCase());
  if (!name) {
    const near = nearest(type, names);
    throw new GradloomError({
      code: 'spec',
      op: path,
      argument: 'type',
      got: JSON.stringify(type),
      expected: 'a layer that exists',
      fix: near ? `Did you mean ${near}?` : `Layers are ${names.join(', ')}`,
    });
  }
  let child = 0;
  const build = (inner: unknown) => fromSpec(inner, `${path}.${child++}`);
  try {
    const parsed = parseAttrs(`${path} (${name})`, moduleTypes[name].options, options);
    return moduleTypes[name].create(parsed, build);
  } catch (error) {
    if (!(error instanceof GradloomError) || error.code !== 'argument') throw error;
    const { op, argument, got, expected, fix } = error;
    throw new GradloomError({ code: 'spec', op, argument, got, expected, fix });
  }
}
