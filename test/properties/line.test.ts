import fc from 'fast-check';
import type { PlaceView } from '../../src/waiting-room/places.ts';
import { MOVABLE_CLOCK, moveClock } from '../support/clock.ts';
import { type Stack, startStack } from '../support/stack.ts';

const PEOPLE = 12;
const GRACE_MS = 80_000;
const ACTOR = { name: 'test', requestId: 'test' };

type Step =
  | { kind: 'enter'; who: number }
  | { kind: 'leave'; who: number }
  | { kind: 'poll'; who: number }
  | { kind: 'wait'; ms: number }
  | { kind: 'capacity'; count: number };

const who = fc.integer({ min: 1, max: PEOPLE });
const enterStep = fc.record({ kind: fc.constant('enter' as const), who });
const leaveStep = fc.record({ kind: fc.constant('leave' as const), who });
const pollStep = fc.record({ kind: fc.constant('poll' as const), who });
const capacityStep = fc.record({
  kind: fc.constant('capacity' as const),
  count: fc.integer({ min: 0, max: 5 }),
});
const waitStep = (max: number) =>
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1_000, max }) });

describe('the line against its model', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const line = () => stack.services.waitingRoom.line;

  async function newRoom() {
    const roomId = await stack.room({
      capacity: 2,
      graceSeconds: GRACE_MS / 1_000,
      slotSeconds: 80_000,
    });
    let version = 1;
    return {
      roomId,
      tick: () => stack.services.waitingRoom.admission.tick(roomId),
      async setCapacity(capacity: number) {
        await stack.services.waitingRoom.rooms.patch(roomId, version, { capacity }, ACTOR);
        version += 1;
      },
    };
  }

  it('is first come, first served, to the number, for everybody who stays', async () => {
    const steps = fc.array<Step>(
      fc.oneof(enterStep, enterStep, leaveStep, capacityStep, waitStep(GRACE_MS / 4)),
      { minLength: 5, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const room = await newRoom();
        const places = new Map<number, PlaceView>();
        const waiting: number[] = [];
        const active = new Set<number>();
        let capacity = 2;
        const admit = (): void => {
          while (active.size < capacity && waiting.length > 0) active.add(waiting.shift() ?? 0);
        };
        for (const step of sequence) {
          if (step.kind === 'enter') {
            places.set(step.who, await line().enter({ roomId: room.roomId, customerId: step.who }));
            if (!active.has(step.who) && !waiting.includes(step.who)) waiting.push(step.who);
            if (waiting.length === 1) admit();
          } else if (step.kind === 'leave') {
            const place = places.get(step.who);
            const was = active.has(step.who) || waiting.includes(step.who);
            if (place) expect(await line().leave({ ...place, reason: 'left' })).toBe(was);
            const at = waiting.indexOf(step.who);
            if (at >= 0) waiting.splice(at, 1);
            if (active.delete(step.who)) admit();
          } else if (step.kind === 'capacity') {
            capacity = step.count;
            await room.setCapacity(capacity);
          } else if (step.kind === 'wait') {
            await moveClock(stack.services.redis, step.ms);
          }
          await room.tick();
          admit();
          for (const [customerId, place] of places) {
            const now = await line().look(place);
            const expected = active.has(customerId)
              ? ['ACTIVE', 0]
              : waiting.includes(customerId)
                ? ['WAITING', waiting.indexOf(customerId) + 1]
                : ['EXPIRED', 0];
            expect([now.status, now.waitingNumber]).toEqual(expected);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('keeps its promises whoever comes and goes away', async () => {
    const steps = fc.array<Step>(
      fc.oneof(enterStep, leaveStep, pollStep, pollStep, capacityStep, waitStep(GRACE_MS * 0.7)),
      { minLength: 20, maxLength: 80 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (sequence) => {
        const room = await newRoom();
        const places = new Map<number, PlaceView>();
        const seenAt = new Map<number, number>();
        let nowMs = 0;
        let capacity = 2;
        let allowed = 2;
        /** What anybody was told: a number never rises, and a kept place is there. */
        const told = (view: PlaceView): void => {
          const before = places.get(view.customerId);
          if (
            before?.seq === view.seq &&
            before.status === 'WAITING' &&
            view.status === 'WAITING'
          ) {
            expect(view.waitingNumber).toBeLessThanOrEqual(before.waitingNumber);
          }
          const age = nowMs - (seenAt.get(view.customerId) ?? nowMs);
          if (before?.seq === view.seq && before.status === 'WAITING' && age <= GRACE_MS * 0.8) {
            expect(view.status).not.toBe('EXPIRED');
          }
          places.set(view.customerId, view);
          seenAt.set(view.customerId, nowMs);
        };
        for (const step of sequence) {
          if (step.kind === 'enter') {
            told(await line().enter({ roomId: room.roomId, customerId: step.who }));
          } else if (step.kind === 'poll' || step.kind === 'leave') {
            const place = places.get(step.who);
            if (!place) continue;
            if (step.kind === 'poll') told(await line().look(place));
            else if (await line().leave({ ...place, reason: 'left' })) places.delete(step.who);
          } else if (step.kind === 'capacity') {
            capacity = step.count;
            await room.setCapacity(capacity);
          } else if (step.kind === 'wait') {
            nowMs += step.ms;
            await moveClock(stack.services.redis, step.ms);
          }
          const report = await room.tick();
          // Lowering the capacity puts nobody out; it admits nobody until it is met.
          allowed = Math.max(capacity, Math.min(allowed, report.active));
          expect(report.active).toBeLessThanOrEqual(allowed);
          for (const called of report.called) {
            const age = nowMs - (seenAt.get(called.customerId) ?? 0);
            expect(age).toBeLessThanOrEqual(GRACE_MS / 2 + 1_000);
            // Nobody who is surely present, and was never called before, is overtaken from behind.
            for (const [customerId, place] of places) {
              const present = nowMs - (seenAt.get(customerId) ?? 0) <= GRACE_MS / 4;
              if (!present || place.status !== 'WAITING' || customerId === called.customerId)
                continue;
              const still = await line().place(room.roomId, customerId);
              if (still?.status === 'WAITING' && still.seq === place.seq) {
                const returned = places.get(called.customerId)?.waitingNumber === 1;
                if (!returned) expect(called.seq).toBeLessThan(place.seq);
              }
            }
          }
        }
      }),
      { numRuns: 25 },
    );
  });
});
