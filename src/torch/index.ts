/** The way to PyTorch: `exportTorch` writes a folder with which a run goes on there. */
export { exportTorch, type TorchExport, type TorchExportOptions } from './export';
