/**
 * Reads what `torch.save` writes since PyTorch 1.6: a zip archive with a pickle and the bytes of each storage. The pickle is
 * interpreted, not executed: of all globals only those that build tensors and containers are known.
 * Source: https://pytorch.org/docs/stable/notes/serialization.html and torch/serialization.py.
 */
import { GradloomError, showValue as show } from '../errors';
import { bytesOf } from './bytes';
import { PythonGlobal, PythonTuple, type PythonValue, SAVE_STATE_DICT, unpickle } from './pickle';
import { plainValue, type TorchValue } from './python-values';
import { foreignFormat } from './safetensors-foreign';
import { COUNTER } from './safetensors-types';
import type { StateDict } from './state-dict';
import {
  loadStorage,
  rebuildTensor,
  storageType,
  type TensorSource,
  TorchTensor,
  torchDtype,
} from './torch-tensors';
import { isZip, readZip } from './zip';

/** What a file of `torch.save` holds. */
export interface TorchFile {
  /** The tensors of the state dict, converted to float32, in its order. */
  tensors: StateDict;
  /** Where the state dict stands in the file: `[]` for the file itself, `['state_dict']` for an entry of it. */
  path: readonly string[];
  /** All that was saved: dicts as records, tuples and sets as lists. Values of tensors are read at first use. */
  checkpoint: TorchValue;
}

export interface TorchOptions {
  /** The entry that is the state dict, or the names that lead to it; default: see `readTorch`. */
  key?: string | readonly string[];
}

/** Entries of checkpoints that are the model's state dict, in this order. */
const STATE_DICT_KEYS = ['state_dict', 'model_state_dict', 'model', 'net', 'module', 'weights', 'params'];

const LEGACY_FIX =
  "Write it again in Python 3 with PyTorch 1.6 or later: torch.save(torch.load(path, map_location='cpu'), path)";
/** Tensors together may have this many elements, or so many per byte of the file. */
const MOST_ELEMENTS = 2 ** 24;
const MOST_PER_BYTE = 4;

/**
 * Reads a `.pt` or `.pth` file of a state dict or a checkpoint, without running code. Float32 is taken as it is; float16,
 * bfloat16, float64, integers and booleans are converted as `readSafetensors` does. Views are copied as PyTorch shows them.
 *
 * The state dict is `options.key`; else the first entry with tensors of `state_dict`, `model_state_dict`, `model`, `net`,
 * `module`, `weights`, `params`; else the file itself where it holds tensors by name; else the only entry that does.
 * `tensors` is empty where no tensors have names, as in a list.
 * @param name shown in errors, for example the file's name
 * @throws GradloomError (code `data`): files of other kinds, of older PyTorch and TorchScript, damaged ones, globals other than
 * those of tensors and containers (named), several entries that could be the state dict, values that float32 cannot hold.
 */
export function readTorch(
  given: Uint8Array | ArrayBuffer,
  name = 'file',
  { key }: TorchOptions = {},
): TorchFile {
  const bytes = bytesOf(given, 'readTorch', name);
  const source = openArchive(bytes, name);
  const checkpoint = plainValue(unpickleFile(source), (got, expected) => source.refuse(name, got, expected));
  const path = key === undefined ? findStateDict(checkpoint, source) : [key].flat();
  const found = path.reduce<TorchValue | undefined>((value, part) => entriesOf(value)?.[part], checkpoint);
  const entries = entriesOf(found);
  if (key !== undefined && !entries) {
    const got = `without a dict at ${path.map((part) => show(part)).join(', ')}`;
    const names = Object.keys(entriesOf(checkpoint) ?? {});
    throw source.refuse(
      name,
      got,
      `one of ${names.slice(0, 20).join(', ') || 'no names'}`,
      'Give the key of the state dict.',
    );
  }
  let elements = 0;
  const tensors = Object.entries(entries ?? {}).flatMap(([entry, tensor]) => {
    if (!(tensor instanceof TorchTensor)) return [];
    elements += tensor.shape.reduce((product, extent) => product * extent, 1);
    if (elements > source.mostElements) {
      throw source.refuse(
        `${name}: ${entry}`,
        `${elements} elements with those before`,
        `${source.mostElements} at most`,
      );
    }
    return [[entry, tensor.toHost(entry, COUNTER.test(entry))] as const];
  });
  return { tensors: Object.fromEntries(tensors), path, checkpoint };
}

interface Archive extends TensorSource {
  pickle: Uint8Array;
}

function openArchive(bytes: Uint8Array, name: string): Archive {
  const refuse = (argument: string, got: string, expected: string, fix?: string) =>
    new GradloomError({
      code: 'data',
      op: 'readTorch',
      argument,
      got,
      expected,
      fix: fix ?? 'The file is damaged or no file of torch.save; fetch or write it again.',
    });
  const whole = 'a zip archive of torch.save (.pt, .pth)';
  if (!isZip(bytes)) {
    if (isPickle(bytes)) throw refuse(name, 'a pickle, as PyTorch before 1.6 wrote', whole, LEGACY_FIX);
    const foreign = foreignFormat(bytes);
    throw refuse(name, foreign?.what ?? 'another file', whole, foreign?.fix);
  }
  const entries = readZip(bytes, (got, expected, fix) => refuse(name, got, expected, fix));
  const names = [...entries.keys()];
  const main = names.find((entry) => /^([^/]*\/)?data\.pkl$/.test(entry));
  if (main === undefined) {
    const isNumpy = names.some((entry) => entry.endsWith('.npy'));
    const got = isNumpy ? 'an archive of NumPy (.npz)' : 'a zip archive without data.pkl';
    throw refuse(name, got, whole, isNumpy ? 'Read it with readNpz' : undefined);
  }
  const root = main.slice(0, -'data.pkl'.length);
  if (entries.has(`${root}constants.pkl`)) {
    const fix = 'Save its weights in Python: torch.save(torch.jit.load(path).state_dict(), other_path)';
    throw refuse(name, 'a TorchScript program', 'a state dict', fix);
  }
  const content = (entry: string): Uint8Array => {
    const found = entries.get(entry);
    if (!found) throw refuse(name, `an archive without ${show(entry)}`, 'every storage of its tensors');
    // Stored without compression, as PyTorch writes; its option for speed leaves out checksums, so that none is compared.
    if (!found.isDeflated) return found.packed;
    throw refuse(
      name,
      `an archive whose ${show(entry)} is compressed`,
      'stored entries',
      'Zip it without compression.',
    );
  };
  const order = entries.has(`${root}byteorder`) ? new TextDecoder().decode(content(`${root}byteorder`)) : '';
  return {
    name,
    pickle: content(main),
    storage: (key) => content(`${root}data/${key}`),
    isBigEndian: order.trim() === 'big',
    mostElements: Math.max(MOST_ELEMENTS, MOST_PER_BYTE * bytes.length),
    refuse,
  };
}

/** Whether bytes begin as a pickle of protocol 2 to 5 does. */
const isPickle = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5 && bytes[8] !== 0x7b;

function unpickleFile(source: Archive): PythonValue {
  const rebuild = (args: readonly PythonValue[]) => rebuildTensor(args, source);
  let copied = 0;
  /** What a container is made of. Every entry stands in the pickle once, unless the same entries are copied again and again. */
  const own = (items: PythonValue) => {
    copied += items instanceof Map ? items.size : Array.isArray(items) ? items.length : 0;
    if (copied <= source.pickle.length) return items;
    throw source.refuse(source.name, 'a pickle that copies its containers over and over', 'plain data');
  };
  /** Parameters are their tensors. */
  const first = ([tensor]: readonly PythonValue[]) => tensor;
  const calls: Record<string, (args: readonly PythonValue[]) => PythonValue> = {
    'torch._utils._rebuild_tensor_v2': rebuild,
    'torch._utils._rebuild_tensor_v3': rebuild,
    'torch._utils._rebuild_parameter': first,
    'torch._utils._rebuild_parameter_with_state': first,
    // Tensors with attributes of their own: (function, type, arguments, attributes).
    'torch._tensor._rebuild_from_type_v2': ([callee, , args]) => {
      const builds = callee instanceof PythonGlobal && /_rebuild_(tensor|parameter)/.test(callee.name);
      if (builds && callee.call && args instanceof PythonTuple) return callee.call(args);
      throw source.refuse(source.name, 'a tensor that no function builds', 'tensors');
    },
    'torch.Size': ([sizes]) => sizes ?? new PythonTuple(),
    'torch.device': ([type, index]) => {
      if (typeof type === 'string' && type.length < 32)
        return index === undefined ? type : `${type}:${Number(index)}`;
      throw source.refuse(source.name, 'a device without a name', 'torch.device of a type and an index');
    },
    'collections.OrderedDict': ([items]) => dictOf(own(items), source),
    'collections.Counter': ([items]) => dictOf(own(items), source),
    'collections.defaultdict': ([, items]) => dictOf(own(items), source),
    'builtins.set': ([items]) => {
      if (Array.isArray(own(items))) return new Set(items as PythonValue[]);
      throw source.refuse(source.name, 'a set that is made of no list', 'sets of lists');
    },
  };
  const names = new Set([
    'torch.Tensor',
    'torch.nn.parameter.Parameter',
    'builtins.list',
    'builtins.dict',
    'builtins.int',
    'builtins.float',
  ]);
  return unpickle(source.pickle, {
    find(module, global) {
      const name = `${module.replace(/^__builtin__$/, 'builtins')}.${global}`;
      if (Object.hasOwn(calls, name)) return new PythonGlobal(name, calls[name]);
      const isName = names.has(name) || storageType(name) || (module === 'torch' && isDtype(global));
      return isName ? new PythonGlobal(name) : undefined;
    },
    load: (id) => loadStorage(id, source),
    refuse: (got, expected, fix) => source.refuse(source.name, got, expected, fix),
    refuseGlobal: (global) =>
      source.refuse(
        source.name,
        `a pickle that needs ${show(global)}, which is refused`,
        'tensors, dicts, lists, texts and numbers',
        SAVE_STATE_DICT,
      ),
  });
}

/** Also types that we do not read, so that tensors of them are refused by the name of the type. */
const isDtype = (name: string): boolean =>
  torchDtype(name) !== undefined ||
  /^(complex(32|64|128)|float8_\w+|q(u?int(8|32)|uint[24]x[24]))$/.test(name);

function dictOf(items: PythonValue, source: TensorSource): Map<PythonValue, PythonValue> {
  if (items === undefined) return new Map();
  if (items instanceof Map) return new Map(items);
  if (Array.isArray(items) && items.every((item) => Array.isArray(item) && item.length === 2)) {
    return new Map(items as unknown as [PythonValue, PythonValue][]);
  }
  throw source.refuse(source.name, 'a dict that is made of no pairs', 'pairs of keys and values');
}

/** The entries of a record; undefined for all else. */
function entriesOf(value: TorchValue | undefined): Record<string, TorchValue> | undefined {
  const isRecord =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  return isRecord ? (value as Record<string, TorchValue>) : undefined;
}

const holdsTensors = (value: TorchValue): boolean =>
  Object.values(entriesOf(value) ?? {}).some((entry) => entry instanceof TorchTensor);

/** See `readTorch` for the order. */
function findStateDict(checkpoint: TorchValue, source: TensorSource): string[] {
  const entries = entriesOf(checkpoint);
  if (!entries) return [];
  const known = STATE_DICT_KEYS.find((key) => Object.hasOwn(entries, key) && holdsTensors(entries[key]));
  if (known) return [known];
  if (holdsTensors(checkpoint)) return [];
  const candidates = Object.keys(entries).filter((key) => holdsTensors(entries[key]));
  if (candidates.length < 2) return candidates;
  const got = `a checkpoint with tensors at ${candidates.slice(0, 10).join(', ')}`;
  throw source.refuse(
    source.name,
    got,
    'one state dict',
    `Give its key: readTorch(bytes, name, { key: ${show(candidates[0])} })`,
  );
}
