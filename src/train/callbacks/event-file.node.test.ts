/** Event files read back by the format: lengths, checksums, fields of protocol buffers. */
import { expect, it } from 'vitest';
import { eventsIn } from '../../../e2e/support/event-file';
import { crc32, crc32c } from '../../crc32';
import { scalarsRecord, versionRecord } from './event-file';

const ascii = (text: string) => new TextEncoder().encode(text);

it('checksums are those of the standards', () => {
  expect(crc32c(ascii('123456789'))).toBe(0xe3069283);
  expect(crc32(ascii('123456789'))).toBe(0xcbf43926);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

it('records hold what was written', () => {
  const time = 1_700_000_000.25;
  const first = versionRecord(time);
  const second = scalarsRecord({ 'batch/loss': 0.5, 'epoch/Größe': Number.NaN }, 2 ** 33 + 5, time + 1);
  const file = new Uint8Array([...first, ...second]);
  expect(eventsIn(file)).toEqual([
    { time, step: undefined, version: 'brain.Event:2', scalars: {} },
    {
      time: time + 1,
      step: 2 ** 33 + 5,
      version: undefined,
      scalars: { 'batch/loss': 0.5, 'epoch/Größe': Number.NaN },
    },
  ]);
});
