import { expect, it } from 'vitest';
import { deviceReport } from './device-report';

it('sums up the cases of an op, and keeps what failed in full', () => {
  const result = { op: 'add', passed: true, worstError: 1.234e-7, milliseconds: 1.04, name: 'add 0' };
  const report = deviceReport(
    { adapter: { vendor: 'v' }, features: ['subgroups', 'shader-f16'], browser: 'a browser' },
    {
      passed: 2,
      failed: 1,
      results: [
        result,
        { ...result, name: 'add 1', passed: false, worstError: 0.5, message: 'y[0]' },
        { ...result, op: 'abs', name: 'abs 0' },
      ],
    },
  );
  expect(report).toMatchObject({
    format: 'gradloom-device-report',
    date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    adapter: { vendor: 'v' },
    features: ['shader-f16', 'subgroups'],
    passed: 2,
    failed: 1,
    ops: [
      { op: 'add', passed: 1, failed: 1, worstError: 0.5, milliseconds: 2.1 },
      { op: 'abs', passed: 1, failed: 0, worstError: 1.2e-7, milliseconds: 1 },
    ],
    failures: [{ name: 'add 1', message: 'y[0]' }],
  });
});
