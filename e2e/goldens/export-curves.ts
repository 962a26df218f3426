/** Writes what the loss curves start from to a JSON file for curves.py: `npx tsx e2e/goldens/export-curves.ts <file>`. */
import { writeFileSync } from 'node:fs';
import { curveOptimizers, curveSettings, makeCurveStart } from './curves';

const [file] = process.argv.slice(2);
if (!file) {
  console.error('usage: npx tsx e2e/goldens/export-curves.ts <file>');
  process.exit(2);
}

/** A tensor as JSON: base64 of little-endian float32 or int32. */
const encode = ({ shape, data }: { shape: number[]; data: Float32Array | Int32Array }) => ({
  shape,
  data: Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64'),
});

const models = (['lenet', 'mlp'] as const).map((model) => {
  const { layers, stateDict, x, y } = makeCurveStart(model, curveSettings);
  return {
    model,
    layers,
    stateDict: Object.fromEntries(Object.entries(stateDict).map(([key, tensor]) => [key, encode(tensor)])),
    x: encode(x),
    y: encode(y),
  };
});
writeFileSync(file, JSON.stringify({ settings: curveSettings, optimizers: curveOptimizers, models }));
