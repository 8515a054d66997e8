import fc from 'fast-check';
import { isoTime } from '../../src/platform/iso-time.ts';

describe('isoTime', () => {
  it('writes every time as Date does, whatever was asked before', () => {
    const ms = fc.oneof(
      fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
      // Seconds that share a place in its memory.
      fc.nat(2_000_000).map((offset) => 1_700_000_000_000 + offset),
      fc.nat(20_000).map((multiple) => multiple * 256_000),
      fc.nat(5_000).map((offset) => -offset),
    );
    fc.assert(
      fc.property(fc.array(ms, { minLength: 2 }), (times) => {
        for (const time of times) expect(isoTime(time)).toBe(new Date(time).toISOString());
      }),
    );
  });
});
