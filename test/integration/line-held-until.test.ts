import type { PlaceView } from '../../src/waiting-room/places.ts';
import { STILL_CLOCK, setClock } from '../support/clock.ts';
import { lineHands } from '../support/line-hands.ts';
import { ACTOR, type Stack, startStack } from '../support/stack.ts';

const START_MS = 1_800_000_000_123;
const GRACE_MS = 100_000;

describe('placeHeldUntil, to the millisecond', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: STILL_CLOCK });
  });
  afterAll(() => stack.close());

  const { line, tick, enter, ids } = lineHands(() => stack);
  const at = (ms: number) => setClock(stack.services.redis, ms);
  const heldUntil = (place: PlaceView): number => place.heldUntilMs ?? 0;
  /** All that may take a place away without its customer: the tick and the walk over all places. */
  async function tidy(roomId: string): Promise<void> {
    await tick(roomId);
    await stack.services.waitingRoom.admission.sweepStep(roomId, '0');
  }
  async function room(capacity = 0): Promise<string> {
    await at(START_MS);
    return stack.room({ capacity, graceSeconds: GRACE_MS / 1_000, slotSeconds: 60 });
  }

  it('keeps a place until then without a poll, and no longer', async () => {
    const roomId = await room();
    const [early, late] = await enter(roomId, ids(2));
    if (!early || !late) throw new Error('two places');
    // The last recorded contact, in whole seconds, and the grace.
    expect(heldUntil(early)).toBe(START_MS - (START_MS % 1_000) + GRACE_MS);
    await at(heldUntil(early));
    await tidy(roomId);
    expect((await line().look(early)).status).toBe('WAITING');
    await at(heldUntil(late) + 1);
    await tidy(roomId);
    expect((await line().look(late)).status).toBe('EXPIRED');
    expect((await line().look(early)).waitingNumber).toBe(1);
  });

  it('tells the truth at every poll, whether or not it was recorded', async () => {
    const roomId = await room();
    let [place] = await enter(roomId, ids(1));
    if (!place) throw new Error('a place');
    let nowMs = START_MS;
    // Polls at all distances, recorded ones and others; each answer alone is what is kept.
    for (const stepMs of [1, 900, 5_000, 12_499, 12_501, 24_999, 13_000, 999]) {
      nowMs += stepMs;
      await at(nowMs);
      place = await line().look(place);
      expect(heldUntil(place)).toBeGreaterThanOrEqual(nowMs + GRACE_MS - GRACE_MS / 8 - 1_000);
      expect(heldUntil(place)).toBeLessThanOrEqual(nowMs + GRACE_MS);
    }
    await at(heldUntil(place));
    await tidy(roomId);
    expect((await line().place(roomId, 1))?.seq).toBe(place.seq);
    await at(heldUntil(place) + 1);
    await tidy(roomId);
    expect(await line().place(roomId, 1)).toBeUndefined();
  });

  it('keeps who was set aside, and who came back, just as long as told', async () => {
    const roomId = await room();
    const [away, back] = await enter(roomId, ids(2));
    if (!away || !back) throw new Error('two places');
    const { rooms } = stack.services.waitingRoom;
    await at(START_MS + GRACE_MS / 2 + 1_000);
    await rooms.patch(roomId, 1, { capacity: 1 }, ACTOR);
    await tick(roomId);
    expect((await line().place(roomId, 1))?.status).toBe('AWAY');
    await rooms.patch(roomId, 2, { capacity: 0 }, ACTOR);
    const returned = await line().look(back);
    expect(returned.waitingNumber).toBe(1);
    await at(heldUntil(away));
    await tidy(roomId);
    expect((await line().place(roomId, 1))?.status).toBe('AWAY');
    await at(heldUntil(away) + 1);
    await tidy(roomId);
    expect(await line().place(roomId, 1)).toBeUndefined();
    await at(heldUntil(returned));
    await tidy(roomId);
    expect((await line().place(roomId, 2))?.status).toBe('RETURNING');
    await at(heldUntil(returned) + 1);
    await tidy(roomId);
    expect(await line().place(roomId, 2)).toBeUndefined();
  });

  it('lets in who was seen within half of the shortest grace, whatever second that was kept in', async () => {
    const END_OF_SECOND_MS = 1_800_000_000_999;
    await at(END_OF_SECOND_MS);
    const roomId = await stack.room({ capacity: 0, graceSeconds: 4 });
    await enter(roomId, ids(2));
    await stack.services.waitingRoom.rooms.patch(roomId, 1, { capacity: 1 }, ACTOR);
    await at(END_OF_SECOND_MS + 2_000);
    await tick(roomId);
    expect((await line().place(roomId, 1))?.status).toBe('CALLED');
    await stack.services.waitingRoom.rooms.patch(roomId, 2, { capacity: 2 }, ACTOR);
    await at(END_OF_SECOND_MS + 2_002);
    await tick(roomId);
    expect((await line().place(roomId, 2))?.status).toBe('AWAY');
  });

  it('is the end of the slot for who has one', async () => {
    const roomId = await room(1);
    const [place] = await enter(roomId, ids(1));
    if (!place) throw new Error('a place');
    expect(heldUntil(place)).toBe(START_MS + 60_000);
    await at(heldUntil(place) - 1);
    await tidy(roomId);
    expect((await line().look(place)).status).toBe('ACTIVE');
    await at(heldUntil(place));
    await tidy(roomId);
    expect((await line().look(place)).status).toBe('EXPIRED');
  });
});
