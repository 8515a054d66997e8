import { MOVABLE_CLOCK } from '../support/clock.ts';
import { lineHands } from '../support/line-hands.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('slots', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const { line, tick, advance, enter, seen, ids } = lineHands(() => stack);

  it('ends a slot at its deadline, and pushes the deadline over a hold', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a, b] = await enter(roomId, ids(2));
    if (!a || !b) throw new Error('two places');
    await advance(50_000);
    const extended = await line().extend({ ...a, holdMs: 30_000 });
    expect(extended.kind).toBe('extended');
    await advance(20_000);
    await line().look(b);
    await tick(roomId);
    expect((await line().look(a)).status).toBe('ACTIVE');
    await advance(11_000);
    await line().look(b);
    await tick(roomId);
    expect((await line().look(a)).status).toBe('EXPIRED');
    expect((await line().look(b)).status).toBe('ACTIVE');
  });

  it('tells the wait by how long slots were held; after a minute that nobody measured, nothing is known', async () => {
    const patient = { slotSeconds: 600, graceSeconds: 3_600, claimSeconds: 1_000 };
    const roomId = await stack.room({ capacity: 1, ...patient });
    const places = await enter(roomId, ids(40));
    const { measure } = stack.services.waitingRoom.admission;
    for (const place of places.slice(0, 20)) {
      await measure(roomId);
      await advance(10_000);
      await line().leave({ ...place, reason: 'left' });
    }
    await measure(roomId);
    const last = places.at(-1);
    if (!last) throw new Error('forty places');
    const { waitingNumber, eta } = await line().look(last);
    expect([waitingNumber, Math.round((eta?.p50 ?? 0) / 10)]).toEqual([19, 19]);
    await advance(61_000);
    await measure(roomId);
    await advance(1_000);
    await measure(roomId);
    expect(await line().look(last)).toMatchObject({ eta: null, etaReason: 'unknown' });
  });

  it('never lasts longer than slot time plus one hold', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a] = await enter(roomId, ids(1));
    if (!a) throw new Error('a place');
    await advance(59_000);
    expect((await line().extend({ ...a, holdMs: 30_000 })).kind).toBe('extended');
    await advance(10_000);
    expect((await line().extend({ ...a, holdMs: 30_000 })).kind).toBe('refused');
  });

  it('takes an extension back, but not one that was changed since', async () => {
    const roomId = await stack.room({ capacity: 1, slotSeconds: 60 });
    const [a] = await enter(roomId, ids(1));
    if (!a) throw new Error('a place');
    const first = await line().extend({ ...a, holdMs: 300_000 });
    const second = await line().extend({ ...a, holdMs: 400_000 });
    if (first.kind !== 'extended' || second.kind !== 'extended') throw new Error('extended');
    await line().retract({ ...a, fromMs: first.deadlineMs, toMs: first.previousMs });
    expect((await line().place(roomId, 1))?.slotEndsAt?.getTime()).toBe(second.deadlineMs);
    await line().retract({ ...a, fromMs: second.deadlineMs, toMs: first.previousMs });
    expect((await line().place(roomId, 1))?.slotEndsAt?.getTime()).toBe(first.previousMs);
  });

  it('lets a claim window lapse, and who comes late is served first', async () => {
    const roomId = await stack.room({ capacity: 1, graceSeconds: 40, claimSeconds: 1 });
    const [a, b, c] = await enter(roomId, ids(3));
    if (!a || !b || !c) throw new Error('three places');
    await line().leave({ ...a, reason: 'left' });
    // b is called and does not come; the window is a quarter of the grace and five seconds.
    await advance(14_000);
    await seen([c]);
    await advance(2_000);
    await tick(roomId);
    expect((await line().look(c)).status).toBe('ACTIVE');
    expect((await line().look(b)).waitingNumber).toBe(1);
    await line().leave({ ...c, reason: 'left' });
    expect((await line().look(b)).status).toBe('ACTIVE');
  });
});
