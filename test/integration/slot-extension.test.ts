import { type Stack, startStack } from '../support/stack.ts';

/** A clock that stands still, so that two calls fall into the same millisecond. */
const STILL = `local function now_us() return tonumber(redis.call('GET', 'test:still')) end\n`;
const NOW_MS = 1_800_000_000_000;
const SLOT_SECONDS = 60;
const HOLD_MS = 300_000;

describe('a slot stretched over a hold', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: STILL });
    await stack.services.redis.set('test:still', NOW_MS * 1_000);
  });
  afterAll(() => stack.close());

  async function slot() {
    const { line } = stack.services.waitingRoom;
    const roomId = await stack.room({ capacity: 1, slotSeconds: SLOT_SECONDS });
    const [customerId] = await stack.customers(1);
    if (!customerId) throw new Error('a customer');
    const { seq } = await line.enter({ roomId, customerId });
    const place = { roomId, customerId, seq };
    const extend = async () => {
      const reply = await line.extend({ ...place, holdMs: HOLD_MS });
      if (reply.kind !== 'extended') throw new Error('no slot');
      return {
        endsMs: reply.deadlineMs,
        takeBack: () =>
          line.retract({ ...place, fromMs: reply.deadlineMs, toMs: reply.previousMs }),
      };
    };
    const endsMs = async () => (await line.place(roomId, customerId))?.slotEndsAt?.getTime();
    return { extend, endsMs };
  }

  it('stays stretched when another try of the same millisecond is taken back, whichever comes first', async () => {
    for (const failing of [0, 1]) {
      const { extend, endsMs } = await slot();
      const tries = [await extend(), await extend()];
      await tries[failing]?.takeBack();
      expect(await endsMs()).toBeGreaterThanOrEqual(NOW_MS + HOLD_MS);
    }
  });

  it('returns to its own end when every try is taken back, last first', async () => {
    const { extend, endsMs } = await slot();
    const tries = [await extend(), await extend()];
    for (const one of tries.reverse()) await one.takeBack();
    expect(await endsMs()).toBe(NOW_MS + SLOT_SECONDS * 1_000);
  });
});
