import { readOptions } from '../../scripts/load-test/options.ts';
import type { LoadReport } from '../../scripts/load-test/summary.ts';
import { judge } from '../../scripts/load-test/verdict.ts';

const latency = { p50: 1, p90: 2, p99: 30, p999: 40, max: 50 };

function report(changes: Partial<LoadReport> = {}): LoadReport {
  return {
    at: '2030-01-01T00:00:00.000Z',
    options: {},
    seconds: 10,
    cutShort: false,
    answersPerSecond: 1,
    operations: [
      { operation: 'poll', count: 1, corrected: latency, service: latency, codes: { OK: 1 } },
    ],
    faults: {},
    errorRate: 0,
    sale: {
      seats: 10,
      soldOnMap: 10,
      soldToBuyers: 10,
      soldOutSeconds: 5,
      idealSeconds: 4.5,
      overrun: 1.11,
    },
    capacity: 5,
    seen: {
      entered: 10,
      shoppingMax: 5,
      soldTwice: 0,
      purchases: 10,
      collisions: 0,
      inversions: 0,
      numberRises: 0,
      lostPlaces: 0,
      judged: 9,
    },
    audit: {
      seatsSold: 10,
      seatsSoldTwice: 0,
      slotsHeldMax: 5,
      inversions: 0,
      noShows: 0,
      slotIdleMs: { p50: 1, p99: 2 },
    },
    line: { samples: 9, slotsMax: 5 },
    eta: {
      promises: 0,
      endedBySellOut: 0,
      brokenUncalled: 0,
      coverage: undefined,
      medianError: undefined,
    },
    waits: [],
    processes: [],
    timeline: [],
    ...changes,
  };
}

const broken = (changes: Partial<LoadReport>, ...flags: string[]): string[] =>
  judge(report(changes), readOptions(flags))
    .filter((check) => !check.ok)
    .map((check) => check.title);

describe('the gate of the load test', () => {
  const { seen, audit, sale } = report();
  if (!audit) throw new Error('the sample has an audit');

  it('lets a run pass that kept everything', () => {
    expect(broken({})).toEqual([]);
    expect(broken({ audit: undefined, line: undefined })).toEqual([]);
  });

  it.each([
    ['seats sold twice', { seen: { ...seen, soldTwice: 1 } }],
    ['seats sold twice', { audit: { ...audit, seatsSoldTwice: 1 } }],
    ['slots held at once', { seen: { ...seen, shoppingMax: 6 } }],
    ['slots held at once', { audit: { ...audit, slotsHeldMax: 6 } }],
    ['slots held at once', { line: { samples: 1, slotsMax: 6 } }],
    ['people let in after somebody who came later', { seen: { ...seen, inversions: 1 } }],
    ['people let in after somebody who came later', { seen: { ...seen, judged: 0 } }],
    ['people let in after somebody who came later', { audit: { ...audit, inversions: 1 } }],
    ['numbers that rose', { seen: { ...seen, numberRises: 1 } }],
    ['places lost by people who polled as told', { seen: { ...seen, lostPlaces: 1 } }],
    ['answers outside the documented refusals', { errorRate: 0.001 }],
    ['seats sold, as buyers, map and record have it', { sale: { ...sale, soldOnMap: 9 } }],
    ['seats sold, as buyers, map and record have it', { sale: { ...sale, soldOnMap: undefined } }],
    ['seats sold, as buyers, map and record have it', { audit: { ...audit, seatsSold: 11 } }],
    ['sold out, against what slots and think time allow', { sale: { ...sale, overrun: 1.21 } }],
  ])('is closed by: %s', (title, changes) => {
    expect(broken(changes)).toEqual([title]);
  });

  it('keeps the limits that its caller sets', () => {
    expect(broken({ sale: { ...sale, overrun: 1.5 } }, '--max-overrun', '2')).toEqual([]);
    expect(broken({}, '--max-p99', '29')).toEqual(['poll p99, corrected']);
    expect(broken({}, '--max-p99', '31')).toEqual([]);
  });
});
