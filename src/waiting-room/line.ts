import { createBatch, promised, type Settle } from '../platform/batch.ts';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import { within } from '../platform/patience.ts';
import type { Admission } from './admission.ts';
import type { BusyRooms } from './busy-rooms.ts';
import { type History, TOMBSTONE_MS } from './history.ts';
import { roomKeys } from './keys.ts';
import {
  createViewer,
  endedByLook,
  type KeptPlace,
  NUMBERS_OF_PLACE,
  type PlaceId,
  type PlaceView,
  pairsOf,
  recoveringView,
} from './places.ts';
import type { RoomLoader } from './room-loader.ts';
import type { LineScripts } from './scripts.ts';

/** Codes of the ends a caller can cause, as the scripts number them. */
const LEAVE_REASONS = { paid: 1, left: 2, removed: 5 } as const;
const LEAVE_KINDS = { paid: 'PAID', left: 'LEFT', removed: 'REMOVED' } as const;

/** Codes of enter.lua. */
const QUEUED = 1;
const ADMITTED = 2;
const FULL = -1;
const CLOSED = -2;

/** One script call never looks at more people: none blocks Redis for long, and it begins while others still arrive. */
const BATCH_MAX = 64;
/** Nobody notices a wait as short, and a crowd's polls travel by the dozen instead of by the half dozen. */
const BATCH_REST_MS = 1;
/** How long a poll waits for its room to be reloaded before it is answered `recovering`. */
const LOAD_PATIENCE_MS = 2_000;
const NOT_ACTIVE_RETRY_SECONDS = 1;

export type ExtendReply =
  | { kind: 'extended'; deadlineMs: number; previousMs: number }
  | { kind: 'refused'; waitingNumber: number; retryAfterSeconds: number };

/** A place as an operator sees it. */
export interface AdminPlace extends PlaceId {
  status: 'WAITING' | 'AWAY' | 'RETURNING' | 'CALLED' | 'ACTIVE';
  waitingNumber: number;
  seenAt: Date;
  slotEndsAt: Date | null;
}

/** The line of every room. Each call is one script; its reply decides. */
export interface Line {
  /**
   * Gives a place, or a slot when one is free; again the same while it lives.
   *
   * @throws ROOM_NOT_FOUND, ROOM_CLOSED, ROOM_FULL, UNAVAILABLE
   */
  enter(place: { roomId: string; customerId: number }): Promise<PlaceView>;
  /** The poll: exact at this moment, and recorded as a contact. @throws ROOM_NOT_FOUND, UNAVAILABLE */
  look(place: PlaceId): Promise<PlaceView>;
  /** The same for the hottest caller, told by a callback instead of a promise. */
  lookThen(place: KeptPlace, settle: Settle<PlaceView>): void;
  /** Ends a place once (seq 0: whichever the customer has) and lets the next in. */
  leave(place: PlaceId & { reason: keyof typeof LEAVE_REASONS }): Promise<boolean>;
  /** Proves a slot and pushes its end over a coming hold of `holdMs`. */
  extend(place: PlaceId & { holdMs: number }): Promise<ExtendReply>;
  /** Takes an extension back, unless the deadline changed since. */
  retract(place: PlaceId & { fromMs: number; toMs: number }): Promise<void>;
  /** Lets up to `count` people in, within the capacity; rate, pause and opening time do not hold them. */
  admitByHand(roomId: string, count: number): Promise<number>;
  place(roomId: string, customerId: number): Promise<AdminPlace | undefined>;
}

interface LineRequest {
  kind: 'enter' | 'look';
  place: KeptPlace;
}

export function createLine(options: {
  scripts: LineScripts;
  loader: RoomLoader;
  admission: Admission;
  history: History;
  busy: BusyRooms;
  logger: Logger;
  random?: () => number;
}): Line {
  const { scripts, loader, admission, history, busy } = options;
  const random = options.random ?? Math.random;
  const batch = createBatch<LineRequest, PlaceView>({
    keyOf: ({ place }) => place.roomId,
    run,
    sizeMax: BATCH_MAX,
    restMs: BATCH_REST_MS,
  });
  const ask = promised(batch);

  /** Enters and polls of one room and turn: two scripts, one round trip. */
  async function run(roomId: string, requests: LineRequest[]): Promise<(PlaceView | AppError)[]> {
    const first = await runOnce(roomId, requests);
    if (first) return first;
    await within(LOAD_PATIENCE_MS, loader.load(roomId));
    const second = await runOnce(roomId, requests);
    if (second) return second;
    return requests.map((request) =>
      request.kind === 'look'
        ? recoveringView(roomId, request.place.customerId, request.place.seq)
        : new AppError('UNAVAILABLE', { retryAfterSeconds: 1 }),
    );
  }

  async function runOnce(
    roomId: string,
    requests: LineRequest[],
  ): Promise<(PlaceView | AppError)[] | undefined> {
    const keys = roomKeys(roomId);
    const entering = requests.filter((request) => request.kind === 'enter');
    const [entered, looked] = await Promise.all([
      entering.length > 0
        ? scripts.enter({
            keys,
            args: { goneMs: TOMBSTONE_MS },
            restArgs: entering.map(({ place }) => place.customerId),
          })
        : undefined,
      scripts.look({
        keys,
        args: { goneMs: TOMBSTONE_MS, pairs: pairsOf(requests) },
      }),
    ]);
    if (Array.isArray(looked)) return undefined;
    const at = new Date(looked.room.nowMs);
    history.recordEnds(roomId, endedByLook(requests, looked.places), at);
    if (entered?.[0] === 'unloaded') return undefined;
    busy.touch(roomId);
    const [, endedByEnter, codes] = entered ?? ['ok', [], []];
    history.recordEnds(roomId, endedByEnter, at);
    const view = createViewer(roomId, looked.room, random);
    let nth = 0;
    return requests.map((request, index) => {
      const place = view(request.place, looked.places, index * NUMBERS_OF_PLACE);
      if (request.kind === 'look') return place;
      const code = codes[nth * 2];
      const seq = codes[nth * 2 + 1] ?? 0;
      nth += 1;
      if (code === FULL) return new AppError('ROOM_FULL', { retryAfterSeconds: 30 });
      if (code === CLOSED) return new AppError('ROOM_CLOSED');
      if (code === QUEUED || code === ADMITTED) {
        const { customerId, eta } = place;
        history.record({ roomId, customerId, seq, kind: 'ENTERED', at, eta });
        if (code === ADMITTED) {
          history.record({ roomId, customerId, seq, kind: 'CALLED', at: calledAt(seq, at) });
        }
      }
      // On a Cluster the look may have been answered by another node than the enter: who took over from it.
      if (place.seq !== seq) return new AppError('UNAVAILABLE', { retryAfterSeconds: 1 });
      return place;
    });
  }

  return {
    enter: ({ roomId, customerId }) =>
      ask({ kind: 'enter', place: { roomId, customerId, seq: 0 } }),
    look: ({ roomId, customerId, seq }) =>
      ask({ kind: 'look', place: { roomId, customerId, seq } }),
    lookThen: (place, settle) => batch({ kind: 'look', place }, settle),

    async leave({ roomId, customerId, seq, reason }) {
      const [word, ended, hadSlot, nowMs] = await scripts.leave({
        keys: roomKeys(roomId),
        args: { customer: customerId, seq, reason: LEAVE_REASONS[reason], goneMs: TOMBSTONE_MS },
      });
      if (word === 'absent') return false;
      const end = {
        roomId,
        customerId,
        seq: ended,
        kind: LEAVE_KINDS[reason],
        at: new Date(nowMs),
      };
      const admitted = hadSlot > 0 ? admission.admitFreed(roomId) : undefined;
      // What was paid is durable already: the outbox writes it before its event counts as delivered.
      if (reason === 'paid') history.record(end);
      else await history.keep(end);
      await admitted;
      return true;
    },

    async extend({ roomId, customerId, seq, holdMs }) {
      const reply = await scripts.extend({
        keys: roomKeys(roomId),
        args: { customer: customerId, seq, holdMs },
      });
      if (reply[0] === 'extended') {
        return { kind: 'extended', deadlineMs: reply[1], previousMs: reply[2] };
      }
      return {
        kind: 'refused',
        waitingNumber: reply[0] === 'waiting' ? reply[1] + 1 : 0,
        retryAfterSeconds: NOT_ACTIVE_RETRY_SECONDS,
      };
    },

    async retract({ roomId, customerId, seq, fromMs, toMs }) {
      await scripts.retract({
        keys: roomKeys(roomId),
        args: { customer: customerId, seq, fromMs, toMs },
      });
    },

    admitByHand: (roomId, count) => admission.admitByHand(roomId, count),

    async place(roomId, customerId) {
      const reply = await scripts.inspect({
        keys: roomKeys(roomId),
        args: { customer: customerId },
      });
      if (reply[0] === 'absent') return undefined;
      const [, seq, seenMs, state, rank, deadlineMs] = reply;
      return {
        roomId,
        customerId,
        seq,
        status: STATES[state],
        waitingNumber: state === 'w' ? rank + 1 : state === 'r' || state === 'a' ? 1 : 0,
        seenAt: new Date(seenMs),
        slotEndsAt: deadlineMs > 0 ? new Date(deadlineMs) : null,
      };
    },
  };
}

/** Who is let in at once is called when `seq` is issued, which is the time; look.lua ran a little later. */
function calledAt(seq: number, lookedAt: Date): Date {
  return new Date(Math.min(Math.floor(seq / 1_000), lookedAt.getTime()));
}

const STATES = { w: 'WAITING', a: 'AWAY', r: 'RETURNING', c: 'CALLED', s: 'ACTIVE' } as const;
