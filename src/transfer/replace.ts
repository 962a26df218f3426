/** Other modules in the place of those of a ready model. */
import { checkCount, checkOptions } from '../checks';
import { GradloomError, nearest, showValue } from '../errors';
import { Conv1d, Conv2d, Conv3d } from '../nn/conv';
import { Linear } from '../nn/linear';
import { Module } from '../nn/module';

const fail = (op: string, argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'argument', op, argument, got, expected, fix });

/** What puts another module in the place of `module`, once for each place in the properties of `holder`. */
function placesOf(module: Module, holder: object, depth = 0): ((other: Module) => void)[] {
  const entries: [unknown, unknown][] = holder instanceof Map ? [...holder] : Object.entries(holder);
  return entries.flatMap(([key, value]) => {
    if (value === module) {
      return (other: Module) => {
        if (holder instanceof Map) holder.set(key, other);
        else (holder as Record<string, Module>)[key as string] = other;
      };
    }
    if (typeof value !== 'object' || value === null || depth > 7) return [];
    const holds = Array.isArray(value) || value instanceof Map || value.constructor === Object;
    return holds ? placesOf(module, value, depth + 1) : [];
  });
}

/**
 * Puts another module in the place of the one at `path`, as `model.fc = ...` in PyTorch, also within Sequential, lists and
 * records. Steps that are compiled afterwards use it; make trainers after it.
 * @param path as in the state dict, `fc` or `classifier.6`.
 * @returns the module that was there.
 * @throws GradloomError `argument` for a path that is no module of the model.
 */
export function replaceModule(model: Module, path: string, module: Module): Module {
  if (!(model instanceof Module)) throw fail('replaceModule', 'model', showValue(model), 'a module');
  if (!(module instanceof Module)) throw fail('replaceModule', 'module', showValue(module), 'a module');
  const paths = new Map([...model.namedModules()].filter(([name]) => name !== ''));
  const before = paths.get(path);
  if (!before) {
    const near = nearest(String(path), [...paths.keys()]);
    throw fail(
      'replaceModule',
      'path',
      showValue(path),
      'the path of a module in the model',
      near && `Did you mean ${near}?`,
    );
  }
  // A module that is used twice is replaced wherever it stands.
  const places = [...model.namedModules()].flatMap(([, holder]) => placesOf(before, holder));
  if (places.length === 0)
    throw fail('replaceModule', 'path', `${path}, which its owner keeps to itself`, 'a module in a property');
  for (const put of places) put(module);
  return before;
}

/**
 * Gives a model another last layer: the last `Linear` or convolution, with `numClasses` outputs, the same inputs and options,
 * and initial values of its own. Weights tied to the old one stay with the others.
 * @param options.path of the layer, where it is not the last one in the order of the state dict.
 * @returns the path of the layer, for `freeze` and parameter groups.
 * @throws GradloomError `argument`: a path that is no such layer, or a model that has none.
 */
export function replaceHead(model: Module, numClasses: number, options: { path?: string } = {}): string {
  checkCount('replaceHead', 'numClasses', numClasses);
  checkOptions('replaceHead', options, ['path']);
  const layers = [...model.namedModules()].filter(([, module]) => headOf(module, numClasses));
  const { path } = options;
  const found = path === undefined ? layers.at(-1) : layers.find(([name]) => name === path);
  if (!found || found[0] === '') {
    const near =
      path === undefined
        ? undefined
        : nearest(
            path,
            layers.map(([name]) => name),
          );
    throw fail(
      'replaceHead',
      path === undefined ? 'model' : 'path',
      path === undefined ? `${model.typeName} without such a layer inside` : showValue(path),
      'a Linear or convolution',
      near && `Did you mean ${near}?`,
    );
  }
  replaceModule(model, found[0], headOf(found[1], numClasses)!);
  return found[0];
}

/** The same layer with other outputs. */
function headOf(layer: Module, outputs: number): Module | undefined {
  if (layer instanceof Linear) return new Linear(layer.weight.shape[1], outputs, { bias: !!layer.bias });
  const Kind = [Conv1d, Conv2d, Conv3d].find((kind) => layer instanceof kind);
  if (!Kind) return undefined;
  const { weight, bias, attrs } = layer as Conv2d;
  const [, perGroup, ...kernel] = weight.shape;
  return new Kind(perGroup * (attrs.groups ?? 1), outputs, kernel, { ...attrs, bias: bias !== undefined });
}
