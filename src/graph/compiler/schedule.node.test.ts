/** The execution schedule: who owns which memory, and that buffers are shared by what is never alive together. */
import { describe, expect, it } from 'vitest';
import { planningDevice } from '../../gpu/planning';
import * as ops from '../../ops';
import { Graph, type Storage } from '../ir/graph';
import { Variable } from '../ir/variable';
import { schedule } from './schedule';

const device = planningDevice();

describe('a schedule', () => {
  it('shares buffers among the values of a chain, and keeps outputs to the end', () => {
    const graph = new Graph();
    const x = graph.input('x', [64]);
    const values = [x];
    for (let i = 0; i < 6; i++) values.push(i % 2 ? ops.sin(values[i]) : ops.exp(values[i]));
    const [early, last] = [values[2], values[6]];
    const { dispatches, memory } = schedule(device, graph, [early, last]);
    expect(dispatches).toHaveLength(6);
    const place = ({ storage }: { storage: Storage }) => memory.place.get(storage.root);
    // A dispatch never reads and writes one buffer; what is an output is never overwritten.
    for (let i = 1; i < 6; i++) expect(place(values[i])).not.toBe(place(values[i + 1]));
    for (const value of values.slice(3)) expect(place(value)).not.toBe(place(early));
    expect(memory.buffers).toEqual([256, 256, 256]);
    expect(memory.lowerBound).toBe(768);
  });

  it('leaves variables, external tensors and placed results to others, and owns inputs and constants', () => {
    const graph = new Graph();
    const x = graph.input('x', [4]);
    const variable = graph.tensor(new Variable([4], () => {}));
    const external = graph.external({ buffer: {} as GPUBuffer, offset: 0, size: 16 }, [4]);
    const constant = graph.constant(Float32Array.of(1, 2, 3, 4), [4]);
    const placed = ops.mul(ops.add(x, variable), ops.mul(external, constant));
    const y = ops.exp(placed);
    const { memory, owned } = schedule(device, graph, [y], [placed.storage]);
    expect([...owned].sort((a, b) => a.leaf!.kind.localeCompare(b.leaf!.kind))).toEqual([
      constant.storage,
      x.storage,
    ]);
    for (const { storage } of [x, variable, external, constant, placed])
      expect(memory.place.has(storage)).toBe(false);
    expect(memory.place.has(y.storage)).toBe(true);
  });

  it('owns inputs that no kernel reads: they can be written', () => {
    const graph = new Graph();
    const [x, unused] = [graph.input('x', [4]), graph.input('unused', [4])];
    const { owned } = schedule(device, graph, [ops.exp(x)]);
    expect(owned.has(unused.storage)).toBe(true);
  });

  it('keeps an output that is an input', () => {
    const graph = new Graph();
    const x = graph.input('x', [4]);
    const { dispatches, owned } = schedule(device, graph, [x]);
    expect(dispatches).toEqual([]);
    expect(owned.has(x.storage)).toBe(true);
  });
});
