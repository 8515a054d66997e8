import { ROOM_DEFAULTS } from '../../src/waiting-room/rooms.ts';
import { ACTOR, type Stack, startStack } from '../support/stack.ts';

/** Read as text it is no value at all. */
const ROOM = 'NULL';
const PLACE = { roomId: ROOM, customerId: 7, seq: 1_764_180_000_123_456 };

describe('the record of a room', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack();
    await stack.services.waitingRoom.rooms.create(ROOM, { ...ROOM_DEFAULTS, name: ROOM }, ACTOR);
  });
  afterAll(() => stack.close());

  const at = (second: number): Date => new Date(Date.UTC(2026, 0, 1, 0, 0, second, 7));
  const recorded = () =>
    stack.services.db.query({
      text: `SELECT room_id, customer_id, seq, kind, at, eta_p50, eta_p90, returned, by_hand
             FROM room_events WHERE room_id = $1 ORDER BY customer_id, seq, kind`,
      values: [ROOM],
    });
  const row = {
    room_id: ROOM,
    customer_id: PLACE.customerId,
    seq: PLACE.seq,
    eta_p50: null,
    eta_p90: null,
    returned: false,
    by_hand: false,
  };

  it('says of each event what was told of it, and of calls the last', async () => {
    const { history } = stack.services.waitingRoom;
    await history.write([
      { ...PLACE, kind: 'ENTERED', at: at(0), eta: { p50: 40, p90: 60 } },
      { ...PLACE, kind: 'CALLED', at: at(2), byHand: true },
      { ...PLACE, kind: 'CALLED', at: at(1), returned: true },
      { ...PLACE, customerId: 8, kind: 'CALLED', at: at(3), returned: true },
    ]);
    const entered = { ...row, kind: 'ENTERED', at: at(0), eta_p50: 40, eta_p90: 60 };
    const other = { ...row, customer_id: 8, kind: 'CALLED', at: at(3), returned: true };
    const byHand = { ...row, kind: 'CALLED', at: at(2), by_hand: true };
    expect(await recorded()).toEqual([entered, byHand, other]);

    await history.write([
      { ...PLACE, kind: 'CALLED', at: at(1) },
      { ...PLACE, kind: 'ENTERED', at: at(5), eta: { p50: 1, p90: 2 } },
    ]);
    expect(await recorded()).toEqual([entered, byHand, other]);

    await history.write([{ ...PLACE, kind: 'CALLED', at: at(4), returned: true, eta: null }]);
    const again = { ...row, kind: 'CALLED', at: at(4), returned: true };
    expect(await recorded()).toEqual([entered, again, other]);
  });
});
