import { eventually } from './eventually.ts';
import type { Stack } from './stack.ts';

const PRICE = 1_000;

/**
 * From the line to the ticket, and on to the next in line: one enters and shops, the other waits; the first
 * reserves and pays; the slot passes on.
 */
export async function walkThrough(stack: Stack): Promise<void> {
  const roomId = await stack.room({ capacity: 1 });
  const { concertId, optionIds } = await stack.concert({ roomId, price: PRICE });
  const [optionId] = optionIds;
  const [a, b] = await stack.customers(2);
  if (!a || !b) throw new Error('two customers');
  const buyer = await stack.activate(roomId, a);
  const entered = await stack.api
    .post('/customer/waiting/enter')
    .send({ customerId: b, roomId })
    .expect(200);
  expect(entered.body).toMatchObject({ status: 'WAITING', waitingNumber: 1 });
  const next = { Authorization: `Bearer ${entered.body.token}` };

  const { body: held } = await stack.api
    .post('/reservation/reserve')
    .set(buyer.headers)
    .send({
      reserver: { customerId: a, reserverName: 'Kim' },
      concertId,
      performances: [
        { optionId, seatId: 7 },
        { optionId, seatId: 8 },
      ],
    })
    .expect(200);
  expect(held.tickets).toHaveLength(2);
  const { body: paid } = await stack.api
    .post('/reservation/pay')
    .set(buyer.headers)
    .send({ customerId: a, pay: [{ payMethod: 'POINT', payAmount: 2 * PRICE }] })
    .expect(200);
  expect(paid.tickets.map((ticket: { status: string }) => ticket.status)).toEqual([
    'CONFIRMED',
    'CONFIRMED',
  ]);

  await eventually(async () => {
    const mine = await stack.api.get('/customer/waiting').set(buyer.headers).expect(200);
    expect(mine.body.status).toBe('EXPIRED');
    const theirs = await stack.api.get('/customer/waiting').set(next).expect(200);
    expect(theirs.body.status).toBe('ACTIVE');
  }, PATIENTLY);
  const { body: map } = await stack.api
    .get(`/concerts/${concertId}/options/${optionId}`)
    .expect(200);
  expect(map.seats).not.toContain(7);
}

/** Failovers take seconds, and a loaded machine takes longer. */
export const PATIENTLY = { timeoutMs: 60_000, everyMs: 100 };

/** The longest that one of these tests may take on a busy machine. */
export const SLOWLY_MS = 180_000;
