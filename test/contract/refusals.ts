import jwt from 'jsonwebtoken';
import type { ErrorCode } from '../../src/platform/errors.ts';
import { admin, QUEUE_SECRET } from '../support/stack.ts';
import type { Call, Contract } from './harness.ts';

const NOBODY = 999_999_999;
const times = { saleBeginAt: '2026-01-01T00:00:00Z', saleEndAt: '2099-01-01T00:00:00Z' };
const night = { optionName: 'N', performAt: '2098-01-01T00:00:00Z', price: 10, capacityLimit: 5 };

/** Refusals that no other section meets on its way. */
export function refusalContract(contract: Contract): void {
  const { ok, refused, reserve, pay, sale, customer } = contract;

  const post = (path: string, body: object, headers = {}): Call => ({
    method: 'post',
    path,
    body,
    headers,
  });
  const get = (path: string, headers = {}): Call => ({ method: 'get', path, headers });
  const remove = (path: string, headers = {}): Call => ({ method: 'delete', path, headers });
  const patch = (path: string, body: object): Call => ({
    method: 'patch',
    path,
    body,
    headers: admin,
  });
  /** A token as enter would give it. */
  const tokenFor = (customerId: number, room: string) => ({
    Authorization: `Bearer ${jwt.sign({ use: 'queue', room, seq: 1 }, QUEUE_SECRET, {
      keyid: 'test',
      subject: String(customerId),
      expiresIn: 60,
    })}`,
  });
  async function all(refusals: [ErrorCode, Call][]): Promise<void> {
    for (const [code, call] of refusals) await refused(code, call);
  }

  it('says what is not there', async () => {
    const { caller, concertId, optionId, roomId } = await sale();
    const lost = tokenFor(caller.customerId, 'no-such-room');
    const nobody = tokenFor(NOBODY, roomId);
    const concerts = `/admin/concerts/${concertId}`;
    const check = { customerId: caller.customerId };
    await all([
      ['ROOM_NOT_FOUND', get('/customer/waiting', lost)],
      ['ROOM_NOT_FOUND', post('/customer/waiting/check', check, lost)],
      ['ROOM_NOT_FOUND', get('/customer/waiting/stream', lost)],
      ['CUSTOMER_NOT_FOUND', post('/customer/identify', { customerId: NOBODY })],
      ['CUSTOMER_NOT_FOUND', post('/customer/point/balance', { customerId: NOBODY }, nobody)],
      [
        'CUSTOMER_NOT_FOUND',
        post('/customer/point/charge', { customerId: NOBODY, amount: 10 }, nobody),
      ],
      ['CONCERT_NOT_FOUND', get('/concerts/999999/options')],
      ['CONCERT_NOT_FOUND', get('/concerts/999999/options/1')],
      ['CONCERT_NOT_FOUND', get('/concerts/999999/options/1/seats')],
      ['OPTION_NOT_FOUND', get(`/concerts/${concertId}/options/999999/seats`)],
      ['CONCERT_NOT_FOUND', reserve(caller, 999_999, [{ optionId, seatId: 1 }])],
      ['RESERVATION_NOT_FOUND', pay(caller, 1)],
      ['RESERVATION_NOT_FOUND', remove('/reservation/999999', caller.headers)],
      ['RESERVATION_NOT_FOUND', post('/reservation/999999/refund', {}, caller.headers)],
      ['ROOM_NOT_FOUND', get('/admin/rooms/no-such-room', admin)],
      ['ROOM_NOT_FOUND', patch('/admin/rooms/no-such-room', { version: 1, capacity: 1 })],
      ['ROOM_NOT_FOUND', get('/admin/rooms/no-such-room/stats', admin)],
      ['ROOM_NOT_FOUND', get('/admin/rooms/no-such-room/stream', admin)],
      ['ROOM_NOT_FOUND', post('/admin/rooms/no-such-room/admit', { count: 1 }, admin)],
      ['NOT_FOUND', get(`/admin/rooms/${roomId}/places/${NOBODY}`, admin)],
      [
        'ROOM_NOT_FOUND',
        post('/admin/concerts', { concertName: 'C', artist: 'A', roomId: 'no', ...times }, admin),
      ],
      ['ROOM_NOT_FOUND', patch(concerts, { roomId: 'no' })],
      ['CONCERT_NOT_FOUND', patch('/admin/concerts/999999', { artist: 'A' })],
      ['CONCERT_NOT_FOUND', post('/admin/concerts/999999/options', night, admin)],
      ['OPTION_NOT_FOUND', patch(`${concerts}/options/999999`, { price: 1 })],
      ['OPTION_NOT_FOUND', post(`${concerts}/options/999999/blocks`, { seats: [1] }, admin)],
      [
        'OPTION_NOT_FOUND',
        { ...remove(`${concerts}/options/999999/blocks`, admin), body: { seats: [1] } },
      ],
      ['SEAT_NOT_FOUND', post(`${concerts}/options/${optionId}/blocks`, { seats: [999] }, admin)],
      [
        'OPTION_NOT_FOUND',
        { ...post(`${concerts}/options/999999/blocks`, { seats: [1] }, admin), method: 'delete' },
      ],
      ['OPTION_NOT_FOUND', post(`${concerts}/options/999999/cancel`, { confirm: 'x' }, admin)],
      ['OPTION_NOT_FOUND', get(`${concerts}/options/999999/cancel`, admin)],
      ['CUSTOMER_NOT_FOUND', patch(`/admin/customers/${NOBODY}`, { name: 'x' })],
      ['CUSTOMER_NOT_FOUND', get(`/admin/customers/${NOBODY}`, admin)],
      ['NOT_FOUND', get('/admin/tickets/999999', admin)],
      ['NOT_FOUND', post('/admin/outbox/999999/retry', {}, admin)],
    ]);
    // Whoever is unknown is told so before all that is asked of a slot.
    await refused('CUSTOMER_NOT_FOUND', {
      ...reserve(caller, concertId, [{ optionId, seatId: 1 }]),
      headers: nobody,
      body: {
        reserver: { customerId: NOBODY, reserverName: 'Kim' },
        concertId,
        performances: [{ optionId, seatId: 1 }],
      },
    });
  });

  it('lets nobody speak for another, and none act who is suspended', async () => {
    const { caller, concertId, optionId } = await sale();
    const other = await customer();
    const { headers } = caller;
    const seat = [{ optionId, seatId: 1 }];
    await all([
      ['CUSTOMER_MISMATCH', post('/customer/point/balance', { customerId: other }, headers)],
      [
        'CUSTOMER_MISMATCH',
        post('/customer/point/charge', { customerId: other, amount: 10 }, headers),
      ],
      [
        'CUSTOMER_MISMATCH',
        { ...reserve({ ...caller, customerId: other }, concertId, seat), headers },
      ],
      ['CUSTOMER_MISMATCH', { ...pay({ ...caller, customerId: other }, 1_000), headers }],
    ]);
    await ok(patch(`/admin/customers/${caller.customerId}`, { active: false }));
    await all([
      ['CUSTOMER_INACTIVE', post('/customer/identify', { customerId: caller.customerId })],
      [
        'CUSTOMER_INACTIVE',
        post('/customer/point/charge', { customerId: caller.customerId, amount: 10 }, headers),
      ],
      ['CUSTOMER_INACTIVE', reserve(caller, concertId, seat)],
    ]);
  });

  it('says what the state of things does not allow', async () => {
    const { caller, concertId, optionId, roomId } = await sale({ price: 1_000, points: 1_000 });
    const option = `/admin/concerts/${concertId}/options/${optionId}`;
    const { body: held } = await ok(reserve(caller, concertId, [{ optionId, seatId: 1 }]));
    const one = `/reservation/${held.reservationId}`;
    await all([
      ['RESERVATION_STATE_CONFLICT', post(`${one}/refund`, {}, caller.headers)],
      ['ALREADY_TAKEN', post(`${option}/blocks`, { seats: [1] }, admin)],
      ['RESERVATION_STATE_CONFLICT', get(`${option}/cancel`, admin)],
    ]);
    // The points went elsewhere between holding and paying.
    const { db } = contract.stack.services;
    await db.query({
      text: 'UPDATE accounts SET balance = 0 WHERE customer_id = $1',
      values: [caller.customerId],
    });
    await refused('OUT_OF_BUDGET', pay(caller, 1_000));
    await db.query({
      text: 'UPDATE accounts SET balance = 1000 WHERE customer_id = $1',
      values: [caller.customerId],
    });
    // Giving back is idempotent: the second time changes nothing.
    await ok(remove(one, caller.headers));
    await ok(remove(one, caller.headers));
    await refused(
      'RESERVATION_STATE_CONFLICT',
      pay(caller, 1_000, { reservationId: held.reservationId }),
    );
    await db.query({ text: 'UPDATE outbox SET delivered_at = now()' });
    const { body: delivered } = await ok(get('/admin/outbox?all=true', admin));
    await refused(
      'RESERVATION_STATE_CONFLICT',
      post(`/admin/outbox/${delivered.items[0].outboxId}/retry`, {}, admin),
    );
    expect(roomId).toBeDefined();
  });
}
