/**
 * The tuner: measures the variants that the nodes of a plan could have chosen, each on the node's own shapes, and
 * keeps the fastest for the plans to come. A variant whose results differ from the default's is not taken.
 */
import { checkOptions } from '../../checks';
import { type AdapterStore, adapterKey, defaultAdapterStore } from '../../gpu/adapter-store';
import type { Device, DeviceSetup } from '../../gpu/device';
import { Tuning } from '../../gpu/tuning';
import type { VariantSelection } from '../../gpu/variants';
import { Graph, type Node, sizeOf, type Tensor } from '../ir/graph';
import { compile } from './compile';

/** How much faster a variant must be than the default to be taken: less is noise. */
const LEAST_GAIN = 0.9;
/** Measured runs of a variant together last about this long; a variant is measured so often. */
const RUN_MS = 5;
const MOST_RUNS = 64;
const REPEATS = 3;
/** Looser than the tests, because order of summation differs: what is wrong is wrong by far more. */
const TOLERANCE = 1e-2;

export interface TunerOptions {
  /** Where measurements are remembered; default IndexedDB, or a file in Node's cache folder. */
  store?: AdapterStore;
}

/**
 * For `requestDevice({ tune: tuner() })`: measures kernel variants while the device has nothing else to compile. What is
 * found is used in the plans that are compiled afterwards, in this session and later ones.
 */
export const tuner =
  (options: TunerOptions = {}): DeviceSetup =>
  async (device) => {
    checkOptions('tuner', options, ['store']);
    const { store = defaultAdapterStore('tuning') } = options;
    const tuning = await Tuning.open(device.variants, adapterKey(device), store);
    device.tuning = tuning;
    device.tune = (node, choices, training) => {
      // The tuner's own plans.
      if (device.variants.hasOverride) return;
      for (const choice of choices) {
        if (choice.candidates.length < 2 || tuning.isKnown(choice.key)) continue;
        tuning.add(choice.key, () => measureChoice(device, training, node as Node, choice));
      }
    };
  };

async function measureChoice(
  device: Device,
  training: boolean,
  node: Node,
  { key, family, candidates }: VariantSelection,
): Promise<string | undefined> {
  const allowed = candidates.filter((variant) => !device.variants.isDisabled(family, variant));
  let expected: Float32Array[] | undefined;
  let best: { variant: string; time: number } | undefined;
  for (const variant of allowed) {
    const found = await measureVariant(device, training, node, { key, variant });
    if (!expected) {
      expected = found.values;
      best = { variant, time: LEAST_GAIN * found.time };
    } else if (found.time < best!.time && allClose(found.values, expected)) {
      best = { variant, time: found.time };
    }
  }
  return best?.variant;
}

/** Runs the node alone with one variant: milliseconds per run, and its results on synthetic inputs. */
async function measureVariant(
  device: Device,
  training: boolean,
  node: Node,
  force: { key: string; variant: string },
): Promise<{ time: number; values: Float32Array[] }> {
  const graph = new Graph({ training });
  let count = 0;
  const copy = (tensor: Tensor) => graph.input(`${count++}`, tensor.shape, tensor.dtype);
  const inputs = Object.fromEntries(
    Object.entries(node.inputs).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(copy) : value && copy(value),
    ]),
  );
  const outputs = graph.apply(node.op, inputs, node.attrs);
  if (node.epilogue) {
    const { kind, activation } = node.epilogue;
    graph.nodes[0].epilogue = { kind, activation, aux: inputs.aux as Tensor | undefined };
  }
  const plan = await compile(device, graph, { outputs, force });
  try {
    for (const [name, tensor] of graph.inputs) plan.write(name, syntheticInput(tensor));
    const values: Float32Array[] = [];
    plan.run();
    for (const [name, { dtype }] of Object.entries(outputs)) {
      const read = await plan.read(name);
      if (dtype === 'f32') values.push(read as Float32Array);
    }
    const once = await plan.time(1);
    const runs = Math.max(1, Math.min(MOST_RUNS, Math.round(RUN_MS / Math.max(1e-3, once))));
    let time = Number.POSITIVE_INFINITY;
    for (let i = 0; i < REPEATS; i++) time = Math.min(time, await plan.time(runs));
    return { time, values };
  } finally {
    plan.destroy();
  }
}

/** Numbers between -1 and 1; indices are 0, which every table has. */
function syntheticInput({ shape, dtype }: Tensor): Float32Array | Int32Array {
  const size = sizeOf(shape);
  if (dtype !== 'f32') return new Int32Array(size);
  const values = new Float32Array(size);
  // Fractions of multiples of the golden ratio: spread evenly, without a generator to carry along.
  for (let i = 0; i < size; i++) values[i] = 2 * ((i * 0.6180339887498949) % 1) - 1;
  return values;
}

function allClose(got: readonly Float32Array[], expected: readonly Float32Array[]): boolean {
  return expected.every((want, i) => {
    let scale = 1e-6;
    for (const value of want) scale = Math.max(scale, Math.abs(value));
    return want.every((value, j) => Math.abs(value - got[i][j]) <= TOLERANCE * scale);
  });
}
