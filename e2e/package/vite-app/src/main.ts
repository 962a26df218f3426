// Trains on the page, or in a module worker.
if (location.search === '?worker') {
  new Worker(new URL('./train.ts', import.meta.url), { type: 'module' });
} else {
  await import('./train.ts');
}
