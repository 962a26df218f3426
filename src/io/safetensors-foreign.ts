/** What a file is that somebody took for one of another format, by its first bytes. */

/** First bytes of other formats, what they are, and what to do with them. */
const FORMATS: readonly { starts: readonly number[]; what: string; fix?: string }[] = [
  {
    starts: [0x50, 0x4b, 0x03, 0x04],
    what: 'a zip archive, as torch.save writes (.pt, .pth) or .keras and .npz are',
    fix: 'Read it with readTorch, or with readNpz where it is of NumPy',
  },
  { starts: [0x80, 0x02], what: 'a pickle, as older torch.save wrote (.pt, .pth, .bin)' },
  { starts: [0x1f, 0x8b], what: 'gzip', fix: 'Unpack it first: readSource does, as gunzip' },
  { starts: [0x89, 0x48, 0x44, 0x46], what: 'HDF5, as Keras writes (.h5)' },
  {
    starts: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59],
    what: 'an array of NumPy (.npy)',
    fix: 'Read it with readNpy',
  },
  { starts: [0x47, 0x47, 0x55, 0x46], what: 'GGUF' },
  { starts: [0x89, 0x50, 0x4e, 0x47], what: 'a PNG image' },
];

const CONVERT =
  'Convert it in Python: safetensors.torch.save_file({k: v.contiguous() for k, v in model.state_dict().items()}, path)';

/** What the bytes are instead, with a fix; undefined when it is not known. */
export function foreignFormat(bytes: Uint8Array): { what: string; fix: string } | undefined {
  // A brace behind the length of a header, whose first bytes may look like anything.
  if (bytes[8] === 0x7b && bytes[7] === 0)
    return { what: 'safetensors', fix: 'Read it with readSafetensors' };
  const known = FORMATS.find(({ starts }) => starts.every((byte, i) => bytes[i] === byte));
  if (known) return { what: known.what, fix: known.fix ?? CONVERT };
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 256)).replace(/^ï»¿/, '').trimStart();
  if (/^<(!doctype|html|head|body|\?xml|!--)/i.test(start)) {
    const fix = 'Check the address: servers answer so where a file is missing';
    return { what: 'a web page (HTML)', fix };
  }
  if (start.startsWith('version https://git-lfs')) {
    return { what: 'a pointer of Git LFS, not the file itself', fix: 'Fetch the file: git lfs pull' };
  }
  if (/^[{[]/.test(start)) return { what: 'JSON', fix: 'Give the .safetensors file that belongs to it' };
  return undefined;
}
