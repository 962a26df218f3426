/**
 * Tests: `*.node.test.ts` in Node without a GPU; `*.gpu.test.ts` in Chromium (project `chromium`) and, the same files, in
 * Node with Dawn: on OpenGL ES at the compatibility level (project `gles`, Linux) and on Vulkan (project `dawn`, which
 * `npm run check` leaves out: on SwiftShader it is what Chromium runs); `*.browser.test.ts` only in Chromium;
 * `*.e2e.test.ts` drive a browser from Node. The projects run one after the other: each GPU test keeps all cores of a
 * CPU adapter busy.
 */
import { platform } from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumArgs, findBrowser, findLavapipeIcd, findSwiftshaderIcd } from './src/cli/browser.mjs';
import viteConfig from './vite.config.ts';

const { executablePath } = (await findBrowser()) ?? {};
const lavapipe = findLavapipeIcd();
const icd = process.env.GRADLOOM_ICD ?? (lavapipe?.usableByDawn ? lavapipe.path : findSwiftshaderIcd());

/** GPU tests in Node. */
const inNode = {
  include: ['{src,e2e}/**/*.gpu.test.ts'],
  pool: 'forks' as const,
  execArgv: ['--expose-gc'],
  sequence: { groupOrder: 2 },
  testTimeout: 120_000,
  hookTimeout: 60_000,
};

/** Mesa's OpenGL ES without a display or GPU (Debian: libegl1 libgles2 libgl1-mesa-dri). */
const gles = {
  GRADLOOM_DAWN: 'opengles',
  EGL_PLATFORM: 'surfaceless',
  LIBGL_ALWAYS_SOFTWARE: '1',
};

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
      { extends: true, test: { name: 'dawn', ...inNode, env: icd ? { VK_ICD_FILENAMES: icd } : {} } },
      ...(platform() === 'linux'
        ? [{ extends: true, test: { name: 'gles', ...inNode, env: gles } } as const]
        : []),
      {
        extends: true,
        // Known from the start: a package found later would reload the page in the middle of a run.
        optimizeDeps: { include: ['fast-check', 'wgsl_reflect/wgsl_reflect.module.js'] },
        test: {
          name: 'chromium',
          include: ['{src,e2e}/**/*.{gpu,browser}.test.ts'],
          // Long axes and NaN are about drivers, stored cases about the reference, models and decoding about what is made
          // of ops: Node runs them. The playground's pages have end-to-end tests.
          exclude: [
            '**/src/ops/{long,nan-places,self-check.cases}.gpu.test.ts',
            '**/src/{models,generate,playground}/**/*.gpu.test.ts',
            '**/e2e/textbook.gpu.test.ts',
            // Reads the guides from disk; starts Python.
            '**/e2e/guides.gpu.test.ts',
            '**/e2e/torch/*.gpu.test.ts',
            '**/node_modules/**',
          ],
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
          // Most of their time is one process starting: two at once.
          maxWorkers: 2,
        },
      },
    ],
  },
});
