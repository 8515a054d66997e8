import { TOMBSTONE_MS } from '../../src/waiting-room/history.ts';
import type { LineState } from './line-state.ts';

/** What the model obeys, in ms. */
export interface ModelSettings {
  state: 'OPEN' | 'PAUSED' | 'CLOSED';
  capacity: number;
  admitPerMinute: number | null;
  slotMs: number;
  claimMs: number;
  graceMs: number;
  waitingMax: number;
  opensAtMs: number;
  closesAtMs: number;
}

/** Waiting, away, returned, called (in the claim window), slot. */
type State = 'w' | 'a' | 'r' | 'c' | 's';

export interface Place {
  customer: number;
  seq: number;
  seenMs: number;
  state: State;
  /** Of a slot or claim window. */
  deadlineMs: number;
  sinceMs: number;
}

/** What a customer is told. */
export interface Told {
  status: 'WAITING' | 'ACTIVE' | 'EXPIRED';
  seq: number;
  number: number;
  heldUntilMs: number | null;
}

/** All there is: a list of places, and what happened. */
export interface ModelLine {
  settings: ModelSettings;
  nowMs: number;
  lastSeq: number;
  admitted: number;
  entered: number;
  places: Map<number, Place>;
  /** `customer:seq` of places that ended. */
  ended: Map<string, { reason: number; atMs: number }>;
  admissionsMs: number[];
}

export const wholeSeconds = (ms: number): number => Math.floor(ms / 1_000);

/** Places in these states, in order of joining. */
export function standing(line: ModelLine, ...states: State[]): Place[] {
  return [...line.places.values()]
    .filter((one) => states.includes(one.state))
    .sort((a, b) => a.seq - b.seq);
}

/** Admissions that count against the rate now. */
export function lastMinute({ admissionsMs, nowMs }: ModelLine): number[] {
  return admissionsMs.filter((at) => wholeSeconds(at) >= wholeSeconds(nowMs) - 60);
}

/** What a customer hears who asks after the place `seq` (0: any). */
export function tell(line: ModelLine, customer: number, seq: number): Told {
  const place = line.places.get(customer);
  if (!place || (seq !== 0 && place.seq !== seq)) {
    return { status: 'EXPIRED', seq, number: 0, heldUntilMs: null };
  }
  if (place.state === 's') {
    return { status: 'ACTIVE', seq: place.seq, number: 0, heldUntilMs: place.deadlineMs };
  }
  // Who returned after being called stands before all numbers, and moves none of them.
  const before = place.state === 'r' ? 0 : standing(line, 'w').indexOf(place);
  const heldUntilMs = place.seenMs + line.settings.graceMs;
  return { status: 'WAITING', seq: place.seq, number: before + 1, heldUntilMs };
}

/** The model as Redis should hold it. */
export function stateOf(line: ModelLine): LineState {
  const rate: Record<string, number> = {};
  for (const at of lastMinute(line)) {
    rate[wholeSeconds(at)] = (rate[wholeSeconds(at)] ?? 0) + 1;
  }
  return {
    lastSeq: line.lastSeq,
    waiting: standing(line, 'w').map((one) => one.customer),
    returning: standing(line, 'r').map((one) => one.customer),
    active: Object.fromEntries(
      standing(line, 'c', 's').map((one) => [one.customer, one.deadlineMs]),
    ),
    places: Object.fromEntries(
      [...line.places.values()].map((one) => [
        one.customer,
        [one.state, one.seq, one.seenMs / 1_000, 'cs'.includes(one.state) ? one.sinceMs : 0],
      ]),
    ),
    ended: Object.fromEntries(
      [...line.ended].map(([key, { reason, atMs }]) => [key, (atMs + TOMBSTONE_MS) * 8 + reason]),
    ),
    rate,
    admitted: line.admitted,
    entered: line.entered,
  };
}
