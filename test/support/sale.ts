import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { isError } from '../../src/platform/errors.ts';

const POLL_EVERY_MS = 60;
const AGAIN_AFTER_MS = 100;
/** Who gets no answer for this long, through every outage, gives up: the test fails. */
const PATIENCE_MS = 60_000;

/** What a buyer was told that must be true for ever. */
export interface Paid {
  customerId: number;
  reservationId: number;
  seatId: number;
}

export interface Sale {
  paid: Paid[];
  /** Numbers that rose for a waiting place though no recovery was announced. */
  rises: string[];
  /** Answers 503 and requests without an answer. */
  unavailable: number;
  /** Resolves when every seat is paid for. */
  over: Promise<void>;
}

export interface SaleOptions {
  /** Where buyers go, in turn. */
  urls: string[];
  roomId: string;
  concertId: number;
  optionId: number;
  price: number;
  seats: number;
  customers: number[];
}

interface Answer {
  status: number;
  body: {
    code: string;
    status: 'WAITING' | 'ACTIVE' | 'EXPIRED';
    token: string;
    waitingNumber: number;
    recovering: boolean;
    seats: number[];
    reservationId: number;
    tickets: { seatId: number }[];
  };
}

/**
 * A sale by real buyers over HTTP: each enters, polls until called, takes a free seat, pays, and comes again when
 * an outage or a lost slot says so, until the seats are gone. Who got no answer sends the same again, under the
 * same idempotency key.
 */
export function openSale(options: SaleOptions): Sale {
  const { urls, roomId, concertId, optionId, price, seats } = options;
  let over = false;
  const sale: Sale = { paid: [], rises: [], unavailable: 0, over: Promise.resolve() };
  const buyers = options.customers.map((customerId, nth) => buy(customerId, nth));
  sale.over = Promise.all(buyers).then(() => undefined);
  return sale;

  async function buy(customerId: number, nth: number): Promise<void> {
    const send = sender(urls[nth % urls.length] ?? '');
    const enter = async () =>
      (await send('POST', '/customer/waiting/enter', { body: { customerId, roomId } })).body.token;
    let token = await enter();
    let last = Number.POSITIVE_INFINITY;
    while (!over) {
      const place = await send('GET', '/customer/waiting', { token });
      const { status, waitingNumber, recovering } = place.body;
      if (status === 'EXPIRED' || place.status === 401) {
        token = await enter();
        last = Number.POSITIVE_INFINITY;
      } else if (status === 'WAITING') {
        if (recovering) last = Number.POSITIVE_INFINITY;
        else if (waitingNumber > last)
          sale.rises.push(`${customerId}: ${last} -> ${waitingNumber}`);
        else last = waitingNumber;
      } else if (await shop(customerId, token, send)) {
        return;
      }
      await delay(POLL_EVERY_MS);
    }
  }

  /** One try to take a seat and pay for it; whether it was paid. */
  async function shop(customerId: number, token: string, send: Send): Promise<boolean> {
    const map = await send('GET', `/concerts/${concertId}/options/${optionId}`, {});
    const free = map.body.seats ?? [];
    const seatId = free[Math.floor(Math.random() * free.length)];
    if (seatId === undefined) return false;
    const held = await send('POST', '/reservation/reserve', {
      token,
      key: randomUUID(),
      body: {
        reserver: { customerId, reserverName: 'Kim' },
        concertId,
        performances: [{ optionId, seatId }],
      },
    });
    if (held.status !== 200) return false;
    const { reservationId } = held.body;
    const paid = await send('POST', '/reservation/pay', {
      token,
      key: randomUUID(),
      body: { customerId, reservationId, pay: [{ payMethod: 'POINT', payAmount: price }] },
    });
    if (paid.status !== 200) throw new Error(`pay: ${paid.status} ${paid.body.code}`);
    sale.paid.push({ customerId, reservationId, seatId });
    over = sale.paid.length >= seats;
    return true;
  }

  type Send = ReturnType<typeof sender>;

  /** Sends until there is an answer other than 503. */
  function sender(url: string) {
    return async (
      method: string,
      path: string,
      request: { token?: string; key?: string; body?: object },
    ): Promise<Answer> => {
      const until = Date.now() + PATIENCE_MS;
      let why = '';
      while (Date.now() < until) {
        try {
          const reply = await fetch(`${url}${path}`, {
            method,
            headers: {
              'Content-Type': 'application/json',
              ...(request.token ? { Authorization: `Bearer ${request.token}` } : {}),
              ...(request.key ? { 'Idempotency-Key': request.key } : {}),
            },
            ...(request.body ? { body: JSON.stringify(request.body) } : {}),
          });
          const text = await reply.text();
          // A proxy whose server was just killed answers with a page of its own.
          const ours = reply.headers.get('content-type')?.includes('json') ?? false;
          const answer: Answer = { status: reply.status, body: ours ? JSON.parse(text) : {} };
          if (
            ![502, 503, 504].includes(reply.status) &&
            answer.body.code !== 'IDEMPOTENCY_IN_PROGRESS'
          ) {
            if (reply.status >= 500) throw new Error(`${path}: ${JSON.stringify(answer.body)}`);
            return answer;
          }
          why = answer.body.code;
        } catch (error) {
          // What fetch throws when there is no answer.
          if (!isError(error) || error.name !== 'TypeError') throw error;
          why = String(error.cause);
        }
        sale.unavailable += 1;
        await delay(AGAIN_AFTER_MS);
      }
      throw new Error(`${method} ${path} had no answer for a minute: ${why}`);
    };
  }
}
