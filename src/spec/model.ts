/**
 * The model as JSON: `{ type: 'sequential', layers: [{ type: 'linear', inFeatures: 784, outFeatures: 10 }] }`. A bare
 * array is a sequential. Playground, command line and harness read the same form.
 */
import { GradloomError, nearest, showValue } from '../errors';
import { parseAttrs } from '../graph/ir/op';
import type { Module } from '../nn/module';
import { checkParameterCount, checkSpecSize } from './limits';
import { moduleTypes } from './modules';

/**
 * Builds the modules that a spec describes. Specs may come from strangers: their depth, size, names and parameters are
 * bounded (`SPEC_LIMITS`).
 * @throws GradloomError `spec`: a layer that does not exist (names the nearest), with its position; an option that is
 * unknown, missing or of the wrong kind; a spec beyond the bounds.
 */
export function fromSpec(spec: unknown, path = 'model'): Module {
  checkSpecSize(spec, path);
  const model = build(spec, path);
  const parameters = model.variables().reduce((sum, { size }) => sum + size, 0);
  checkParameterCount(parameters, path);
  return model;
}

function build(spec: unknown, path: string): Module {
  if (Array.isArray(spec)) return build({ type: 'sequential', layers: spec }, path);
  if (typeof spec !== 'object' || spec === null || typeof (spec as { type?: unknown }).type !== 'string') {
    throw new GradloomError({
      code: 'spec',
      op: path,
      got: spec === undefined ? 'nothing' : showValue(spec),
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
      got: showValue(type),
      expected: 'a layer that exists',
      fix: near ? `Did you mean ${near}?` : `Layers are ${names.join(', ')}`,
    });
  }
  let child = 0;
  const inner = (part: unknown) => build(part, `${path}.${child++}`);
  try {
    const parsed = parseAttrs(`${path} (${name})`, moduleTypes[name].options, options);
    return moduleTypes[name].create(parsed, inner);
  } catch (error) {
    if (!(error instanceof GradloomError) || error.code !== 'argument') throw error;
    const { op, argument, got, expected, fix } = error;
    throw new GradloomError({ code: 'spec', op, argument, got, expected, fix });
  }
}
