import { eventually } from './eventually.ts';
import { openSale } from './sale.ts';
import type { Stack } from './stack.ts';
import { PATIENTLY } from './walk.ts';

const SEATS = 30;
const BUYERS = 36;
const CAPACITY = 4;
const PRICE = 1_000;
/** The master falls when so many have paid: in the middle of everything. */
const FALLS_AFTER = 8;

/**
 * A sale through which something falls: it goes on and sells out, nobody is undone, nothing is sold twice, nobody
 * is let in beyond the capacity, and no number rises unannounced.
 *
 * @param urls where buyers go, in turn
 * @param fall strikes in the middle: the server that holds the room, or a process
 */
export async function sellThrough(
  stack: Stack,
  fall: (roomId: string) => Promise<void>,
  urls: string[] = [stack.url],
) {
  const roomId = await stack.room({ capacity: CAPACITY });
  const { concertId, optionIds } = await stack.concert({ roomId, seats: SEATS, price: PRICE });
  const [optionId] = optionIds;
  const customers = await stack.customers(BUYERS);
  const sale = openSale({
    ...{ urls, roomId, concertId, optionId, price: PRICE, seats: SEATS, customers },
  });
  const watch = watchCapacity(stack, roomId);
  try {
    await Promise.race([
      sale.over,
      eventually(() => expect(sale.paid.length).toBeGreaterThanOrEqual(FALLS_AFTER), PATIENTLY),
    ]);
    expect(sale.paid.length).toBeLessThan(SEATS);
    await fall(roomId);
    await sale.over;
  } finally {
    watch.stop();
  }
  expect(sale.paid).toHaveLength(SEATS);
  expect(new Set(sale.paid.map((one) => one.seatId)).size).toBe(SEATS);
  expect(sale.rises).toEqual([]);
  expect(watch.most()).toBeLessThanOrEqual(CAPACITY);
  await expectKept(stack, sale.paid);
  return sale;
}

/** Every answer stands, and so do all invariants. */
async function expectKept(
  stack: Stack,
  paid: { customerId: number; reservationId: number; seatId: number }[],
): Promise<void> {
  const rows = await stack.services.db.query<{ id: number; customer: number; seat: number }>({
    text: `SELECT r.id, r.customer_id AS customer, t.seat FROM reservations r
           JOIN tickets t ON t.reservation_id = r.id AND t.live WHERE r.status = 'CONFIRMED' ORDER BY r.id`,
  });
  const told = paid
    .map((one) => ({ id: one.reservationId, customer: one.customerId, seat: one.seatId }))
    .sort((a, b) => a.id - b.id);
  for (const one of told) expect(rows).toContainEqual(one);
  await eventually(async () => {
    const broken = (await stack.services.invariants.check()).filter(
      (check) => check.violations > 0 || !check.checked,
    );
    expect(broken).toEqual([]);
  }, PATIENTLY);
}

/** Looks all the time at how many have a slot. */
function watchCapacity(stack: Stack, roomId: string) {
  let most = 0;
  const timer = setInterval(() => {
    stack.services.redis.zcard(`wr:{${roomId}}:active`).then(
      (active) => {
        most = Math.max(most, active);
      },
      () => undefined,
    );
  }, 20);
  return { most: () => most, stop: () => clearInterval(timer) };
}
