import { call, newIdempotencyKey } from '../base/api.ts';
import type { KeptCustomer } from '../base/kept-customer.ts';
import type { Reservation } from './documents.ts';

/** What a customer does with seats and points. Every call throws ProblemError when it is refused. */

export interface Balance {
  balance: number;
  heldAmount: number;
}

export const readBalance = ({ customerId, token }: KeptCustomer): Promise<Balance> =>
  call('/customer/point/balance', { method: 'POST', token, body: { customerId } });

/** @param key the same for every try of one top-up */
export const topUp = (
  { customerId, token }: KeptCustomer,
  amount: number,
  key: string,
): Promise<{ balance: number }> =>
  call('/customer/point/charge', {
    method: 'POST',
    token,
    body: { customerId, amount },
    headers: { 'Idempotency-Key': key },
  });

export async function readReservations(
  { token }: KeptCustomer,
  status?: Reservation['status'],
): Promise<Reservation[]> {
  const path = status ? `/reservation?status=${status}` : '/reservation';
  return (await call<{ items: Reservation[] }>(path, { token })).items;
}

export const hold = (
  { customerId, token }: KeptCustomer,
  order: { concertId: number; optionId: number; seatIds: number[]; reserverName: string },
): Promise<Reservation> =>
  call('/reservation/reserve', {
    method: 'POST',
    token,
    headers: { 'Idempotency-Key': newIdempotencyKey() },
    body: {
      reserver: { customerId, reserverName: order.reserverName },
      concertId: order.concertId,
      performances: order.seatIds.map((seatId) => ({ optionId: order.optionId, seatId })),
    },
  });

/** One reservation is paid once, so its number is the key: a second tap finds the first answer. */
export const pay = (
  { customerId, token }: KeptCustomer,
  { reservationId, total }: Reservation,
): Promise<{ balance: number }> =>
  call('/reservation/pay', {
    method: 'POST',
    token,
    headers: { 'Idempotency-Key': `pay-${reservationId}` },
    body: { customerId, reservationId, pay: [{ payMethod: 'POINT', payAmount: total }] },
  });

export const cancel = ({ token }: KeptCustomer, { reservationId }: Reservation): Promise<void> =>
  call(`/reservation/${reservationId}`, { method: 'DELETE', token });

export const refund = (
  { token }: KeptCustomer,
  { reservationId }: Reservation,
): Promise<{ refunded: number; balance: number }> =>
  call(`/reservation/${reservationId}/refund`, {
    method: 'POST',
    token,
    headers: { 'Idempotency-Key': `refund-${reservationId}` },
    body: {},
  });
