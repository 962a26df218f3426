/**
 * Unpickler without code execution: a stack machine over the opcodes of protocols 2 to 5 that builds plain data. Globals are
 * names only; those in the caller's table build values, all others are refused by name.
 * Source: https://github.com/python/cpython/blob/main/Lib/pickletools.py.
 */
import { type GradloomError, showValue as show } from '../errors';

/** A Python value: dicts are Maps, tuples `PythonTuple`s, ints beyond 2^53 bigints; `unknown` for what globals build. */
export type PythonValue = unknown;

/** What a global stands for. */
export class PythonGlobal {
  constructor(
    readonly name: string,
    /** Calls it; undefined for names that are values only, such as `torch.float32`. */
    readonly call?: (args: readonly PythonValue[]) => PythonValue,
  ) {}
}

export interface PickleOptions {
  /** The global of this module and name; undefined refuses it. */
  find(module: string, name: string): PythonGlobal | undefined;
  /** The value behind a persistent id. */
  load(id: PythonValue): PythonValue;
  /** Makes the error for a damaged pickle or one of another kind. */
  refuse(got: string, expected: string, fix?: string): GradloomError;
  /** Makes the error for a global that is not in the table. */
  refuseGlobal(name: string): GradloomError;
}

/** A tuple: what Python can use as a key and a persistent id is made of. */
export class PythonTuple extends Array<PythonValue> {}

const MARK = Symbol('mark');
/** More entries than any checkpoint has; a stack or memo beyond it is an attack. */
const MOST_VALUES = 2 ** 24;

/** Reads the value of a pickle. @throws what `refuse` and `refuseGlobal` make */
export function unpickle(bytes: Uint8Array, options: PickleOptions): PythonValue {
  return new Unpickler(bytes, options).run();
}

class Unpickler {
  private at = 0;
  private readonly stack: PythonValue[] = [];
  private readonly memo = new Map<number, PythonValue>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly options: PickleOptions,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PythonValue {
    for (;;) {
      const start = this.at;
      const opcode = String.fromCharCode(this.bytes[this.take(1)]);
      if (opcode === '.') return this.pop();
      if (!this.literal(opcode) && !this.container(opcode) && !this.object(opcode)) {
        const code = opcode.charCodeAt(0).toString(16).padStart(2, '0');
        throw this.refuse(`opcode 0x${code} at byte ${start} of the pickle`, 'opcodes of protocol 2 to 5');
      }
      if (this.stack.length > MOST_VALUES) throw this.refuse('a pickle of too many values', `${MOST_VALUES}`);
    }
  }

  /** Numbers, texts and other constants; false for other opcodes. */
  private literal(opcode: string): boolean {
    const { view, stack } = this;
    switch (opcode) {
      case '\x80': // PROTO
        if (this.bytes[this.take(1)] > 5)
          throw this.refuse('a pickle of a newer protocol', 'protocol 2 to 5');
        return true;
      case '\x95': // FRAME: framing only helps readers of streams
        this.take(8);
        return true;
      case 'N':
        stack.push(null);
        return true;
      case '\x88':
      case '\x89':
        stack.push(opcode === '\x88');
        return true;
      case 'J':
        stack.push(view.getInt32(this.take(4), true));
        return true;
      case 'K':
        stack.push(this.bytes[this.take(1)]);
        return true;
      case 'M':
        stack.push(view.getUint16(this.take(2), true));
        return true;
      case '\x8a':
        stack.push(this.long(this.size(1)));
        return true;
      case '\x8b':
        stack.push(this.long(this.size(4)));
        return true;
      case 'G': // The one number in big-endian order.
        stack.push(view.getFloat64(this.take(8)));
        return true;
      case 'X':
      case '\x8c':
      case '\x8d':
        stack.push(this.text(this.size(opcode === 'X' ? 4 : opcode === '\x8c' ? 1 : 8)));
        return true;
      case 'T':
      case 'U': // Texts of Python 2.
        stack.push(this.text(this.size(opcode === 'T' ? 4 : 1)));
        return true;
      case 'B':
      case 'C':
      case '\x8e':
      case '\x96':
        stack.push(this.raw(this.size(opcode === 'B' ? 4 : opcode === 'C' ? 1 : 8)));
        return true;
    }
    return false;
  }

  /** Lists, tuples, dicts and sets, and moves of the stack. */
  private container(opcode: string): boolean {
    const { stack } = this;
    switch (opcode) {
      case '(':
        stack.push(MARK);
        return true;
      case '0':
        this.pop();
        return true;
      case '1':
        this.popMark();
        return true;
      case '2':
        stack.push(this.top());
        return true;
      case ']':
        stack.push([]);
        return true;
      case 'a':
        this.extend([this.pop()]);
        return true;
      case 'e':
        this.extend(this.popMark());
        return true;
      case 'l':
        stack.push(this.popMark());
        return true;
      case ')':
        stack.push(new PythonTuple());
        return true;
      case '\x85':
      case '\x86':
      case '\x87': {
        const items = Array.from({ length: opcode.charCodeAt(0) - 0x84 }, () => this.pop());
        stack.push(tuple(items.reverse()));
        return true;
      }
      case 't':
        stack.push(tuple(this.popMark()));
        return true;
      case '}':
        stack.push(new Map());
        return true;
      case 'd': {
        const items = this.popMark();
        stack.push(new Map());
        this.setItems(items);
        return true;
      }
      case 's': {
        const value = this.pop();
        this.setItems([this.pop(), value]);
        return true;
      }
      case 'u':
        this.setItems(this.popMark());
        return true;
      case '\x8f':
        stack.push(new Set());
        return true;
      case '\x90': {
        const items = this.popMark();
        const set = this.top();
        if (!(set instanceof Set)) throw this.refuse('a pickle that adds to what is no set', 'a set');
        for (const item of items) set.add(item);
        return true;
      }
      case '\x91':
        stack.push(new Set(this.popMark()));
        return true;
    }
    return false;
  }

  /** The memo, globals and what they build. */
  private object(opcode: string): boolean {
    const { stack, options } = this;
    switch (opcode) {
      case 'q':
      case 'r':
        this.memo.set(this.size(opcode === 'q' ? 1 : 4), this.top());
        return true;
      case '\x94':
        this.memo.set(this.memo.size, this.top());
        return true;
      case 'h':
      case 'j': {
        const index = this.size(opcode === 'h' ? 1 : 4);
        if (!this.memo.has(index))
          throw this.refuse(`a pickle with no memo ${index}`, 'values memoized before');
        stack.push(this.memo.get(index));
        return true;
      }
      case 'c':
        stack.push(this.global(this.line(), this.line()));
        return true;
      case '\x93': {
        const [name, module] = [this.pop(), this.pop()];
        stack.push(this.global(module, name));
        return true;
      }
      case 'R':
      case '\x81': {
        const [args, callee] = [this.pop(), this.pop()];
        if (!(callee instanceof PythonGlobal) || !callee.call || !(args instanceof PythonTuple)) {
          const got = callee instanceof PythonGlobal ? callee.name : 'no name';
          throw this.refuse(`a pickle that calls ${got}`, 'calls of known names with a tuple');
        }
        stack.push(callee.call(args));
        return true;
      }
      case 'b': // State of what was built: attributes of OrderedDicts, such as `_metadata`, hold no weights.
        this.pop();
        this.top();
        return true;
      case 'Q':
        stack.push(options.load(this.pop()));
        return true;
      case 'i':
      case 'o':
      case 'P':
      case '\x92':
      case '\x82':
      case '\x83':
      case '\x84':
        throw this.refuse('a pickle that builds objects in ways of its own', 'plain data', SAVE_STATE_DICT);
    }
    return false;
  }

  private global(module: unknown, name: unknown): PythonGlobal {
    if (typeof module !== 'string' || typeof name !== 'string') {
      throw this.refuse('a pickle with a global that is no text', 'names of globals');
    }
    const found = this.options.find(module, name);
    if (!found) throw this.options.refuseGlobal(`${module}.${name}`);
    return found;
  }

  private extend(items: readonly PythonValue[]): void {
    const list = this.top();
    if (!Array.isArray(list) || list instanceof PythonTuple) {
      throw this.refuse('a pickle that appends to what is no list', 'a list');
    }
    for (const item of items) list.push(item);
  }

  private setItems(items: readonly PythonValue[]): void {
    const dict = this.top();
    if (!(dict instanceof Map)) throw this.refuse('a pickle that sets items of what is no dict', 'a dict');
    if (items.length % 2) throw this.refuse('a pickle with a key without a value', 'keys and values');
    for (let i = 0; i < items.length; i += 2) dict.set(items[i], items[i + 1]);
  }

  /** The position before the next `count` bytes, which are taken. */
  private take(count: number): number {
    const start = this.at;
    if (!(count <= this.bytes.length - start)) {
      throw this.refuse('a pickle that ends within a value', 'a whole pickle', 'The file is damaged.');
    }
    this.at = start + count;
    return start;
  }

  private size(bytes: 1 | 4 | 8): number {
    const at = this.take(bytes);
    if (bytes === 1) return this.bytes[at];
    return bytes === 4 ? this.view.getUint32(at, true) : Number(this.view.getBigUint64(at, true));
  }

  private raw(size: number): Uint8Array {
    const start = this.take(size);
    return this.bytes.subarray(start, start + size);
  }

  private text(size: number): string {
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.raw(size));
  }

  private line(): string {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw this.refuse('a pickle that ends within a name', 'a whole pickle');
    const line = this.text(end - this.at);
    this.take(1);
    return line;
  }

  /** Two's complement, little-endian; as number where that is exact. */
  private long(size: number): number | bigint {
    if (size > 256) throw this.refuse(`an integer of ${size} bytes`, 'at most 256');
    let value = 0n;
    const digits = this.raw(size);
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(digits[i]);
    if (size > 0 && digits[size - 1] & 0x80) value -= 1n << BigInt(8 * size);
    return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  }

  private top(): PythonValue {
    const { stack } = this;
    if (stack.length === 0 || stack.at(-1) === MARK) throw this.refuse('a pickle without a value', 'a value');
    return stack.at(-1);
  }

  private pop(): PythonValue {
    const value = this.top();
    this.stack.pop();
    return value;
  }

  /** The values since the last mark. */
  private popMark(): PythonValue[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) throw this.refuse('a pickle without a mark', 'a mark');
    const items = this.stack.splice(mark);
    items.shift();
    return items;
  }

  private refuse(
    got: string,
    expected: string,
    fix = 'The file is damaged; write or fetch it again.',
  ): Error {
    return this.options.refuse(got, expected, fix);
  }
}

const tuple = (items: readonly PythonValue[]): PythonTuple => {
  const out = new PythonTuple();
  for (const item of items) out.push(item);
  return out;
};

/** The advice for what holds more than weights. */
export const SAVE_STATE_DICT = 'Save weights only in Python: torch.save(model.state_dict(), path)';

/** A Python value as short text, for errors. */
export const showPython = (value: PythonValue): string =>
  value instanceof PythonGlobal ? value.name : value instanceof Map ? 'a dict' : show(value);
