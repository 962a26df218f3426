/**
 * Tests: `*.node.test.ts` in Node without a GPU; `*.gpu.test.ts` in Node with Dawn (project `dawn`) and, the same
 * files, in Chromium (project `chromium`); `*.browser.test.ts` only in Chromium; `*.e2e.test.ts` drive a browser
 * from Node.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findBrowser, findLavapipeIcd, findSwiftshaderIcd } from './scripts/browser.mjs';
import viteConfig from './vite.config.ts';

const { executablePath } = (await findBrowser()) ?? {};
const lavapipe = findLavapipeIcd();
const icd = process.env.GRADLOOM_ICD ?? (lavapipe?.usableByDawn ? lavapipe.path : findSwiftshaderIcd());

export default defineConfig({
  ...viteConfig,
  test: {
    projects: [
      { extends: true, test: { name: 'node', include: ['{src,scripts,e2e}/**/*.node.test.ts'] } },
      {
        extends: true,
        test: {
          name: 'dawn',
          include: ['{src,e2e}/**/*.gpu.test.ts'],
          env: icd ? { VK_ICD_FILENAMES: icd } : {},
          pool: 'forks',
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // Known from the start: a package found later would reload the page in the middle of a run.
        optimizeDeps: { include: ['zod', 'fast-check'] },
        test: {
          name: 'chromium',
          include: ['{src,e2e}/**/*.{gpu,browser}.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath, args: chromiumArgs({ software: true }) },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.e2e.test.ts'],
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
