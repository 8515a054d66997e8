import { AppError } from '../../src/platform/errors.ts';
import type { RedisClient } from '../../src/platform/redis.ts';
import type { WaitingRoom } from '../../src/waiting-room/index.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { claimWindowMinMs } from '../../src/waiting-room/pace.ts';
import type { PlaceView } from '../../src/waiting-room/places.ts';
import { setClock } from '../support/clock.ts';
import { createLineModel, type LineModel } from './line-model.ts';
import type { Told } from './line-model-state.ts';
import { readLineState } from './line-state.ts';
import { type Change, GRACE_MS, SLOT_MS, type Step } from './line-steps.ts';

const ACTOR = { name: 'test', requestId: 'test' };

/** What a room of a run starts with; its model too. */
export const ROOM_OF_A_RUN = {
  ...{ capacity: 2, graceSeconds: GRACE_MS / 1_000, slotSeconds: SLOT_MS / 1_000 },
  ...{ claimSeconds: 1, waitingMax: 100 },
};

/** One room and its model, step by step. `nowMs` is what the clock says at the start. */
export function createLineRun(options: {
  redis: RedisClient;
  /** Clients of the same Redis. */
  clients: WaitingRoom[];
  roomId: string;
  nowMs: number;
}) {
  const { redis, clients, roomId } = options;
  let { nowMs } = options;
  const model = createLineModel(
    {
      ...{ state: 'OPEN' as const, capacity: 2, admitPerMinute: null, waitingMax: 100 },
      ...{ slotMs: SLOT_MS, graceMs: GRACE_MS, claimMs: claimWindowMinMs(GRACE_MS) },
      ...{ opensAtMs: 0, closesAtMs: Number.POSITIVE_INFINITY },
    },
    nowMs,
  );
  const seqs = new Map<number, number[]>();
  const numbers = new Map<number, number>();
  let version = 1;
  let mostActive = 2;
  const room = (at: number): WaitingRoom => {
    const found = clients[at];
    if (!found) throw new Error('no such client');
    return found;
  };
  const seqOf = (customerId: number, old = false) => seqs.get(customerId)?.at(old ? -2 : -1) ?? 0;
  const place = (customerId: number, old = false) => ({
    ...{ roomId, customerId, seq: seqOf(customerId, old) },
  });

  /** The answer is the model's; numbers only fall while a place lives. */
  function hear(customerId: number, view: PlaceView, told: Told): void {
    expect({
      status: view.status,
      seq: view.seq,
      number: view.waitingNumber,
      heldUntilMs: view.heldUntilMs,
    }).toEqual(told);
    expect(view.pollAfterMs).toBeLessThanOrEqual(model.settings.graceMs / 4);
    if (view.status !== 'WAITING') numbers.delete(view.seq);
    else {
      expect(view.waitingNumber).toBeLessThanOrEqual(numbers.get(view.seq) ?? view.waitingNumber);
      numbers.set(view.seq, view.waitingNumber);
    }
    if (seqOf(customerId) < view.seq) {
      seqs.set(customerId, [...(seqs.get(customerId) ?? []), view.seq]);
    }
  }

  /** What `enter` answered, or the code of its refusal. */
  const ask = (at: number, customerId: number) =>
    room(at)
      .line.enter({ roomId, customerId })
      .catch((error: unknown) => {
        if (error instanceof AppError) return error.code;
        throw error;
      });

  async function enter(ids: number[], at: number): Promise<void> {
    const replies = await Promise.all(ids.map((id) => ask(at, id)));
    // One turn's entries are one script, the polls after them another.
    const fates = ids.map((id) => model.enter(id));
    const told = ids.map((id) => model.look(id, 0));
    ids.forEach((id, nth) => {
      const reply = replies[nth];
      const expected = told[nth];
      const fate = typeof reply === 'object' ? 'in' : reply;
      expect(fate).toBe(fates[nth]);
      if (typeof reply === 'object' && expected) hear(id, reply, expected);
    });
  }

  /** In two tabs, on two devices: at the same moment, through different processes. */
  async function enterTwice(id: number): Promise<void> {
    const replies = await Promise.all(clients.map((_, at) => ask(at, id)));
    const fate = model.enter(id);
    const told = model.look(id, 0);
    for (const reply of replies) {
      if (typeof reply === 'object') hear(id, reply, told);
      else expect(reply).toBe(fate);
    }
  }

  /** By every worker at the same moment: together they do what one does. */
  async function admit(): Promise<void> {
    const reports = await Promise.all(clients.map((one) => one.admission.tick(roomId)));
    const called = reports.flatMap((report) => report.called.map((one) => one.customerId));
    expect(called.sort()).toEqual(model.admit(500, false).called.sort());
  }

  async function look(ids: number[], at: number, old = false): Promise<void> {
    const asked = ids.filter((id) => seqOf(id, old) > 0);
    const views = await Promise.all(asked.map((id) => room(at).line.look(place(id, old))));
    const told = asked.map((id) => model.look(id, seqOf(id, old)));
    asked.forEach((id, nth) => {
      const view = views[nth];
      const expected = told[nth];
      if (view && expected) hear(id, view, expected);
    });
  }

  async function extend(next: Extract<Step, { kind: 'extend' }>): Promise<void> {
    const { line } = room(next.client);
    const reply = await line.extend({ ...place(next.who), holdMs: next.holdMs });
    const expected = model.extend(next.who, seqOf(next.who), next.holdMs);
    expect(reply.kind === 'extended' ? reply.deadlineMs : undefined).toBe(expected);
    if (!next.back || reply.kind !== 'extended') return;
    const range = { fromMs: reply.deadlineMs, toMs: reply.previousMs };
    await line.retract({ ...place(next.who), ...range });
    model.retract(next.who, seqOf(next.who), range.fromMs, range.toMs);
  }

  async function set(next: Change, at: number): Promise<void> {
    const { opensInMs, closesInMs, ...plain } = next;
    const time = (inMs: number | null) => (inMs === null ? null : new Date(nowMs + inMs));
    await room(at).rooms.patch(
      roomId,
      version,
      {
        ...plain,
        ...(opensInMs === undefined ? {} : { opensAt: time(opensInMs), closesAt: null }),
        ...(closesInMs === undefined ? {} : { opensAt: null, closesAt: time(closesInMs) }),
      },
      ACTOR,
    );
    version += 1;
    applyToModel(model, next, nowMs);
  }

  async function pass(ms: number): Promise<void> {
    nowMs += ms;
    model.at(nowMs);
    await setClock(redis, nowMs);
  }

  async function forget(customerId: number): Promise<void> {
    const keys = roomKeys(roomId);
    await Promise.all([
      redis.hdel(keys.places, `${customerId}`),
      ...[keys.waiting, keys.returning, keys.active].map((key) => redis.zrem(key, customerId)),
    ]);
    model.forget(customerId);
    numbers.clear();
  }

  return {
    nowMs: () => nowMs,

    async take(next: Step): Promise<void> {
      switch (next.kind) {
        case 'enter':
          return enter(next.who, next.client);
        case 'look':
          return look(next.who, next.client);
        case 'lookOld':
          return look([next.who], next.client, true);
        case 'leave': {
          const leaving = place(next.who, next.old);
          if (leaving.seq === 0) return;
          const left = await room(next.client).line.leave({ ...leaving, reason: next.reason });
          expect(left).toBe(model.leave(next.who, leaving.seq, next.reason));
          return;
        }
        case 'remove': {
          const removing = { roomId, customerId: next.who, seq: 0, reason: 'removed' as const };
          const removed = await room(next.client).line.leave(removing);
          expect(removed).toBe(model.leave(next.who, 0, 'removed'));
          return;
        }
        case 'enterTwice':
          return enterTwice(next.who);
        case 'admit':
          return admit();
        case 'admitByHand':
          expect(await room(next.client).line.admitByHand(roomId, next.count)).toBe(
            model.admitByHand(next.count),
          );
          return;
        case 'extend':
          return extend(next);
        case 'pass':
          return pass(next.ms);
        case 'sweep':
          await room(next.client).admission.sweepStep(roomId, '0');
          return model.sweep();
        case 'set':
          return set(next.change, next.client);
        case 'forget':
          return forget(next.who);
        case 'forgetCounter':
          await redis.del(roomKeys(roomId).seq);
          model.forget(undefined);
          // What takes the counter takes longer than the microseconds by which it runs ahead.
          return pass(1);
      }
    },

    async compare(): Promise<void> {
      const state = await readLineState(redis, roomId, Math.floor(nowMs / 1_000));
      expect(state).toEqual(model.state());
      const active = Object.keys(state.active).length;
      // Lowering the capacity puts nobody out; it admits nobody until it is met.
      mostActive = Math.max(model.settings.capacity, Math.min(mostActive, active));
      expect(active).toBeLessThanOrEqual(mostActive);
    },
  };
}

function applyToModel({ settings }: LineModel, change: Change, nowMs: number): void {
  const { opensInMs, closesInMs, graceSeconds, ...plain } = change;
  Object.assign(settings, plain);
  if (graceSeconds !== undefined) {
    settings.graceMs = graceSeconds * 1_000;
    settings.claimMs = claimWindowMinMs(settings.graceMs);
  }
  if (opensInMs !== undefined || closesInMs !== undefined) {
    settings.opensAtMs = opensInMs ? nowMs + opensInMs : 0;
    settings.closesAtMs = closesInMs ? nowMs + closesInMs : Number.POSITIVE_INFINITY;
  }
}
