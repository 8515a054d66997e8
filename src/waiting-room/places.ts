import { type Flow, waitSeconds } from './eta.ts';
import { FRONT_POLL_SECONDS, pollAfterActiveMs, pollAfterMs, solvePace } from './pace.ts';
import type { RoomState } from './rooms.ts';

/** Why there is no estimate. */
export type NoEta = 'recovering' | 'paused' | 'not open yet' | 'unknown';

export interface PlaceId {
  roomId: string;
  customerId: number;
  /** The place's order; a later place of the same customer is another place. To a script 0 is whichever there is. */
  seq: number;
}

/** Where one customer stands, as told to that customer. */
export interface PlaceView {
  roomId: string;
  customerId: number;
  /** Order in the line; 0 when the customer has no place. */
  seq: number;
  status: 'WAITING' | 'ACTIVE' | 'EXPIRED';
  /** People before + 1; 1 for who returned after being called; 0 when not waiting or recovering. */
  waitingNumber: number;
  /** WAITING: the estimated wait; ACTIVE: to the slot's end; EXPIRED: 0. Seconds. */
  remainingSeconds: number;
  pollAfterMs: number;
  /** WAITING: last recorded contact + grace; ACTIVE: the slot's end. Ms since 1970. */
  heldUntilMs: number | null;
  recovering: boolean;
  /** Seconds; null with a reason when nothing honest can be said. */
  eta: { p50: number; p90: number } | null;
  etaReason: NoEta | null;
  roomState: RoomState;
}

/** What `look` says of the room, once per batch. */
export interface RoomNow {
  nowMs: number;
  state: RoomState;
  graceMs: number;
  slotMs: number;
  capacity: number;
  pollBudget: number;
  /** 0: open since ever. */
  opensAtMs: number;
  admitPerMinute: number | null;
  recovering: boolean;
  waiting: number;
  returning: number;
  active: number;
  admittedLastMinute: number;
  /** undefined until the room has been measured. */
  flow: Flow | undefined;
}

/**
 * A browser hears of its call up to a poll later, and slots come free unevenly within as short a time: nobody is
 * foretold a wait more exactly than two polls at the front.
 */
const HEARD_AFTER_SECONDS = 2 * FRONT_POLL_SECONDS;

/** Codes of look.lua, and how many numbers it answers for each place. */
const EXPIRED = 0;
const WAITING = 1;
const RETURNING = 2;
const ACTIVE = 3;
export const NUMBERS_OF_PLACE = 4;

/**
 * Turns a batch of look's answers into views; what belongs to the room is computed once.
 *
 * @returns a function of a place that was asked for, look's numbers, and where among them its four begin: code, how
 *   much later than asked its seq is, rank or deadline (ms), how long ago the last recorded contact was (ms)
 */
export function createViewer(
  roomId: string,
  room: RoomNow,
  random: () => number,
): (asked: PlaceId, places: readonly number[], at: number) => PlaceView {
  const pace = {
    msPerPlace: solvePace(room.waiting + room.returning, room.pollBudget, room.graceMs),
    graceMs: room.graceMs,
  };
  const { nowMs, recovering, state: roomState } = room;
  // Whole literals: a spread followed by further fields costs several microseconds, and this runs for each poll.
  return ({ customerId, seq: asked }, places, at) => {
    const code = places[at] ?? 0;
    const seq = asked + (places[at + 1] ?? 0);
    const a = places[at + 2] ?? 0;
    const agoMs = places[at + 3] ?? 0;
    if (code !== WAITING && code !== RETURNING) {
      const active = code === ACTIVE;
      return {
        roomId,
        customerId,
        seq,
        status: active ? 'ACTIVE' : 'EXPIRED',
        waitingNumber: 0,
        remainingSeconds: active ? Math.max(0, Math.ceil((a - nowMs) / 1_000)) : 0,
        pollAfterMs: pollAfterActiveMs(room.graceMs, random()),
        heldUntilMs: active ? a : null,
        recovering,
        eta: null,
        etaReason: null,
        roomState,
      };
    }
    const position = code === RETURNING ? 1 : a + 1;
    const eta = estimateWait(position, room);
    const known = typeof eta !== 'string';
    return {
      roomId,
      customerId,
      seq,
      status: 'WAITING',
      waitingNumber: recovering ? 0 : position,
      remainingSeconds: known
        ? eta.p50
        : Math.ceil((position * room.slotMs) / 1_000 / Math.max(1, room.capacity)),
      pollAfterMs: pollAfterMs(position, pace, random()),
      heldUntilMs: nowMs - agoMs + room.graceMs,
      recovering,
      eta: known ? eta : null,
      etaReason: known ? null : eta,
      roomState,
    };
  };
}

/** The view of a place while its room's settings are being reloaded: kept, but not yet countable. */
export function recoveringView(roomId: string, customerId: number, seq: number): PlaceView {
  return {
    roomId,
    customerId,
    seq,
    status: 'WAITING',
    waitingNumber: 0,
    remainingSeconds: 0,
    pollAfterMs: 1_000,
    heldUntilMs: null,
    recovering: true,
    eta: null,
    etaReason: 'recovering',
    roomState: 'OPEN',
  };
}

/** Seconds until `position` is called and, at p90, hears of it, from what was measured lately; or why nobody can tell. */
export function estimateWait(
  position: number,
  room: RoomNow & { measuredCapacity?: number },
): { p50: number; p90: number } | NoEta {
  if (room.recovering) return 'recovering';
  if (room.state === 'PAUSED') return 'paused';
  if (room.opensAtMs > room.nowMs) return 'not open yet';
  const before = position === 1 ? 0 : room.returning;
  const wait = room.flow && waitSeconds(position + before, room.flow, room);
  if (!wait) return 'unknown';
  const p90 = Math.max(wait.p90, wait.p50 + HEARD_AFTER_SECONDS);
  return { p50: Math.ceil(wait.p50), p90: Math.ceil(p90) };
}

/** One that is kept from poll to poll, and keeps its part of what look.lua is asked. */
export interface KeptPlace extends PlaceId {
  pair?: string;
}

/** What look.lua is asked: customer and seq of each, in turn. */
export function pairsOf(requests: readonly { place: KeptPlace }[]): string {
  let pairs = '';
  for (const { place } of requests) {
    // Joined, it is kept in one piece.
    place.pair ??= [place.customerId, place.seq, ''].join(' ');
    pairs += place.pair;
  }
  return pairs;
}

/** The places that ended by this very look: customer, seq and the end's code in turn. */
export function endedByLook(
  requests: readonly { place: KeptPlace }[],
  places: readonly number[],
): number[] {
  const ended: number[] = [];
  for (let at = 0; at < places.length; at += NUMBERS_OF_PLACE) {
    const reason = places[at + 2] ?? 0;
    const place = requests[at / NUMBERS_OF_PLACE]?.place;
    if (places[at] !== EXPIRED || reason === 0 || !place) continue;
    ended.push(place.customerId, place.seq + (places[at + 1] ?? 0), reason);
  }
  return ended;
}
