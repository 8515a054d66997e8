import { MOVABLE_CLOCK, moveClock } from '../support/clock.ts';
import { eventually } from '../support/eventually.ts';
import { type Stack, startStack } from '../support/stack.ts';

/** As when its machine is repaired, or an older copy of its data is put back. */
describe('Redis is away for longer than the grace and comes back with its data', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ lineClock: MOVABLE_CLOCK });
  });
  afterAll(() => stack.close());

  it('and nobody has lost a place, though nobody could be seen', async () => {
    const { line, admission } = stack.services.waitingRoom;
    const roomId = await stack.room({ capacity: 1, graceSeconds: 20, slotSeconds: 3_600 });
    const places = [];
    for (const customerId of [1, 2, 3, 4]) places.push(await line.enter({ roomId, customerId }));
    const [holder, ...waiting] = places;
    const [second, third, fourth] = waiting;
    if (!holder || !second || !third || !fourth) throw new Error('four places');
    expect((await line.look(holder)).status).toBe('ACTIVE');

    await stack.redis.stop();
    await stack.redis.start();
    await eventually(() => moveClock(stack.services.redis, 200_000));

    // Upkeep and the first poll come before the room is taken over, the others after.
    await admission.sweepStep(roomId, '0');
    expect(await line.look(second)).toMatchObject({ status: 'WAITING', recovering: true });
    await admission.tick(roomId);
    await admission.sweepStep(roomId, '0');
    for (const place of [third, fourth]) {
      expect(await line.look(place)).toMatchObject({ status: 'WAITING', recovering: true });
    }
    await moveClock(stack.services.redis, 11_000);
    const told = await Promise.all(places.map((place) => line.look(place)));
    expect(told.map((place) => [place.status, place.waitingNumber])).toEqual([
      ['ACTIVE', 0],
      ['WAITING', 1],
      ['WAITING', 2],
      ['WAITING', 3],
    ]);
  });
});
