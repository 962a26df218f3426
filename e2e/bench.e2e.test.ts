// The benchmark for real, on one small workload and without the libraries to compare with.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { projectRoot } from '../src/cli/setup.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gradloom-bench-test-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function bench(...options: string[]) {
  const args = ['--import', 'tsx', 'e2e/bench/main.ts', '--libraries', 'gradloom', '--quick', ...options];
  return spawnSync(process.execPath, args, { cwd: projectRoot, encoding: 'utf8' });
}

it('measures a training workload in the browser and writes figures and chart', () => {
  const [json, svg] = ['out.json', 'out.svg'].map((name) => join(folder, name));
  const { status, stdout, stderr } = bench('--workloads', 'mlp-s', '--json', json, '--svg', svg);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/ceiling: [\d.]+ GFLOP\/s/);
  expect(stdout).toMatch(/mlp-s +gradloom/);
  const { ceiling, rows } = JSON.parse(readFileSync(json, 'utf8'));
  expect(ceiling.gflops).toBeGreaterThan(0);
  const { measured } = rows[0].outcome;
  expect(measured.losses.at(-1)[1]).toBeLessThan(measured.losses[0][1]);
  expect(measured.fenced.median).toBeGreaterThan(0);
  expect(measured.pipelined.median).toBeGreaterThan(0);
  // Steady training creates nothing and submits once per step.
  expect(measured.perStep).toMatchObject({ submits: 1, passes: 1, buffers: 0, bindGroups: 0 });
  expect(measured.perStep.dispatches).toBeGreaterThan(0);
  expect(measured.peakBytes).toBeGreaterThan(1e4);
  expect(measured.script).toBeGreaterThan(0);
  expect(readFileSync(svg, 'utf8')).toContain('mlp-s');
});

it('measures in Node with Dawn', () => {
  const { status, stdout, stderr } = bench('--host', 'dawn', '--workloads', 'mlp-s');
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(stdout).toMatch(/mlp-s +gradloom +[\d.]+/);
});

it('names what exists when a workload does not', () => {
  const { status, stderr } = bench('--workloads', 'vgg');
  expect(status).toBe(1);
  expect(stderr).toContain('There is no vgg; there are mlp-s');
});
