import fc from 'fast-check';
import { claimWindowMinMs } from '../../src/waiting-room/pace.ts';
import type { RoomInput } from '../../src/waiting-room/rooms.ts';

const PEOPLE = 10;
export const GRACE_MS = 40_000;
export const SLOT_MS = 50_000;

export type Step =
  | { kind: 'enter' | 'look'; who: number[]; client: number }
  | { kind: 'enterTwice'; who: number }
  | { kind: 'lookOld'; who: number; client: number }
  | { kind: 'leave'; who: number; reason: 'paid' | 'left'; old: boolean; client: number }
  | { kind: 'remove'; who: number; client: number }
  | { kind: 'forget'; who: number }
  | { kind: 'admit' | 'forgetCounter' }
  | { kind: 'sweep'; client: number }
  | { kind: 'admitByHand'; count: number; client: number }
  | { kind: 'extend'; who: number; holdMs: number; back: boolean; client: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'set'; change: Change; client: number };

/** Settings; opening and closing in ms from the moment of the change. */
export type Change = Partial<
  Pick<RoomInput, 'state' | 'capacity' | 'admitPerMinute' | 'waitingMax' | 'graceSeconds'>
> & { opensInMs?: number | null; closesInMs?: number | null };

const who = fc.integer({ min: 1, max: PEOPLE });
const several = fc.uniqueArray(who, { minLength: 1, maxLength: 5 });
const client = fc.constantFrom(0, 1);
const holdMs = fc.constantFrom(5_000, 20_000, SLOT_MS, 60_000);
const step = <T extends object>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record<T>({ ...fields });
const one = fc.constant;

const passing = fc.oneof(
  fc.constantFrom(1, 1_000, 4_999, 5_001, GRACE_MS / 4, GRACE_MS / 2, GRACE_MS / 2 + 1_000),
  fc.constantFrom(GRACE_MS, GRACE_MS + 1, claimWindowMinMs(GRACE_MS), SLOT_MS, 61_000),
  fc.integer({ min: 1, max: 30_000 }),
);
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ capacity: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ capacity: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ admitPerMinute: fc.constantFrom(null, null, 1, 3) }),
  fc.record({ state: fc.constantFrom('OPEN' as const, 'OPEN' as const, 'PAUSED', 'CLOSED') }),
  fc.record({ waitingMax: fc.constantFrom(3, 100) }),
  fc.record({ graceSeconds: fc.constantFrom(GRACE_MS / 1_000, 20) }),
  fc.record({ opensInMs: fc.constantFrom(null, null, 20_000) }),
  fc.record({ closesInMs: fc.constantFrom(null, null, 30_000) }),
);

/** What can happen to a room, in any order. */
export const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: step({ kind: one('enter' as const), who: several, client }) },
    { weight: 8, arbitrary: step({ kind: one('look' as const), who: several, client }) },
    { weight: 1, arbitrary: step({ kind: one('enterTwice' as const), who }) },
    { weight: 1, arbitrary: step({ kind: one('lookOld' as const), who, client }) },
    {
      weight: 4,
      arbitrary: step({
        kind: one('leave' as const),
        ...{ who, reason: fc.constantFrom('paid' as const, 'left' as const), client },
        old: fc.constantFrom(false, false, true),
      }),
    },
    { weight: 1, arbitrary: step({ kind: one('remove' as const), who, client }) },
    { weight: 6, arbitrary: step({ kind: one('admit' as const) }) },
    {
      weight: 1,
      arbitrary: step({
        kind: one('admitByHand' as const),
        count: fc.integer({ min: 1, max: 4 }),
        client,
      }),
    },
    {
      weight: 2,
      arbitrary: step({ kind: one('extend' as const), who, holdMs, back: fc.boolean(), client }),
    },
    { weight: 8, arbitrary: step({ kind: one('pass' as const), ms: passing }) },
    { weight: 2, arbitrary: step({ kind: one('sweep' as const), client }) },
    { weight: 3, arbitrary: step({ kind: one('set' as const), change, client }) },
    { weight: 1, arbitrary: step({ kind: one('forget' as const), who }) },
    { weight: 1, arbitrary: step({ kind: one('forgetCounter' as const) }) },
  ),
  { minLength: 20, maxLength: 70 },
);
