/** Folders of images for the command line: PNG is decoded here, other formats by the browser's decoder. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArrayDataset } from '../data/dataset';
import { type ImageFolder, isImagePath, loadImageFolder } from '../data/image-folder';
import { GradloomError } from '../errors';
import { notify } from './browser-flags';
import { inPage } from './in-page';
import type { BrowserFlags } from './launch';
import { type ImageOptions, TRAIN_PAGE } from './protocol';

/** The flags that say how to read images. */
export interface ImageFlags {
  /** Height and width. */
  imageSize?: [number, number];
  gray?: boolean;
}

/** Height and width of images that differ in size, where nothing is told. */
const USUAL_SIZE: [number, number] = [64, 64];

/** The paths of the images below a folder, with `/` between their parts. */
export const imagePaths = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.includes('/') && isImagePath(path));

/** Reads the images of a folder by class; says what became of their sizes. */
export async function readImages(
  folder: string,
  paths: readonly string[],
  flags: ImageFlags & Partial<BrowserFlags>,
): Promise<ImageFolder & { notes: string[] }> {
  const options: ImageOptions = { size: flags.imageSize, channels: flags.gray ? 1 : 3 };
  try {
    return { ...(await read(folder, paths, options, flags)), notes: [] };
  } catch (error) {
    const differ = error instanceof Error && /expected images of one size/.test(error.message);
    if (!differ || flags.imageSize) throw error;
    const images = await read(folder, paths, { ...options, size: USUAL_SIZE }, flags);
    const notes = [
      `images differ in size: their middle is resized to ${USUAL_SIZE.join('x')} (--image-size)`,
    ];
    return { ...images, notes };
  }
}

function read(
  folder: string,
  paths: readonly string[],
  options: ImageOptions,
  flags: Partial<BrowserFlags>,
): Promise<ImageFolder> {
  const bytesOf = (path: string) => new Uint8Array(readFileSync(join(folder, path)));
  if (paths.every((path) => /\.png$/i.test(path))) {
    return loadImageFolder(
      paths.map((name) => ({ name, read: async () => bytesOf(name) })),
      options,
    );
  }
  return readInPage(paths, bytesOf, options, flags as BrowserFlags);
}

/** JPEG and the like: all images of the folder are read in the page. */
async function readInPage(
  paths: readonly string[],
  bytesOf: (path: string) => Uint8Array,
  options: ImageOptions,
  flags: BrowserFlags,
): Promise<ImageFolder> {
  notify(`Decoding ${paths.length} images in the browser ...`);
  const uploads: Uint8Array[] = [];
  const names = new Map(paths.map((path, i) => [`image.${i}`, path]));
  // Each is read when the page asks for it.
  const files = new Map<string, Uint8Array>();
  files.get = (name) => {
    const path = names.get(name);
    return path === undefined ? undefined : bytesOf(path);
  };
  const served = {
    page: TRAIN_PAGE,
    readyName: 'gradloomImages',
    files,
    onUpload: (bytes: Uint8Array) => void uploads.push(bytes),
  };
  const parts = await inPage(flags, served, (page) =>
    page.evaluate((request) => window.gradloomImages(request), { names: [...paths], options }),
  );
  const folder = parts.map(({ part, xShape, y, classes, name }, i) => {
    return [part, ArrayDataset.fromArrays({ x: uploads[i], xShape, y: Int32Array.from(y), classes, name })];
  });
  return Object.fromEntries(folder) as ImageFolder;
}

/** Height and width from `64` or `48x64`. @throws GradloomError `argument` for anything else. */
export function imageSizeOf(text: string): [number, number] {
  const [, height, width = height] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? [];
  const size: [number, number] = [Number(height), Number(width)];
  if (size.every((n) => n > 0 && n <= 4096)) return size;
  const expected = 'height and width from 1 to 4096, such as 64 or 48x64';
  throw new GradloomError({ code: 'argument', op: 'train', argument: '--image-size', got: text, expected });
}

/** Error `argument`: flags of image folders for other data. */
export function refuseImageFlags(source: string, { imageSize, gray }: ImageFlags): void {
  const argument = imageSize ? '--image-size' : gray ? '--gray' : undefined;
  if (argument === undefined) return;
  const got = `given, for ${source}`;
  throw new GradloomError({
    code: 'argument',
    op: 'train',
    argument,
    got,
    expected: 'a folder of images with it',
  });
}
