/** Folders of images by class, as torchvision's ImageFolder and ImageNet have them. */
import { checkOptions } from '../checks';
import { GradloomError, showValue } from '../errors';
import { ArrayDataset } from './dataset';
import { decodeImage } from './decode-image';
import type { PixelImage } from './image';
import { checkImageOptions, IMAGE_TENSOR_OPTIONS, type ImageTensorOptions, imageBytes } from './image-size';
import type { NamedBytes } from './source';

/** A file of a folder: a `File` (of `<input webkitdirectory>` or a drop), bytes with their path, or a handle that gives the file. */
export type FolderFile = File | NamedBytes | { name: string; read(): Promise<Uint8Array> };

export interface ImageFolderOptions extends ImageTensorOptions {
  name?: string;
  /** Decodes files in place of {@link decodeImage}, which in Node reads PNG alone. */
  decode?(file: NamedBytes): Promise<PixelImage>;
  /** Told after each image. */
  onProgress?(done: number, total: number): void;
}

/** The parts of a folder: all of it is `train` where no folder is called train, val or test. */
export interface ImageFolder {
  train: ArrayDataset;
  validation?: ArrayDataset;
  test?: ArrayDataset;
}

type Part = keyof ImageFolder;

/** Names of the folders of parts. */
const PARTS: Readonly<Record<string, Part>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
};
const IMAGE = /\.(png|jpe?g|jfif|gif|webp|bmp|avif)$/i;
/** Images that are decoded at the same time. */
const AT_ONCE = 8;

const refuse = (argument: string, got: string, expected: string, fix?: string) =>
  new GradloomError({ code: 'data', op: 'loadImageFolder', argument, got, expected, fix });

/** Whether a path is that of an image, by its name. */
export const isImagePath = (path: string): boolean => IMAGE.test(path) && !baseOf(path).startsWith('.');

/**
 * Images whose class is the name of their folder: `cats/1.png`, or with parts `train/cats/1.png`, `val/cats/2.png`. Classes are
 * numbered in the order of their names. Other files are left out. Images become `[channels, height, width]` bytes, upright, in
 * front of the background, at one size.
 * @throws GradloomError (code `data`): no images, images in no folder, a class that only another part than train has, a broken image (says
 * which), images of different sizes where no `size` is given.
 */
export async function loadImageFolder(
  source: readonly FolderFile[] | FileSystemDirectoryHandle,
  options: ImageFolderOptions = {},
): Promise<ImageFolder> {
  checkOptions('loadImageFolder', options, [...IMAGE_TENSOR_OPTIONS, 'name', 'decode', 'onProgress']);
  checkImageOptions('loadImageFolder', options);
  const files = Array.isArray(source) ? source : await filesOf(source as FileSystemDirectoryHandle);
  const placed = placesOf(files);
  const classes = [
    ...new Set(placed.filter(({ part }) => part === 'train').map(({ label }) => label)),
  ].sort();
  const stranger = placed.find(({ label }) => !classes.includes(label));
  if (classes.length === 0) throw refuse('train', 'missing', 'a folder train beside the others');
  if (stranger) {
    throw refuse(
      stranger.path,
      `class ${stranger.label}, which train does not have`,
      `one of ${classes.join(', ')}`,
    );
  }
  const result: Partial<ImageFolder> = {};
  const { onProgress, name = 'images' } = options;
  let done = 0;
  let shape: Shaped | undefined;
  for (const part of ['train', 'validation', 'test'] as const) {
    const wanted = placed.filter((file) => file.part === part);
    if (wanted.length === 0) continue;
    const made: Uint8Array[] = [];
    for (let start = 0; start < wanted.length; start += AT_ONCE) {
      const decoded = await Promise.all(
        wanted
          .slice(start, start + AT_ONCE)
          .map(async ({ file, path }) => ({ path, ...(await read(file, path, options)) })),
      );
      for (const image of decoded) {
        shape ??= image;
        checkSize(image, shape);
        made.push(image.bytes);
        done++;
        onProgress?.(done, placed.length);
      }
    }
    const x = new Uint8Array(made.length * made[0].length);
    for (const [i, bytes] of made.entries()) x.set(bytes, i * bytes.length);
    result[part] = ArrayDataset.fromArrays({
      x,
      xShape: [options.channels ?? 3, shape!.height, shape!.width],
      y: Int32Array.from(wanted, ({ label }) => classes.indexOf(label)),
      classes,
      name: part === 'train' ? name : `${name} (${part})`,
    });
  }
  return result as ImageFolder;
}

interface Shaped {
  path: string;
  height: number;
  width: number;
  bytes: Uint8Array;
}

function checkSize(image: Shaped, first: Shaped): void {
  if (image.height === first.height && image.width === first.width) return;
  const got = `${image.height}x${image.width}, where ${first.path} is ${first.height}x${first.width}`;
  throw refuse(image.path, got, 'images of one size', 'Give size: images are cut and resized to it');
}

async function read(
  file: FolderFile,
  path: string,
  options: ImageFolderOptions,
): Promise<Omit<Shaped, 'path'>> {
  const { decode, channels, fit, background } = options;
  const bytes = await bytesOf(file);
  const image = await (decode ?? decodeImage)({ name: path, bytes });
  const { size = [image.height, image.width] } = options;
  const [height, width] = typeof size === 'number' ? [size, size] : size;
  return { height, width, bytes: imageBytes(image, { size: [height, width], channels, fit, background }) };
}

async function bytesOf(file: FolderFile): Promise<Uint8Array> {
  if ('bytes' in file && file.bytes instanceof Uint8Array) return file.bytes;
  if ('read' in file) return file.read();
  return new Uint8Array(await (file as File).arrayBuffer());
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

function pathOf(file: unknown): string {
  const { webkitRelativePath, name } = (file ?? {}) as { webkitRelativePath?: string; name?: unknown };
  if (typeof name !== 'string') throw refuse('files', showValue(file), 'files, or bytes with their paths');
  return (webkitRelativePath || name).replaceAll('\\', '/').replace(/^\.?\//, '');
}

/** Part and class of each image, in the order of the paths. */
function placesOf(
  files: readonly FolderFile[],
): { file: FolderFile; path: string; part: Part; label: string }[] {
  const images = files
    .map((file) => ({ file, path: pathOf(file) }))
    .filter(({ path }) => isImagePath(path))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((image) => ({ ...image, folders: image.path.split('/').slice(0, -1) }));
  if (images.length === 0) {
    const got = files.length === 0 ? 'no files' : `${files.length} files, none of them an image`;
    throw refuse('files', got, 'images in folders that are called like their classes');
  }
  const partAt = (folders: readonly string[]) =>
    folders.findIndex((folder) => Object.hasOwn(PARTS, folder.toLowerCase()));
  const hasParts = images.some(({ folders }) => {
    const at = partAt(folders);
    return at >= 0 && PARTS[folders[at].toLowerCase()] === 'train' && at + 1 < folders.length;
  });
  // Folders that hold everything say nothing, unless there is one class alone.
  let shared = 0;
  const first = images[0].folders;
  while (shared < first.length && images.every(({ folders }) => folders[shared] === first[shared])) shared++;
  return images.flatMap(({ file, path, folders }) => {
    const at = hasParts ? partAt(folders) : -1;
    if (hasParts && at < 0) return [];
    const label = hasParts
      ? folders[at + 1]
      : (folders[shared] ?? (shared > 0 ? folders[shared - 1] : undefined));
    if (label === undefined) {
      throw refuse(path, 'in no folder of a class', 'images in folders that are called like their classes');
    }
    const part = hasParts ? PARTS[folders[at].toLowerCase()] : 'train';
    return [{ file, path, part, label }];
  });
}

/** The files below a directory, with their paths; each is read when it is decoded. */
async function filesOf(directory: FileSystemDirectoryHandle): Promise<FolderFile[]> {
  if (typeof directory?.entries !== 'function') {
    throw refuse('source', showValue(directory), 'a list of files, or a FileSystemDirectoryHandle');
  }
  const found: FolderFile[] = [];
  const walk = async (folder: FileSystemDirectoryHandle, path: string): Promise<void> => {
    for await (const [name, handle] of folder.entries()) {
      if (handle.kind === 'directory') await walk(handle as FileSystemDirectoryHandle, `${path}${name}/`);
      else {
        const read = async () =>
          new Uint8Array(await (await (handle as FileSystemFileHandle).getFile()).arrayBuffer());
        found.push({ name: `${path}${name}`, read });
      }
    }
  };
  await walk(directory, '');
  return found;
}
