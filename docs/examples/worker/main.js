const worker = new Worker(new URL('./train.worker.js', import.meta.url), { type: 'module' });
const output = document.querySelector('output');

// Numbers, and their sums to be learned.
const x = Float32Array.from({ length: 128 }, () => Math.random());
const y = Float32Array.from({ length: 64 }, (_, i) => x[2 * i] + x[2 * i + 1]);

worker.onmessage = ({ data: message }) => {
  if (message.type === 'ready') worker.postMessage({ type: 'train', x, y, epochs: 20 });
  if (message.type === 'epoch')
    output.textContent = `Epoch ${message.epoch + 1}: loss ${message.loss.toFixed(3)}`;
  if (message.type === 'done') output.textContent = `Trained ${Object.keys(message.state).join(', ')}`;
};
worker.onerror = ({ message }) => {
  output.textContent = message;
};
