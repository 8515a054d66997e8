import { MEASURING } from './admission.ts';
import type { RoomSample } from './samples.ts';

/** One moment of a room's curves; rates are null while the samples span too little time to tell them. */
export interface CurvePoint {
  at: Date;
  waiting: number;
  active: number;
  capacity: number;
  admittedPerMinute: number | null;
  finishedPerMinute: number | null;
  pollsPerSecond: number;
}

const MINUTE_MS = 60_000;

/** Turns samples, oldest first, into curves: each rate looks back a minute, or as far as the samples go. */
export function curvePoints(samples: readonly RoomSample[]): CurvePoint[] {
  let from = 0;
  return samples.map((sample, index) => {
    while (from + 1 < index && sample.atMs - (samples[from + 1]?.atMs ?? 0) >= MINUTE_MS) from += 1;
    const before = samples[from] ?? sample;
    const spanMs = sample.atMs - before.atMs;
    const perMinute = (events: number): number | null =>
      // The present comes right after the first sample: a few events in a few ms are no rate.
      spanMs < MEASURING.everyMs ? null : (events / spanMs) * MINUTE_MS;
    // Counters begin anew when Redis has lost them.
    const admitted = Math.max(0, sample.admitted - before.admitted);
    const finished = Math.max(0, admitted - (sample.active - before.active));
    return {
      at: new Date(sample.atMs),
      waiting: sample.waiting,
      active: sample.active,
      capacity: sample.capacity,
      admittedPerMinute: perMinute(admitted),
      finishedPerMinute: perMinute(finished),
      pollsPerSecond: sample.pollsPerSecond,
    };
  });
}
