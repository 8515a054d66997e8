import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Buyer } from './buyer.ts';
import { leave, type Place, poll } from './buyer-line.ts';
import { cancel, charge, pay, refund } from './buyer-money.ts';
import type { Wire } from './client.ts';
import { OPTIONS, SEATS } from './system.ts';
import { answered, type Told, type ToldReservation } from './told.ts';

const RESERVES_MAX = 4;
/** Somebody who gets no seat gives some back, so that the sale goes on. */
const REFUND_CHANCE = 0.75;
/** Seats that everybody wants. */
const HOT_SEATS = 6;

/** Uses a slot: holds seats, then pays, cancels, lets the hold run out or goes away. */
export async function shop(buyer: Buyer, told: Told, place: Place): Promise<void> {
  const { random } = buyer;
  if (random.next() < 0.15) await charge(buyer, told, place.token);
  for (let tries = 0; tries < RESERVES_MAX && !buyer.stopping(); tries += 1) {
    const { reservation, code, sentAtMs } = await reserve(buyer, told, place);
    if (reservation) {
      if (await wantsOthers(buyer, reservation, place)) continue;
      await decide(buyer, { told, place, reservation, sentAtMs });
      return;
    }
    if (code === 'QUEUE_NOT_ACTIVE') return;
    if (code === 'HOLD_EXISTS') await settleExisting(buyer, told, place);
    else if (code === 'OUT_OF_BUDGET') await charge(buyer, told, place.token);
    else if (code === 'SEAT_LIMIT_EXCEEDED' || tries > 0) await giveBack(buyer, told, place.token);
  }
  await leave(buyer, place);
}

async function reserve(
  buyer: Buyer,
  told: Told,
  place: Place,
): Promise<{ reservation?: ToldReservation; code: string; sentAtMs: number }> {
  const key = randomUUID();
  const body = {
    reserver: { customerId: told.customerId, reserverName: 'Kim' },
    concertId: 1,
    performances: seats(buyer),
  };
  const asked = { key, lost: 0, body, token: place.token };
  told.reserves.set(key, asked);
  const call = {
    method: 'POST' as const,
    path: '/reservation/reserve',
    token: place.token,
    key,
    body,
  };
  const answer = await buyer.client.settled(call, 6);
  asked.lost += answer.lost;
  if (answer.status !== 200) return { code: answer.body.code, sentAtMs: answer.sentAtMs };
  const reservation = hear(buyer, told, asked, answer.body);
  return { reservation, code: 'ok', sentAtMs: answer.sentAtMs };
}

/** Keeps what an answered reserve said. */
export function hear(
  buyer: Pick<Buyer, 'complain'>,
  told: Told,
  asked: { key: string; lost: number; answer?: number },
  body: Wire,
): ToldReservation {
  const wrong = answered(asked, body.reservationId);
  if (wrong) buyer.complain(wrong);
  const known = told.reservations.get(body.reservationId);
  if (known) return known;
  const reservation: ToldReservation = {
    id: body.reservationId,
    customerId: told.customerId,
    seats: body.tickets.map((ticket) => `${ticket.optionId}:${ticket.seatId}`).sort(),
    total: body.total,
    expiresAtMs: Date.parse(body.expiresAt),
    payAsked: 0,
    payLost: 0,
    paid: false,
    payRefused: false,
    cancelAsked: false,
    cancelled: false,
    refundAsked: false,
    refunded: false,
  };
  told.reservations.set(reservation.id, reservation);
  return reservation;
}

/** Other seats after all: the hold is given back, and the next begins in the same slot. */
async function wantsOthers(
  buyer: Buyer,
  reservation: ToldReservation,
  place: Place,
): Promise<boolean> {
  if (buyer.random.next() > 0.35) return false;
  await cancel(buyer, reservation, place.token);
  return true;
}

async function decide(
  buyer: Buyer,
  held: { told: Told; place: Place; reservation: ToldReservation; sentAtMs: number },
): Promise<void> {
  const { told, place, reservation } = held;
  const { random } = buyer;
  const chance = random.next();
  if (chance < 0.08) {
    // Until it has run out; then one late payment, which must be refused.
    await delay(Math.max(0, reservation.expiresAtMs - Date.now()) + random.between(0, 400));
    await pay(buyer, told, reservation, place.token);
    if (random.next() < 0.7) await leave(buyer, place);
    return;
  }
  if (chance < 0.13) await leave(buyer, place);
  else if (chance < 0.4) await stillShopping(buyer, place, reservation);
  const pays = [pay(buyer, told, reservation, place.token)];
  // A second tab, which pays too, or holds more seats in the slot that the payment ends.
  const secondTab = random.next();
  if (secondTab < 0.1) pays.push(pay(buyer, told, reservation, place.token));
  const more = secondTab > 0.85 ? reserve(buyer, told, place) : undefined;
  if ((await Promise.all(pays)).includes('paid')) {
    buyer.onSale(held.sentAtMs);
    if (random.next() < 0.15) await seesItSold(buyer, reservation);
  }
  const another = (await more)?.reservation;
  if (another) await pay(buyer, told, another, place.token);
  if (random.next() < REFUND_CHANCE) await giveBack(buyer, told, place.token);
}

/** A map that is later than the answer shows the seat as sold, whichever process draws it. */
async function seesItSold(buyer: Buyer, reservation: ToldReservation): Promise<void> {
  const paidAtMs = Date.now();
  const [optionId, seatId] = reservation.seats[0]?.split(':') ?? [];
  const path = `/concerts/1/options/${optionId}/seats`;
  const { status, body } = await buyer.client.once({ method: 'GET', path });
  if (status !== 200 || Date.parse(body.asOf) <= paidAtMs) return;
  const seat = body.seats.find((one) => one.seatId === Number(seatId));
  if (seat?.status !== 'SOLD') {
    buyer.complain(`seat ${optionId}:${seatId} was paid, then shown as ${seat?.status}`);
  }
}

/** Nobody is put out of a slot while a hold of theirs is live. */
async function stillShopping(
  buyer: Buyer,
  place: Place,
  reservation: ToldReservation,
): Promise<void> {
  await delay(buyer.random.between(50, 300));
  const now = await poll(buyer, place);
  const live = reservation.expiresAtMs - Date.now() > 0;
  if (now?.status === 'EXPIRED' && live) {
    buyer.complain(`slot ${place.seq} ended while hold ${reservation.id} was live`);
  }
}

/** A hold of an earlier visit, or of an answer that never came. */
async function settleExisting(buyer: Buyer, told: Told, place: Place): Promise<void> {
  const held = [...told.reservations.values()].filter(
    (one) => !one.paid && !one.cancelled && one.expiresAtMs > Date.now(),
  );
  for (const one of held) await cancel(buyer, one, place.token);
  await delay(buyer.random.between(100, 500));
}

async function giveBack(buyer: Buyer, told: Told, token: string): Promise<void> {
  const paid = [...told.reservations.values()].filter((one) => one.paid && !one.refundAsked);
  const [oldest] = paid;
  if (oldest) await refund(buyer, told, oldest, token);
}

/** One to four different seats, mostly anywhere, sometimes where everybody wants to sit. */
function seats({ random }: Buyer): { optionId: number; seatId: number }[] {
  const wanted = new Map<string, { optionId: number; seatId: number }>();
  const count = random.between(1, 4);
  const last = random.next() < 0.2 ? HOT_SEATS : SEATS;
  while (wanted.size < count) {
    const seat = { optionId: random.pick(OPTIONS), seatId: random.between(1, last) };
    wanted.set(`${seat.optionId}:${seat.seatId}`, seat);
  }
  return [...wanted.values()];
}
