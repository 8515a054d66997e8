import type { FlowSample } from './eta.ts';

/** A sample as it is stored: the flow's counters and the poll load of the seconds before it. */
export interface RoomSample extends FlowSample {
  atMs: number;
  pollsPerSecond: number;
}

const FIELDS = 10;

/**
 * Reads samples as `measure.lua` writes them, a text each. One that lacks fields was taken by an earlier version,
 * before an update in mid-sale, and is left out: with zeros for what it lacks, it would look like the moment at
 * which measuring began, and waits would be foretold far too short.
 */
export function readSamples(texts: readonly string[]): RoomSample[] {
  return texts.flatMap((text) => {
    const numbers = text.split(' ').map(Number);
    if (numbers.length < FIELDS) return [];
    const [atMs = 0, active = 0, waiting = 0, admitted = 0, entered = 0, ...rest] = numbers;
    const [pollsPerSecond = 0, capacity = 0, ...sums] = rest;
    const [activeSeconds = 0, waitingSeconds = 0, finished = 0] = sums;
    const counted = { active, waiting, admitted, entered, capacity };
    return [{ atMs, ...counted, pollsPerSecond, activeSeconds, waitingSeconds, finished }];
  });
}
