/**
 * Tests: `*.node.test.ts` in Node without a GPU; `*.gpu.test.ts` in Node with Dawn (project `dawn`) and, the same
 * files, in Chromium (project `chromium`); `*.browser.test.ts` only in Chromium; `*.e2e.test.ts` drive a browser
 * from Node. The projects run one after the other: each GPU test keeps all cores of a software adapter busy.
 */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findBrowser, findLavapipeIcd, findSwiftshaderIcd } from './src/cli/browser.mjs';
import viteConfig from './vite.config.ts';

const { executablePath } = (await findBrowser()) ?? {};
const lavapipe = findLavapipeIcd();
const icd = process.env.GRADLOOM_ICD ?? (lavapipe?.usableByDawn ? lavapipe.path : findSwiftshaderIcd());

export default defineConfig({
  ...viteConfig,
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          include: ['{src,scripts,e2e}/**/*.node.test.ts'],
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'dawn',
          include: ['{src,e2e}/**/*.gpu.test.ts'],
          env: icd ? { VK_ICD_FILENAMES: icd } : {},
          pool: 'forks',
          execArgv: ['--expose-gc'],
          sequence: { groupOrder: 2 },
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // Known from the start: a package found later would reload the page in the middle of a run.
        optimizeDeps: { include: ['fast-check', 'wgsl_reflect/wgsl_reflect.module.js'] },
        test: {
          name: 'chromium',
          include: ['{src,e2e}/**/*.{gpu,browser}.test.ts'],
          // Long axes are about Mesa's driver: Firefox runs them on it, Node for the values.
          exclude: ['**/src/ops/long.gpu.test.ts', '**/node_modules/**'],
          sequence: { groupOrder: 1 },
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
          // A driver that does not answer costs seconds each time a browser starts.
          env: { GRADLOOM_ADAPTER: process.env.GRADLOOM_ADAPTER ?? 'swiftshader' },
          sequence: { groupOrder: 3 },
          testTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
