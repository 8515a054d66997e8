import type { Database } from '../../src/platform/database.ts';
import type { Buyer } from './buyer.ts';
import { enter } from './buyer-line.ts';
import { askCharge, askPay, askRefund } from './buyer-money.ts';
import { hear } from './buyer-shop.ts';
import { ROOM } from './system.ts';
import type { Told, ToldReservation } from './told.ts';

/** Asks again, under the same keys, for everything whose answer was lost: now each key has one. */
export async function askAgain(buyer: Buyer): Promise<void> {
  for (const told of buyer.told.values()) {
    const unclear = (one: { lost: number; answer?: number }) =>
      one.lost > 0 && one.answer === undefined;
    const charges = [...told.charges.values()].filter(unclear);
    const reserves = [...told.reserves.values()].filter(unclear);
    const pays = [...told.pays.values()].filter(unclear);
    const refunds = [...told.refunds.values()].filter(unclear);
    if (charges.length + reserves.length + pays.length + refunds.length === 0) continue;
    const place = await enter(buyer, told.customerId, ROOM);
    if (!place) {
      buyer.complain(`customer ${told.customerId} could not enter at the end`);
      continue;
    }
    for (const asked of reserves) {
      const { key, body, token } = asked;
      const call = { method: 'POST' as const, path: '/reservation/reserve', token, key, body };
      const answer = await buyer.client.settled(call, 10);
      if (answer.status === 200) hear(buyer, told, asked, answer.body);
    }
    for (const asked of pays) await askPay(buyer, asked, place.token);
    for (const asked of refunds) await askRefund(buyer, asked, place.token);
    for (const asked of charges) {
      if (!(await askCharge(buyer, told, asked, place.token))) {
        buyer.complain(`charge ${asked.key} of customer ${told.customerId} has no answer`);
      }
    }
  }
}

interface StoredReservation {
  id: number;
  status: string;
  total: number;
  seats: string[];
  payments: number;
  refunded: number;
}

/** Compares what every client was told with what is stored. */
export async function compareWithStored(
  db: Database,
  clients: Told[],
  complain: (text: string) => void,
): Promise<void> {
  for (const told of clients) {
    const stored = await readReservations(db, told.customerId);
    const known = new Set(stored.map((one) => one.id));
    for (const one of told.reservations.values()) {
      if (!known.has(one.id)) complain(`reservation ${one.id} was answered and is not there`);
    }
    for (const one of stored) {
      const heard = told.reservations.get(one.id);
      if (!heard) complain(`reservation ${one.id} is there, and nobody was told of it`);
      else for (const wrong of contradictions(heard, one)) complain(wrong);
    }
    await compareCharges(db, told, complain);
  }
}

function contradictions(told: ToldReservation, stored: StoredReservation): string[] {
  const paid = stored.payments > 0;
  const rules: [boolean, string][] = [
    [String(told.seats) !== String(stored.seats), 'has other seats than were answered'],
    [told.total !== stored.total, 'has another total than was answered'],
    [told.paid && !paid, 'was told paid, and is not'],
    [told.payRefused && paid, 'was told that it cannot be paid, and was charged'],
    [told.payAsked === 0 && paid, 'was charged without being asked'],
    [told.payLost === 0 && !told.paid && paid, 'was refused each time, and was charged'],
    [told.cancelled && paid, 'was told cancelled, and was charged'],
    [told.cancelled && !['CANCELLED', 'EXPIRED'].includes(stored.status), 'was told cancelled'],
    [!told.cancelAsked && stored.status === 'CANCELLED', 'was cancelled by nobody'],
    [told.refunded && stored.refunded !== told.total, 'was told refunded, and is not'],
    [!told.refundAsked && stored.status === 'REFUNDED', 'was refunded by nobody'],
    [told.paid && !['CONFIRMED', 'REFUNDED'].includes(stored.status), 'was undone after payment'],
  ];
  return rules
    .filter(([broken]) => broken)
    .map(([, text]) => `reservation ${stored.id} (${stored.status}) ${text}`);
}

function readReservations(db: Database, customerId: number): Promise<StoredReservation[]> {
  return db.query<StoredReservation>({
    name: 'stored-reservations',
    text: `SELECT r.id, r.status, r.total,
             (SELECT array_agg(s ORDER BY s COLLATE "C") FROM (
                SELECT t.option_id || ':' || t.seat AS s FROM tickets t WHERE t.reservation_id = r.id) AS seats) AS seats,
             (SELECT count(*) FROM payments p WHERE p.reservation_id = r.id) AS payments,
             coalesce((SELECT sum(amount)::bigint FROM transfers f WHERE f.kind = 'REFUND'
               AND f.ref_type = 'reservation' AND f.ref_id = r.id::text), 0) AS refunded
           FROM reservations r WHERE r.customer_id = $1`,
    values: [customerId],
  });
}

/** Each charge that was answered happened once, and none that was not asked for. */
async function compareCharges(
  db: Database,
  told: Told,
  complain: (text: string) => void,
): Promise<void> {
  const rows = await db.query<{ id: number; amount: number }>({
    name: 'stored-charges',
    text: `SELECT t.id, t.amount FROM transfers t JOIN accounts a ON a.id = t.to_account_id
           WHERE a.customer_id = $1 AND t.kind = 'CHARGE'`,
    values: [told.customerId],
  });
  const stored = new Map(rows.map((row) => [row.id, row.amount]));
  for (const { key, answer, amount } of told.charges.values()) {
    if (answer === undefined) continue;
    if (stored.get(answer) !== amount) complain(`charge ${key} was answered and is not there`);
    stored.delete(answer);
  }
  for (const id of stored.keys()) {
    complain(`transfer ${id} charged customer ${told.customerId}, and nobody was told of it`);
  }
}
