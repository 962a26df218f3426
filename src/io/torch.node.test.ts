// Files of torch.save against PyTorch's own values (e2e/goldens/torch_files.py), and archives that attack the reader.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../cli/setup.mjs';
import { GradloomError } from '../errors';
import { Linear } from '../nn/linear';
import { writeNpz } from './numpy';
import { writeSafetensors } from './safetensors';
import type { StateDict } from './state-dict';
import { readTorch } from './torch';
import { TorchTensor } from './torch-tensors';
import { readWeights } from './weights';
import { writeZip } from './zip';

const folder = join(projectRoot, 'e2e/goldens/fixtures/torch-files');
const load = (name: string) => new Uint8Array(readFileSync(join(folder, name)));
type Values = Record<string, { shape: number[]; data: (number | string)[] }>;
const expected: Record<string, Values> = JSON.parse(readFileSync(join(folder, 'values.json'), 'utf8'));

/** Bit for bit as PyTorch says, but that JSON has no NaN, infinities and -0. */
const plain = (tensors: StateDict): Values =>
  Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => [
      name,
      {
        shape: [...shape],
        data: Array.from(data, (value) =>
          Number.isFinite(value) ? value : String(value).toLowerCase().replace('infinity', 'inf'),
        ),
      },
    ]),
  );

function refusal(read: () => unknown): GradloomError {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(GradloomError);
    expect((error as GradloomError).code).toBe('data');
    return error as GradloomError;
  }
  throw new Error('accepted');
}

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

/** An archive as torch.save writes it, around a pickle. */
const archive = (pickle: string, files: Record<string, Uint8Array> = {}) =>
  writeZip(
    [
      ['archive/data.pkl', latin(pickle)],
      ...Object.entries(files).map(([name, bytes]) => [`archive/${name}`, bytes] as const),
    ],
    (got) => new Error(got),
  );

const int = (value: number) => `J${String.fromCharCode(...new Uint8Array(Int32Array.of(value).buffer))}`;
const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
const sizes = (values: number[]) => `(${values.map(int).join('')}t`;
const storage = (kind: string, count: number) =>
  `(${text('storage')}ctorch\n${kind}Storage\n${text('0')}${text('cpu')}${int(count)}tQ`;
/** `_rebuild_tensor_v2` of storage 0; `more` follows the hooks. */
const tensor = (shape: number[], strides: number[], offset = 0, of = storage('Float', 4), more = '') =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${of}${int(offset)}${sizes(shape)}${sizes(strides)}\x89N${more}tR`;
const dict = (...entries: [string, string][]) =>
  `\x80\x02}(${entries.map(([name, value]) => text(name) + value).join('')}u.`;
const four = new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer);
const read = (pickle: string, files: Record<string, Uint8Array> = { 'data/0': four }) =>
  readTorch(archive(pickle, files), 'w.pt');

describe('against PyTorch', () => {
  it.each(['lenet.pt', 'protocol4.pt', 'parameters.pt', 'checkpoint.pt', 'views.pt', 'types.pt'])(
    '%s',
    (name) => {
      const { tensors } = readTorch(load(name), name);
      expect(plain(tensors)).toEqual(expected[name]);
      expect(Object.keys(tensors)).toEqual(Object.keys(expected[name]));
    },
  );

  it('keeps what a checkpoint holds beside its weights', () => {
    const { checkpoint, path } = readTorch(load('checkpoint.pt'));
    expect(path).toEqual(['state_dict']);
    const { state_dict, optimizer, best_acc1, ...rest } = checkpoint as Record<string, never>;
    expect(rest).toEqual({
      epoch: 3,
      arch: 'lenet',
      done: false,
      note: null,
      big: 2n ** 70n,
      negative: -(2 ** 40),
      size: [2, 3],
      dtype: 'torch.float16',
      device: 'cuda:1',
      milestones: { 3: 1, 5: 2 },
      names: ['a'],
      pair: [1.5, [2, 'zwei']],
    });
    expect(best_acc1).toBeInstanceOf(TorchTensor);
    expect([...(best_acc1 as TorchTensor).data]).toEqual([0.5]);
    const { state, param_groups } = optimizer as {
      state: Record<string, Record<string, TorchTensor>>;
      param_groups: unknown[];
    };
    expect(Object.keys(state)).toHaveLength(8);
    expect([state[0].exp_avg.shape, state[0].exp_avg.dtype]).toEqual([[2, 1, 5, 5], 'float32']);
    expect([...state[0].step.data]).toEqual([2]);
    expect(param_groups).toMatchObject([{ lr: 0.01, betas: [0.9, 0.999] }]);
    expect(
      readTorch(load('checkpoint.pt'), 'c', { key: ['optimizer', 'state', '0'] }).tensors.exp_avg.shape,
    ).toEqual([2, 1, 5, 5]);
    expect(refusal(() => readTorch(load('checkpoint.pt'), 'c', { key: 'modle' })).message).toMatch(
      /modle.*state_dict/,
    );
  });

  it('loads into a module, at an odd address, from ArrayBuffer and Buffer', () => {
    const bytes = load('lenet.pt');
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    for (const given of [bytes.buffer as ArrayBuffer, Buffer.from(bytes), shifted.subarray(1)]) {
      const { tensors } = readTorch(given);
      const fc = new Linear(12, 4);
      fc.loadStateDict({ weight: tensors['fc.weight'], bias: tensors['fc.bias'] });
      expect(plain(tensors)).toEqual(expected['lenet.pt']);
    }
  });

  it('a list has no state dict', () => {
    const { tensors, checkpoint } = readTorch(load('list.pt'));
    expect(tensors).toEqual({});
    const [first, second] = checkpoint as [TorchTensor, number];
    expect([[...first.data], second]).toEqual([[1, 2], 5]);
  });

  it.each([
    ['hostile.pt', /needs "posix\.system", which is refused.*model\.state_dict\(\)/],
    ['module.pt', /needs "torch\.nn\.modules\.linear\.Linear"/],
    ['legacy.pt', /PyTorch before 1\.6.*torch\.save\(torch\.load\(path/],
    ['script.pt', /a TorchScript program.*torch\.jit\.load/],
    ['complex.pt', /needs "torch\.ComplexFloatStorage"/],
    ['wide.pt', /ids: I64 element 0 is 16777217; expected a value that float32 can hold/],
    ['stored.npz', /an archive of NumPy.*readNpz/],
    ['version1.npy', /an array of NumPy.*readNpy/],
  ])('refuses %s', (name, message) => {
    const { op, message: said } = refusal(() => readTorch(load(name), name));
    expect([op, said]).toEqual(['readTorch', expect.stringMatching(message)]);
  });

  it('refuses safetensors by name, whatever the length of its header', () => {
    const bytes = writeSafetensors({ a: { shape: [1], data: Float32Array.of(1) } }, { pad: 'x'.repeat(555) });
    expect([bytes[0], bytes[1]]).toEqual([0x80, 2]);
    expect(refusal(() => readTorch(bytes)).message).toMatch(/readSafetensors/);
  });
});

describe('archives', () => {
  it('reads hand-made tensors, big-endian storages and untyped ones', () => {
    expect([...read(dict(['a', tensor([2, 2], [1, 2])])).tensors.a.data]).toEqual([1, 3, 2, 4]);
    const swapped = new Uint8Array(four.slice().buffer);
    for (let at = 0; at < 16; at += 4) swapped.subarray(at, at + 4).reverse();
    const big = read(dict(['a', tensor([2, 2], [1, 2])]), { 'data/0': swapped, byteorder: latin('big') });
    expect([...big.tensors.a.data]).toEqual([1, 3, 2, 4]);
    const untyped = `(${text('storage')}ctorch.storage\nUntypedStorage\n${text('0')}${text('cpu')}${int(16)}tQ`;
    const v3 = tensor([3], [1], 1, untyped, 'ctorch\nuint16\n').replace('_v2', '_v3');
    expect(
      read(dict(['a', v3]), { 'data/0': new Uint8Array(Uint16Array.of(1, 2, 65535, 4, 0, 0, 0, 0).buffer) })
        .tensors.a,
    ).toEqual({
      shape: [3],
      data: Float32Array.of(2, 65535, 4),
    });
  });

  it('reads tensors with attributes of their own', () => {
    const [rebuild, args] = tensor([2], [1], 1).split(/(?<=_v2\n)/);
    const wrapped = `ctorch._tensor\n_rebuild_from_type_v2\n(${rebuild}ctorch\nTensor\n${args.slice(0, -1)}}tR`;
    expect([...read(dict(['a', wrapped])).tensors.a.data]).toEqual([2, 3]);
  });

  it('keeps the name __proto__ and rounds counters', () => {
    const long = new Uint8Array(BigInt64Array.of(2n ** 24n + 1n).buffer);
    const count = tensor([], [], 0, storage('Long', 1));
    const { tensors } = read(dict(['bn.num_batches_tracked', count]), { 'data/0': long });
    expect([...tensors['bn.num_batches_tracked'].data]).toEqual([2 ** 24]);
    expect(Object.keys(read(dict(['__proto__', tensor([1], [1])])).tensors)).toEqual(['__proto__']);
  });

  it('chooses the state dict', () => {
    const inner = `}${text('w')}${tensor([1], [1])}s`;
    expect(read(dict(['a', inner], ['model', inner], ['n', int(1)])).path).toEqual(['model']);
    expect(read(dict(['ema', inner], ['n', int(1)])).path).toEqual(['ema']);
    expect(read(dict(['w', tensor([1], [1])], ['extra', inner])).path).toEqual([]);
    const pickle = dict(['ema', inner], ['generator', inner]);
    expect(refusal(() => read(pickle)).message).toMatch(/tensors at ema, generator.*key: "ema"/);
    const { tensors } = readTorch(archive(pickle, { 'data/0': four }), 'w.pt', { key: 'generator' });
    expect(Object.keys(tensors)).toEqual(['w']);
  });

  it.each<[string, string, RegExp]>([
    ['a view beyond its storage', dict(['a', tensor([5], [1])]), /a view of its 4 elements/],
    ['a view beyond it by its offset', dict(['a', tensor([2], [1], 3)]), /at 3; expected a view/],
    ['a view beyond it by strides', dict(['a', tensor([2, 2], [3, 1])]), /a view of its 4/],
    ['a negative offset', dict(['a', tensor([1], [1], -1)]), /offset -1/],
    ['a negative stride', dict(['a', tensor([2], [-1], 3)]), /stride \[-1\]/],
    ['a negative size', dict(['a', tensor([-1], [1])]), /size \[-1\]/],
    ['sizes without strides', dict(['a', tensor([1, 2], [1])]), /lists of sizes/],
    ['a view of billions', dict(['a', tensor([2147483647], [0])]), /16777216 at most/],
    [
      'views of millions each',
      dict(...'abc'.split('').map((n) => [n, tensor([2 ** 23], [0])] as [string, string])),
      /elements with those before/,
    ],
    [
      'a product beyond 2^53',
      dict(['a', tensor([2147483647, 2147483647, 2147483647], [0, 0, 0])]),
      /a view of its 4/,
    ],
    [
      'a storage that is too short',
      dict(['a', tensor([1], [1], 0, storage('Double', 4))]),
      /16 bytes; expected 32/,
    ],
    [
      'a negated view',
      dict(['a', tensor([1], [1], 0, undefined, `}${text('neg')}\x88s`)]),
      /negates.*resolve_neg/,
    ],
    ['a call of eval', `\x80\x02c__builtin__\neval\n(${text('1')}tR.`, /"__builtin__\.eval"/],
    ['a global by stack', `\x80\x04${text('os')}${text('system')}\x93.`, /"os\.system"/],
    ['a global within another', `\x80\x04${text('torch')}${text('nn.Linear')}\x93.`, /"torch\.nn\.Linear"/],
    ['a global of prototypes', `\x80\x02ctorch\nconstructor\n.`, /"torch\.constructor"/],
    ['a call of a type', `\x80\x02ctorch\nfloat32\n)R.`, /calls torch\.float32/],
    ['an opcode of protocol 0', `\x80\x02I1\n.`, /opcode 0x49/],
    ['an instance', `\x80\x02(ios\nsystem\n.`, /ways of its own/],
    ['no memo', '\x80\x02h\x07.', /no memo 7/],
    ['nothing', '\x80\x02.', /without a value/],
    ['an end within a text', `\x80\x02X\xff\xff\xff\xff.`, /ends within a value/],
    ['a text of 2^63 bytes', `\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.`, /ends within a value/],
    ['a list within itself', '\x80\x02]q\x00h\x00a.', /contains itself/],
    ['a dict as its value', `\x80\x02}q\x00${text('a')}h\x00s.`, /contains itself/],
    [
      'copies of copies',
      `\x80\x02](${']'.repeat(60)}${`ccollections\nCounter\n(}(${Array.from({ length: 60 }, (_, i) => `K${String.fromCharCode(i)}N`).join('')}uq\x00tR`}${'ccollections\nCounter\n(h\x00tR'.repeat(60)}e.`,
      /copies its containers/,
    ],
    [
      'a tensor of a tensor of a tensor',
      `\x80\x02ctorch._tensor\n_rebuild_from_type_v2\nq\x00${'h\x00N'.repeat(3e4)})${'\x87'.repeat(3e4)}R.`,
      /a tensor that no function builds/,
    ],
    ['a device of texts', `\x80\x02ctorch\ndevice\n(]tR.`, /a device without a name/],
    ['deep lists', `\x80\x02${']'.repeat(5000)}${'a'.repeat(4999)}.`, /nested too deeply/],
    ['a key twice as text', `\x80\x02}(${int(1)}N${text('1')}Nu.`, /the key "1" twice/],
    ['a persistent id of no storage', `\x80\x02${text('x')}Q.`, /persistent id/],
    ['a storage alone', `\x80\x02${storage('Float', 4)}.`, /storage without a tensor/],
    ['a newer protocol', '\x80\x09N.', /newer protocol/],
  ])('refuses %s', (_, pickle, message) => {
    expect(refusal(() => read(pickle)).message).toMatch(message);
  });

  it('shares what is there twice: exponential trees take linear time', () => {
    let pickle = '\x80\x02]q\x00';
    for (let i = 1; i < 150; i++) {
      pickle += `](h${String.fromCharCode(i - 1)}h${String.fromCharCode(i - 1)}eq${String.fromCharCode(i)}`;
    }
    expect(read(`${pickle}.`).tensors).toEqual({});
  });

  it('refuses damaged archives', () => {
    const bytes = archive(dict(['a', tensor([1], [1])]), { 'data/0': four });
    expect(refusal(() => readTorch(bytes.subarray(0, bytes.length - 9))).message).toMatch(
      /without its directory/,
    );
    expect(refusal(() => read(dict(['a', tensor([1], [1])]), {})).message).toMatch(
      /without "archive\/data\/0"/,
    );
    const count = bytes.slice();
    count[count.length - 12] = 9;
    expect(refusal(() => readTorch(count)).message).toMatch(/directory of 9 entries|9, as its directory/);
    const empty = writeZip([['x/y', four]], (got) => new Error(got));
    expect(refusal(() => readTorch(empty)).message).toMatch(/without data\.pkl/);
    const twice = writeZip(
      [
        ['a', four],
        ['a', four],
      ],
      (got) => new Error(got),
    );
    expect(refusal(() => readTorch(twice)).message).toMatch(/"a" twice/);
  });

  it('reads sizes and directory in zip64, as files beyond 4 GiB have them', () => {
    const plain = archive(dict(['a', tensor([4], [1])]), { 'data/0': four });
    const view = new DataView(plain.buffer);
    const start = view.getUint32(plain.length - 6, true);
    const parts: Uint8Array[] = [plain.subarray(0, start)];
    for (let at = start; view.getUint32(at, true) === 0x02014b50; ) {
      const end = at + 46 + view.getUint16(at + 28, true);
      const entry = new Uint8Array(end - at + 28);
      entry.set(plain.subarray(at, end));
      const to = new DataView(entry.buffer);
      const extra = end - at;
      to.setUint16(extra, 1, true);
      to.setUint16(extra + 2, 24, true);
      for (const [i, field] of [24, 20, 42].entries()) {
        to.setBigUint64(extra + 4 + 8 * i, BigInt(view.getUint32(at + field, true)), true);
        to.setUint32(field, 0xffffffff, true);
      }
      to.setUint16(30, 28, true);
      parts.push(entry);
      at = end;
    }
    const size = parts.slice(1).reduce((sum, { length }) => sum + length, 0);
    const tail = new DataView(new ArrayBuffer(56 + 20 + 22));
    tail.setUint32(0, 0x06064b50, true);
    for (const at of [24, 32]) tail.setBigUint64(at, 2n, true);
    tail.setBigUint64(40, BigInt(size), true);
    tail.setBigUint64(48, BigInt(start), true);
    tail.setUint32(56, 0x07064b50, true);
    tail.setBigUint64(64, BigInt(start + size), true);
    tail.setUint32(76, 0x06054b50, true);
    for (const at of [84, 86]) tail.setUint16(at, 0xffff, true);
    for (const at of [88, 92]) tail.setUint32(at, 0xffffffff, true);
    const bytes = Uint8Array.from([...parts, new Uint8Array(tail.buffer)].flatMap((part) => [...part]));
    expect([...readTorch(bytes).tensors.a.data]).toEqual([1, 2, 3, 4]);
  });

  it('readWeights tells formats apart', async () => {
    const state: StateDict = { a: { shape: [2], data: Float32Array.of(1, 2) } };
    const files = [
      writeSafetensors(state),
      writeNpz(state),
      archive(dict(['a', tensor([2], [1])]), { 'data/0': four }),
    ];
    for (const bytes of files) expect(await readWeights(bytes)).toMatchObject(state);
    await expect(readWeights(load('legacy.pt'))).rejects.toThrow(/before 1\.6/);
    await expect(readWeights(load('version1.npy'))).rejects.toThrow(/readNpy/);
    await expect(readWeights('x' as never)).rejects.toThrow(/readWeights.*a text/);
  });
});
