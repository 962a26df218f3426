/** The public API of the data layer. */
export { CIFAR10_CLASSES, loadCifar10 } from './cifar';
export { type CsvOptions, loadCsv, parseCsv } from './csv';
export { ArrayDataset, type ArrayDatasetInit, IGNORED_LABEL } from './dataset';
export { decodeImage } from './decode-image';
export { type DigitsOptions, makeDigits } from './digits';
export { type FolderFiles, type IdxPair, loadFolder, matchFolder } from './folder';
export { type IdxArray, type IdxOptions, loadIdx, parseIdx } from './idx';
export { type DigitImageOptions, type PixelImage, toDigitImage } from './image';
export { decodePng } from './png';
export { makeSeries, type SeriesOptions } from './series';
export { type DataSource, type NamedBytes, readSource } from './source';
export * from './text';
