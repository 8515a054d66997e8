import { curvePoints } from '../../src/waiting-room/curves.ts';
import { measureFlow, waitSeconds } from '../../src/waiting-room/eta.ts';
import { readSamples } from '../../src/waiting-room/samples.ts';

describe('samples of a room', () => {
  const kept = '5000 100 300 100 400 12 100 400.500 1200.250 0';
  const present = '605000 100 300 1100 1400 15 100 60400.500 181200.250 1000';

  it('are read in the order in which they are written', () => {
    expect(readSamples([kept])).toEqual([
      {
        ...{ atMs: 5_000, active: 100, waiting: 300, admitted: 100, entered: 400 },
        ...{ pollsPerSecond: 12, capacity: 100 },
        ...{ activeSeconds: 400.5, waitingSeconds: 1_200.25, finished: 0 },
      },
    ]);
  });

  it('of an earlier version, with fewer fields, do not shorten what is foretold', () => {
    const earlier = ['1000 100 300 2100 2400 12 100', '4000 100 300 2103 2403 12 100'];
    expect(readSamples([...earlier, kept, present])).toEqual(readSamples([kept, present]));
    const foretold = (texts: string[]) => {
      const flow = measureFlow(readSamples(texts));
      return flow && waitSeconds(300, flow, { capacity: 100, active: 100, admitPerMinute: null });
    };
    // A slot comes free once a minute: three turns for who has three times as many people before him.
    expect(foretold([...earlier, kept, present])?.p50).toBeCloseTo(180);
    // The update was a moment ago, and what was measured since says nothing yet.
    expect(
      foretold([...earlier, '6000 100 300 2104 2404 12 100 100.000 300.000 1']),
    ).toBeUndefined();
  });
});

describe('curves of a room', () => {
  const at = (atMs: number, admitted: number) =>
    readSamples([`${atMs} 0 0 ${admitted} ${admitted} 0 5 0.000 0.000 ${admitted}`]);

  it('have no rates of the few ms between the first sample and the present', () => {
    const points = curvePoints([...at(1_000_000, 0), ...at(1_000_010, 5)]);
    expect(points.map((one) => [one.admittedPerMinute, one.finishedPerMinute])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it('have the rate of the last minute, or of as long as the samples go', () => {
    const points = curvePoints([
      ...[...at(1_000_000, 0), ...at(1_005_000, 5), ...at(1_060_000, 20)],
      ...[...at(1_065_000, 25), ...at(1_065_010, 25)],
    ]);
    expect(points.map((one) => one.admittedPerMinute)).toEqual([
      ...[null, 60, 20, 20],
      expect.closeTo(20, 1),
    ]);
  });
});
