import { arrivalTimesMs, createChance } from '../../scripts/load-test/arrivals.ts';
import { idealLastSaleMs } from '../../scripts/load-test/ideal-time.ts';
import { createObserver, type SeenPlace } from '../../scripts/load-test/observer.ts';
import { helpText, readOptions } from '../../scripts/load-test/options.ts';
import { createRecorder } from '../../scripts/load-test/recorder.ts';
import { called, countInversions, peakOf, slotsHeld } from '../../scripts/load-test/replay.ts';

const CLAIM_MS = 20_000;

function place(seq: number, changes: Partial<SeenPlace> = {}): SeenPlace {
  return {
    customerId: seq,
    seq,
    enteredAtMs: 0,
    askedAtMs: performance.now(),
    seenAtMs: performance.now(),
    lastNumber: Number.POSITIVE_INFINITY,
    pauseMaxMs: 0,
    activeAtMs: undefined,
    goneAtMs: undefined,
    promise: undefined,
    overtaken: false,
    ...changes,
  };
}

describe('what buyers see', () => {
  it('is an inversion when a present person still waits after somebody later was let in', () => {
    const observer = createObserver(1_000);
    const [early, away, late] = [place(1), place(2, { pauseMaxMs: 5_000 }), place(3)];
    // Asked before anybody knew of the later one: the answer proves nothing.
    const before = observer.asks(early);
    observer.sawActive(late, performance.now() + 1_000);
    observer.sawWaiting(early, 1, false, before);
    expect(observer.counts.inversions).toBe(0);
    observer.sawWaiting(away, 2, false, observer.asks(away));
    expect(observer.counts.inversions).toBe(0);
    observer.sawWaiting(early, 1, false, observer.asks(early));
    observer.sawWaiting(early, 1, false, observer.asks(early));
    expect(observer.counts.inversions).toBe(1);
  });

  it('is none for who asked so late, or was answered so late, that the server may not have seen them', () => {
    const observer = createObserver(1_000);
    const longAgo = performance.now() - 5_000;
    const [askedLate, answeredLate] = [place(1, { seenAtMs: longAgo }), place(2)];
    observer.sawActive(place(3), performance.now() + 1_000);
    const before = observer.asks(askedLate);
    observer.sawWaiting(askedLate, 1, false, before);
    observer.asks(answeredLate);
    answeredLate.seenAtMs = longAgo;
    observer.answered(answeredLate);
    observer.sawWaiting(answeredLate, 2, false, before);
    expect(observer.counts.inversions).toBe(0);
    expect(answeredLate.seenAtMs).toBe(answeredLate.askedAtMs);
  });

  it('counts a number that rises, but not in a recovery', () => {
    const observer = createObserver(1_000);
    const one = place(1);
    for (const [number, recovering] of [
      [5, false],
      [0, true],
      [4, false],
    ] as const) {
      observer.sawWaiting(one, number, recovering, 0);
    }
    expect(observer.counts.numberRises).toBe(0);
    observer.sawWaiting(one, 5, false, 0);
    expect(observer.counts.numberRises).toBe(1);
  });

  it('is a double sale when two customers were told that a seat is theirs', () => {
    const observer = createObserver(1_000);
    observer.bought(1, 7, [1, 2]);
    observer.bought(1, 7, [1]);
    observer.bought(2, 8, [1]);
    expect(observer.counts.soldTwice).toBe(0);
    observer.bought(2, 7, [2]);
    expect(observer.counts.soldTwice).toBe(1);
    expect(observer.soldSeats()).toBe(3);
  });

  it('counts only slots that are surely held', () => {
    const observer = createObserver(1_000);
    const later = performance.now() + 60_000;
    const [a, b, c] = [place(1), place(2), place(3)];
    observer.sawActive(a, later);
    observer.sawActive(b, performance.now() - 1);
    observer.sawActive(c, later);
    expect(observer.counts.shoppingMax).toBe(2);
    observer.givesBack(a);
    observer.sawActive(b, later);
    expect(observer.counts.shoppingMax).toBe(2);
    observer.sawActive(a, later);
    expect(observer.counts.shoppingMax).toBe(3);
  });
});

describe('the record', () => {
  const origin = performance.timeOrigin;
  const calls = (...rows: [seq: number, atMs: number][]) =>
    rows.map(([seq, atMs]) => ({ customerId: seq, seq, atMs: origin + atMs }));
  const ends = (...rows: [seq: number, atMs: number][]) =>
    new Map(rows.map(([seq, atMs]) => [`${seq}:${seq}`, origin + atMs]));

  it('shows how many slots were held at once; a slot that ends as another begins makes room', () => {
    const seen = [1, 2, 3].map((seq) => place(seq, { activeAtMs: seq }));
    const join = (second: number) =>
      called({
        calls: calls([1, 0], [2, 0], [3, second]),
        ends: ends([1, 100]),
        places: seen,
        claimMs: CLAIM_MS,
      });
    expect(peakOf(slotsHeld(join(100)))).toBe(2);
    expect(peakOf(slotsHeld(join(99)))).toBe(3);
  });

  it('lets a slot that nobody claimed end with the claim window, whenever the place was swept', () => {
    const places = called({
      calls: calls([1, 0], [2, CLAIM_MS]),
      ends: ends([1, 90_000]),
      places: [place(1), place(2, { activeAtMs: CLAIM_MS + 10 })],
      claimMs: CLAIM_MS,
    });
    expect(peakOf(slotsHeld(places))).toBe(1);
  });

  it('shows who was called after somebody later, unless called together or away', () => {
    const count = (rows: [number, number][], away: number[] = []) =>
      countInversions(
        called({
          calls: calls(...rows),
          ends: new Map(),
          places: rows.map(([seq]) => place(seq, { pauseMaxMs: away.includes(seq) ? 9_000 : 0 })),
          claimMs: CLAIM_MS,
        }),
        1_000,
      );
    expect(
      count([
        [1, 0],
        [2, 1],
        [3, 2],
      ]),
    ).toBe(0);
    expect(
      count([
        [2, 0],
        [1, 0],
        [3, 2],
      ]),
    ).toBe(0);
    expect(
      count([
        [3, 0],
        [1, 1],
        [2, 2],
      ]),
    ).toBe(2);
    expect(
      count(
        [
          [3, 0],
          [1, 1],
          [2, 2],
        ],
        [1],
      ),
    ).toBe(1);
  });
});

describe('the time that slots and think time allow', () => {
  const visit = (calledAtMs: number, plannedMs: number, sold: boolean, enteredAtMs = 0) => ({
    seq: calledAtMs,
    enteredAtMs,
    calledAtMs,
    plannedMs,
    soldAtMs: sold ? 1 : undefined,
    abandoned: !sold,
  });

  it('is that of the last sale when no slot ever stands empty while somebody waits', () => {
    const visits = [
      visit(1, 100, true),
      visit(2, 300, false),
      visit(3, 50, true),
      visit(4, 20, true),
    ];
    expect(idealLastSaleMs(visits, 1)).toBe(470);
    // Two slots: 100, then 50 and 20 in the same one.
    expect(idealLastSaleMs(visits, 2)).toBe(170);
    expect(idealLastSaleMs([visit(1, 10, true, 500)], 2)).toBe(510);
    expect(idealLastSaleMs([visit(1, 10, false)], 2)).toBeUndefined();
  });
});

describe('the crowd', () => {
  it('is the same for the same seed, and comes as its curve says', () => {
    const times = (curve: 'burst' | 'steady' | 'ramp' | 'wave') =>
      arrivalTimesMs(curve, 10_000, 1_000, createChance(7));
    expect(times('ramp')).toEqual(times('ramp'));
    const early = (all: number[]) => all.filter((ms) => ms < 500).length / all.length;
    expect(early(times('burst'))).toBeCloseTo(0.95, 1);
    expect(early(times('steady'))).toBeCloseTo(0.5, 1);
    expect(early(times('ramp'))).toBeCloseTo(0.25, 1);
    expect(early(times('wave'))).toBeCloseTo(0.5, 1);
    for (const curve of ['burst', 'steady', 'ramp', 'wave'] as const) {
      expect(times(curve).every((ms) => ms >= 0 && ms <= 1_000)).toBe(true);
    }
  });

  it('thinks for the time it was told, on average', () => {
    const chance = createChance(3);
    const drawn = Array.from({ length: 20_000 }, () => chance.around(8));
    expect(drawn.reduce((sum, one) => sum + one, 0) / drawn.length).toBeCloseTo(8, 0);
  });
});

describe('the recorder', () => {
  const answer = (code: string) => ({ status: 200, code, body: undefined, headers: {} });

  it('counts the time that a question was kept from being asked', () => {
    const recorder = createRecorder();
    const now = performance.now();
    recorder.answered('poll', answer('OK'), { dueMs: now - 2_000, sentMs: now - 5 });
    const [polls] = recorder.operations();
    expect(polls?.corrected.p50).toBeGreaterThan(1_900);
    expect(polls?.service.p50).toBeLessThan(1_000);
  });

  it('tells documented refusals from faults, operation by operation', () => {
    const recorder = createRecorder();
    const times = { dueMs: performance.now(), sentMs: performance.now() };
    recorder.answered('reserve', answer('ALREADY_TAKEN'), times);
    expect(recorder.errors()).toBe(0);
    recorder.answered('poll', answer('ALREADY_TAKEN'), times);
    recorder.answered('pay', answer('ECONNRESET'), times);
    recorder.answered('reserve', answer('INTERNAL'), times);
    expect(recorder.faults()).toEqual({
      'poll ALREADY_TAKEN': 1,
      'pay ECONNRESET': 1,
      'reserve INTERNAL': 1,
    });
  });
});

describe('the flags', () => {
  it('have defaults, and each a line of help', () => {
    const options = readOptions(['--buyers', '10000', '--assert']);
    expect(options).toMatchObject({
      buyers: 10_000,
      assert: true,
      arrivals: 'burst',
      quiet: false,
    });
    for (const name of Object.keys(options)) expect(helpText()).toContain(`--${name}`);
    expect(() => readOptions(['--arrivals', 'flood'])).toThrow(/^--arrivals: /);
    expect(() => readOptions(['--nonsense'])).toThrow(/nonsense/);
  });
});
