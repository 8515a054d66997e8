import { seatKey } from '../../src/seats/keys.ts';
import { createWorkers } from '../../src/workers/index.ts';
import { eventually } from '../support/eventually.ts';
import { admin, type Caller, type Stack, startStack } from '../support/stack.ts';

interface Event {
  id: number;
  kind: string;
  attempts: number;
  delivered: boolean;
}

describe('the outbox', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { HOLD_SECONDS: '60' } });
  });
  afterAll(() => stack.close());

  const events = (reservationId: number) =>
    stack.services.db.query<Event>({
      text: `SELECT id, kind, attempts, delivered_at IS NOT NULL AS delivered FROM outbox
             WHERE payload ->> 'reservationId' = $1 ORDER BY id`,
      values: [String(reservationId)],
    });
  const run = (text: string, values: unknown[] = []) => stack.services.db.query({ text, values });

  async function buyer(seatId = 1) {
    const roomId = await stack.room({ capacity: 10 });
    const { concertId, optionIds } = await stack.concert({ roomId });
    const [customerId] = await stack.customers(1);
    if (!customerId) throw new Error('a customer');
    const caller = await stack.activate(roomId, customerId);
    const seat = { optionId: optionIds[0], seatId };
    const hold = async (who: Caller = caller): Promise<number> => {
      const { body } = await stack.api
        .post('/reservation/reserve')
        .set(who.headers)
        .send({
          reserver: { customerId: who.customerId, reserverName: 'Kim' },
          concertId,
          performances: [seat],
        })
        .expect(200);
      return body.reservationId;
    };
    return { roomId, concertId, seat, caller, hold, key: seatKey(concertId, seat) };
  }
  const pay = (caller: Caller) =>
    stack.api
      .post('/reservation/pay')
      .set(caller.headers)
      .send({ customerId: caller.customerId, pay: [{ payMethod: 'POINT', payAmount: 1_000 }] })
      .expect(200);

  /** Runs a worker until everything has been delivered. */
  async function deliverAll(): Promise<void> {
    await run(`UPDATE outbox SET available_at = clock_timestamp() WHERE delivered_at IS NULL`);
    const worker = createWorkers(stack.services);
    worker.start();
    try {
      await eventually(async () => {
        expect(await stack.services.outbox.backlog()).toMatchObject({ pending: 0 });
      });
    } finally {
      await worker.close();
    }
  }

  it('holds one event for each committed transition, and none for one that was refused', async () => {
    const paid = await buyer();
    const first = await paid.hold();
    await pay(paid.caller);
    await stack.api
      .post(`/reservation/${first}/refund`)
      .set(paid.caller.headers)
      .send({})
      .expect(200);
    const gone = await buyer();
    const second = await gone.hold();
    await stack.api.delete(`/reservation/${second}`).set(gone.caller.headers).expect(204);
    await stack.api.delete(`/reservation/${second}`).set(gone.caller.headers).expect(204);
    const late = await buyer();
    const third = await late.hold();
    await run('UPDATE reservations SET expires_at = clock_timestamp() WHERE id = $1', [third]);
    await stack.services.reservations.expireDue(10);
    await stack.services.reservations.expireDue(10);
    const kinds = async (id: number) => (await events(id)).map((event) => event.kind);
    expect(await kinds(first)).toEqual([
      'reservation.held',
      'reservation.confirmed',
      'reservation.refunded',
    ]);
    expect(await kinds(second)).toEqual(['reservation.held', 'reservation.cancelled']);
    expect(await kinds(third)).toEqual(['reservation.held', 'reservation.expired']);
    await deliverAll();
    for (const id of [first, second, third]) {
      expect((await events(id)).every((event) => event.delivered)).toBe(true);
    }
  });

  it('delivers again after a worker died in between, and a second delivery harms nobody', async () => {
    const { roomId, caller, hold, key, seat, concertId } = await buyer();
    const id = await hold();
    await pay(caller);
    // A worker takes the events and dies: they are hidden for a while, and not lost.
    const taken = await stack.services.outbox.take(100);
    expect(taken.map((event) => event.reservationId)).toContain(id);
    expect(await stack.services.outbox.take(100)).toEqual([]);
    const { redis } = stack.services;
    expect(await redis.get(key)).toMatch(new RegExp(`^${caller.customerId}:`));
    await deliverAll();
    // What a payment leaves to its event.
    expect(await redis.get(key)).toBeNull();
    await stack.api.post(`/reservation/${id}/refund`).set(caller.headers).send({}).expect(200);
    await deliverAll();

    // The same customer is back in the room, and somebody else holds the seat.
    const again = await stack.activate(roomId, caller.customerId);
    const [other] = await stack.customers(1);
    const next = await stack.activate(roomId, other ?? 0);
    await stack.api
      .post('/reservation/reserve')
      .set(next.headers)
      .send({
        reserver: { customerId: other, reserverName: 'Lee' },
        concertId,
        performances: [seat],
      })
      .expect(200);
    const claim = await redis.get(key);
    expect(claim).toMatch(new RegExp(`^${other}:`));
    await run(`UPDATE outbox SET delivered_at = NULL WHERE payload ->> 'reservationId' = $1`, [
      String(id),
    ]);
    await deliverAll();
    expect(await redis.get(key)).toBe(claim);
    const { line } = stack.services.waitingRoom;
    const place = await line.place(roomId, caller.customerId);
    expect(place?.status).toMatch(/ACTIVE|CALLED/);
    expect(again.place.status).toBe('ACTIVE');
    const checks = await stack.services.invariants.check();
    expect(checks.filter((check) => check.violations > 0)).toEqual([]);
  });

  it('shows an event that is stuck, and delivers it when an operator asks', async () => {
    const { roomId, caller, hold } = await buyer();
    const id = await hold();
    await deliverAll();
    // Redis has no room to note the end of the slot: the effect fails, the payment stands.
    const { redis } = stack.services;
    await redis.config('SET', 'maxmemory', '1mb');
    const worker = createWorkers(stack.services);
    try {
      await pay(caller);
      worker.start();
      const stuck = await eventually(async () => {
        const { body } = await stack.api.get('/admin/outbox').set(admin).expect(200);
        const [row] = body.items.filter(
          (item: { payload: { reservationId: number } }) => item.payload.reservationId === id,
        );
        expect(row).toMatchObject({ kind: 'reservation.confirmed', deliveredAt: null });
        expect(row.attempts).toBeGreaterThan(0);
        expect(row.lastError).toEqual(expect.any(String));
        return row;
      });
      await eventually(async () => {
        const { text } = await stack.api.get('/metrics').expect(200);
        expect(text).toMatch(/foyer_outbox_pending [1-9]/);
        expect(text).toMatch(/foyer_outbox_oldest_seconds (0\.\d*[1-9]|[1-9])/);
      });
      await run(
        `UPDATE outbox SET available_at = clock_timestamp() + interval '1 hour' WHERE id = $1`,
        [stuck.outboxId],
      );
      await redis.config('SET', 'maxmemory', '0');
      await stack.api.post(`/admin/outbox/${stuck.outboxId}/retry`).set(admin).expect(200);
      await eventually(async () => {
        const [, event] = await events(id);
        expect(event?.delivered).toBe(true);
      });
      expect(
        await stack.services.waitingRoom.line.place(roomId, caller.customerId),
      ).toBeUndefined();
      const refused = await stack.api
        .post(`/admin/outbox/${stuck.outboxId}/retry`)
        .set(admin)
        .expect(409);
      expect(refused.body.code).toBe('RESERVATION_STATE_CONFLICT');
      await stack.api.post('/admin/outbox/999999999/retry').set(admin).expect(404);
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      await worker.close();
    }
  });

  it('goes on trying an event that has failed for days', async () => {
    const { hold } = await buyer();
    const id = await hold();
    await run(`UPDATE outbox SET attempts = 5000 WHERE payload ->> 'reservationId' = $1`, [
      String(id),
    ]);
    await deliverAll();
    expect((await events(id)).map((event) => event.delivered)).toEqual([true]);
  });

  it('is nothing that seats and money wait for: with no delivery at all a sale goes on', async () => {
    const { caller, hold, roomId, concertId, seat } = await buyer();
    const id = await hold();
    await pay(caller);
    await stack.api.post(`/reservation/${id}/refund`).set(caller.headers).send({}).expect(200);
    const [other] = await stack.customers(1);
    const next = await stack.activate(roomId, other ?? 0);
    await stack.api
      .post('/reservation/reserve')
      .set(next.headers)
      .send({
        reserver: { customerId: other, reserverName: 'Lee' },
        concertId,
        performances: [seat],
      })
      .expect(200);
    const delivered = (await events(id)).filter((event) => event.delivered);
    expect(delivered).toEqual([]);
    await deliverAll();
  });
});
