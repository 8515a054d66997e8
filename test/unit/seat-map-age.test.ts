import fc from 'fast-check';
import { nextMapInMs } from '../../src/seats/index.ts';
import { nextLookMs } from '../../src/web/shop/next-look.ts';

const SECOND_MS = 1_000;
/** Times are told in whole ms, rounded up. */
const ROUNDING_MS = 1;
/** After enough questions somebody has read anew. */
const FRESH = { ageMs: 0 };

/** How old the map is that the asked process has: any age below a second, as others' questions made it. */
interface Reading {
  ageMs: number;
}

/** One watcher: when the map with a change is on the screen. Each question goes to some process. */
function shownAtMs(options: {
  changedAtMs: number;
  firstAskMs: number;
  wayMs: number;
  readings: Reading[];
}): number {
  let askMs = options.firstAskMs;
  for (const { ageMs } of options.readings) {
    const answeredAtMs = askMs + options.wayMs;
    const readAtMs = answeredAtMs - ageMs;
    const receivedAtMs = answeredAtMs + options.wayMs;
    if (readAtMs >= options.changedAtMs) return receivedAtMs;
    askMs = receivedAtMs + nextLookMs(String(nextMapInMs({ readAtMs }, answeredAtMs)));
  }
  return Number.POSITIVE_INFINITY;
}

describe('the age of the seats in the shop', () => {
  const age = fc.double({ min: 0, max: SECOND_MS, noNaN: true, maxExcluded: true });

  it('is never above a second and the way, whatever process answers and whenever it has read', () => {
    const ages = fc.array(age, { minLength: 20, maxLength: 20 });
    const way = fc.double({ min: 0, max: 300, noNaN: true });
    fc.assert(
      fc.property(ages, way, age, (others, wayMs, afterMs) => {
        const first = { ageMs: 0 };
        const changedAtMs = wayMs + afterMs;
        const readings = [first, ...others.map((ageMs) => ({ ageMs })), FRESH];
        const lateMs = shownAtMs({ changedAtMs, firstAskMs: 0, wayMs, readings }) - changedAtMs;
        // The answer that did not have it yet comes back, the next question goes, its answer comes.
        expect(lateMs).toBeLessThanOrEqual(SECOND_MS + 3 * wayMs + ROUNDING_MS);
      }),
      { numRuns: 2_000 },
    );
  });

  it('reaches a second, and no more, for a change right behind the reading', () => {
    const readings = [{ ageMs: 0 }, { ageMs: 0 }];
    expect(shownAtMs({ changedAtMs: 0.001, firstAskMs: 0, wayMs: 0, readings })).toBe(SECOND_MS);
    // Who came in the middle of that second asks again at its end, not a second later.
    const midway = [{ ageMs: 400 }, { ageMs: 0 }];
    expect(shownAtMs({ changedAtMs: 0.001, firstAskMs: 400, wayMs: 0, readings: midway })).toBe(
      SECOND_MS,
    );
  });

  it('asks once a second of an API that does not tell, and never in a row', () => {
    for (const header of [null, '', '0', '-5', 'soon', '60000']) {
      expect(nextLookMs(header)).toBe(SECOND_MS);
    }
    expect(nextLookMs('1')).toBe(1);
    expect(nextMapInMs({ readAtMs: 0 }, 5_000)).toBe(1);
  });
});
