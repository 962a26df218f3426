/** Icons as files: pages under a content security policy of `default-src 'self'` load no `data:` URIs. */
import type { Plugin } from 'vite';

const DATA_URI = /url\((["']?)data:image\/svg\+xml,(.*?)\1\)/g;

/** Moves the SVG images in built style sheets into files beside them. */
export function dataUrisAsFiles(): Plugin {
  return {
    name: 'gradloom-data-uris',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) continue;
        file.source = String(file.source).replace(DATA_URI, (_match, _quote, encoded: string) => {
          const id = this.emitFile({ type: 'asset', name: 'icon.svg', source: decodeURIComponent(encoded) });
          return `url(./${this.getFileName(id).split('/').at(-1)})`;
        });
      }
    },
  };
}
