import { roomKeys } from '../../src/waiting-room/keys.ts';
import { MOVABLE_CLOCK } from '../support/clock.ts';
import { lineHands } from '../support/line-hands.ts';
import { ACTOR, type Stack, startStack } from '../support/stack.ts';

/** More than half the grace: who is not seen for so long takes no slot. */
const AWAY_MS = 60_000;

describe('who is called', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  const { tick, advance, enter, seen, ids } = lineHands(() => stack);
  const room = () =>
    stack.room({ capacity: 0, graceSeconds: 100, slotSeconds: 600, claimSeconds: 600 });
  async function open(roomId: string, version: number, capacity: number): Promise<void> {
    await stack.services.waitingRoom.rooms.patch(roomId, version, { capacity }, ACTOR);
  }

  it('is told in order, each with the own seq, and who had been away', async () => {
    const roomId = await room();
    const [gone, first, alsoGone, second, third] = await enter(roomId, ids(5));
    if (!gone || !first || !alsoGone || !second || !third) throw new Error('five places');
    const called = ({ customerId, seq }: typeof first, returned = false) => {
      return { customerId, seq, returned };
    };
    await advance(AWAY_MS);
    await seen([first, alsoGone, second, third]);
    await open(roomId, 1, 1);
    expect(await tick(roomId)).toMatchObject({ called: [called(first)], settled: 1, waiting: 3 });

    await advance(AWAY_MS / 2);
    await seen([gone]);
    await advance(AWAY_MS / 2);
    await seen([second, third]);
    await open(roomId, 2, 4);
    expect(await tick(roomId)).toMatchObject({
      called: [called(gone, true), called(second), called(third)],
      settled: 1,
      waiting: 0,
      returning: 0,
      active: 4,
    });
  });

  it('is never one without a record, and that costs nobody else the turn', async () => {
    const roomId = await room();
    const [first, lost, last] = await enter(roomId, ids(3));
    if (!first || !lost || !last) throw new Error('three places');
    await stack.services.redis.hdel(roomKeys(roomId).places, String(lost.customerId));
    await open(roomId, 1, 3);
    const { called, active } = await tick(roomId);
    expect(called.map(({ seq }) => seq)).toEqual([first.seq, last.seq]);
    expect(active).toBe(2);
    // The token brings the place back, at its seq, among those who are served first.
    await seen([lost]);
    expect((await tick(roomId)).called).toEqual([
      { customerId: lost.customerId, seq: lost.seq, returned: true },
    ]);
  });
});
