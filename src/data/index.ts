/** The public API of the data layer. */
export * from './audio';
export {
  CIFAR10_CLASSES,
  CIFAR100_CLASSES,
  CIFAR100_COARSE_CLASSES,
  loadCifar10,
  loadCifar100,
} from './cifar';
export { type CsvOptions, type CsvTable, loadCsv, parseCsv, parseTable } from './csv';
export type { CategoryPolicy, ColumnReader, MissingPolicy } from './csv-columns';
export { type FeatureColumns, parseFeatures } from './csv-features';
export type { FeatureColumn } from './csv-table';
export { ArrayDataset, type ArrayDatasetInit, IGNORED_LABEL } from './dataset';
export { decodeImage } from './decode-image';
export { type DigitsOptions, makeDigits } from './digits';
export { type FolderFiles, type IdxPair, loadFolder, matchFolder } from './folder';
export { type IdxArray, type IdxOptions, loadIdx, parseIdx } from './idx';
export { type DigitImageOptions, type PixelImage, toDigitImage } from './image';
export { type FolderFile, type ImageFolder, type ImageFolderOptions, loadImageFolder } from './image-folder';
export {
  type ImageFit,
  type ImageSource,
  type ImageTensorOptions,
  imageGrid,
  imageTensor,
} from './image-size';
export { type JsonLinesOptions, loadJsonLines, parseJsonLines } from './json-lines';
export * from './loader';
export { decodePng } from './png';
export { makeSeries, type SeriesOptions } from './series';
export { type DataSource, type NamedBytes, readSource } from './source';
export {
  classCounts,
  classWeights,
  type Fold,
  type KFoldOptions,
  kFold,
  oneHot,
  standardized,
  stratifiedSplit,
} from './splits';
export * from './text';
export { openWebcam, type Webcam, type WebcamOptions } from './webcam';
