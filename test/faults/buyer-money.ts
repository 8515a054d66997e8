import { randomUUID } from 'node:crypto';
import type { Buyer } from './buyer.ts';
import { answered, type Told, type ToldReservation } from './told.ts';

const CHARGE = { min: 10, max: 800 };
const TRIES_MAX = 6;

export async function charge(buyer: Buyer, told: Told, token: string): Promise<void> {
  const asked = {
    key: randomUUID(),
    lost: 0,
    amount: buyer.random.between(CHARGE.min, CHARGE.max),
  };
  told.charges.set(asked.key, asked);
  await askCharge(buyer, told, asked, token);
}

/** Asks, or asks again under the same key: it must be charged once. */
export async function askCharge(
  { client, complain }: Pick<Buyer, 'client' | 'complain'>,
  told: Told,
  asked: { key: string; lost: number; answer?: number; amount: number },
  token: string,
): Promise<boolean> {
  const body = { customerId: told.customerId, amount: asked.amount };
  const call = { method: 'POST' as const, path: '/customer/point/charge', token, body };
  const answer = await client.settled({ ...call, key: asked.key }, TRIES_MAX);
  asked.lost += answer.lost;
  if (answer.status !== 200) return false;
  const wrong = answered(asked, answer.body.transferId);
  if (wrong) complain(wrong);
  return true;
}

export async function pay(
  buyer: Buyer,
  told: Told,
  reservation: ToldReservation,
  token: string,
): Promise<'paid' | 'refused' | 'unknown'> {
  const asked = { key: randomUUID(), lost: 0, reservation };
  told.pays.set(asked.key, asked);
  return askPay(buyer, asked, token);
}

/** Asks, or asks again under the same key, and keeps what was said of the reservation. */
export async function askPay(
  { client, complain }: Pick<Buyer, 'client' | 'complain'>,
  asked: { key: string; lost: number; answer?: number; reservation: ToldReservation },
  token: string,
): Promise<'paid' | 'refused' | 'unknown'> {
  const { reservation } = asked;
  const { id, customerId, total } = reservation;
  const body = { customerId, reservationId: id, pay: [{ payMethod: 'POINT', payAmount: total }] };
  const call = { method: 'POST' as const, path: '/reservation/pay', token, body };
  reservation.payAsked += 1;
  const answer = await client.settled({ ...call, key: asked.key }, TRIES_MAX);
  asked.lost += answer.lost;
  if (answer.lost > 0) reservation.payLost += 1;
  if (answer.status === 200) {
    const wrong = answered(asked, answer.body.paymentId);
    if (wrong) complain(wrong);
    reservation.paid = true;
    return 'paid';
  }
  const { code } = answer.body;
  if (code === 'ALREADY_PAID') reservation.paid = true;
  if (code === 'HOLD_EXPIRED') reservation.payRefused = true;
  return code ? 'refused' : 'unknown';
}

export async function cancel(
  { client }: Buyer,
  reservation: ToldReservation,
  token: string,
): Promise<void> {
  reservation.cancelAsked = true;
  const path = `/reservation/${reservation.id}`;
  const answer = await client.settled({ method: 'DELETE', path, token }, TRIES_MAX);
  if (answer.status === 204) reservation.cancelled = true;
}

export async function refund(
  buyer: Buyer,
  told: Told,
  reservation: ToldReservation,
  token: string,
): Promise<void> {
  const asked = { key: randomUUID(), lost: 0, reservation };
  told.refunds.set(asked.key, asked);
  await askRefund(buyer, asked, token);
}

export async function askRefund(
  { client, complain }: Pick<Buyer, 'client' | 'complain'>,
  asked: { key: string; lost: number; answer?: number; reservation: ToldReservation },
  token: string,
): Promise<void> {
  const { reservation, key } = asked;
  reservation.refundAsked = true;
  const path = `/reservation/${reservation.id}/refund`;
  const answer = await client.settled({ method: 'POST', path, token, key, body: {} }, TRIES_MAX);
  asked.lost += answer.lost;
  if (answer.status !== 200) return;
  const wrong = answered(asked, answer.body.reservationId);
  if (wrong) complain(wrong);
  if (answer.body.refunded !== reservation.total) {
    complain(`refund of ${reservation.id} gave ${answer.body.refunded} of ${reservation.total}`);
  }
  reservation.refunded = true;
}
