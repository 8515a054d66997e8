import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Buyer } from './buyer.ts';
import type { Wire } from './client.ts';

/** Half the grace and a little: whoever is away so long is passed over, and comes back to be served first. */
const AWAY_MS = { min: 7_000, max: 10_000 };
const LEAVE_CHANCE = 0.004;
const AWAY_CHANCE = 0.01;
const POLL_MS = { min: 200, max: 700 };

/** What a queue token says of its place. */
const claims = z.object({ seq: z.number() });

export interface Place {
  token: string;
  seq: number;
  status: string;
  number: number;
  /** When the number was told, by the harness' clock. */
  toldAtMs: number;
}

/** Enters, or asks where the place stands; undefined when no answer could be had. */
export async function enter(
  buyer: Buyer,
  customerId: number,
  roomId: string,
): Promise<Place | undefined> {
  const call = {
    method: 'POST' as const,
    path: '/customer/waiting/enter',
    body: { customerId, roomId },
  };
  const answer = await buyer.client.settled(call, 8);
  return answer.status === 200 ? placeOf(answer.body) : undefined;
}

/** Waits in line, now and then away or gone, until the place has a slot; undefined when it has ended. */
export async function untilActive(buyer: Buyer, first: Place): Promise<Place | undefined> {
  const { random } = buyer;
  let place = first;
  while (place.status === 'WAITING' && !buyer.stopping()) {
    const chance = random.next();
    if (chance < LEAVE_CHANCE) {
      await leave(buyer, place);
      return undefined;
    }
    await delay(
      chance < AWAY_CHANCE
        ? random.between(AWAY_MS.min, AWAY_MS.max)
        : random.between(POLL_MS.min, POLL_MS.max),
    );
    const next = await poll(buyer, place);
    if (next) {
      compare(buyer, place, next);
      place = next;
    }
  }
  return place.status === 'ACTIVE' ? place : undefined;
}

export async function poll(buyer: Buyer, place: Place): Promise<Place | undefined> {
  const answer = await buyer.client.once({
    method: 'GET',
    path: '/customer/waiting',
    token: place.token,
  });
  return answer.status === 200 ? placeOf(answer.body) : undefined;
}

export async function leave(buyer: Buyer, place: Place): Promise<void> {
  await buyer.client.settled(
    { method: 'DELETE', path: '/customer/waiting', token: place.token },
    3,
  );
}

/** A number never rises for the same place, unless Redis lost its memory since it was told. */
function compare(buyer: Buyer, before: Place, after: Place): void {
  if (before.seq !== after.seq) {
    buyer.complain(`a poll of place ${before.seq} was answered for ${after.seq}`);
  }
  const waited = before.status === 'WAITING' && after.status === 'WAITING';
  const counted = before.number > 0 && after.number > 0;
  if (waited && counted && after.number > before.number && !buyer.lossSince(before.toldAtMs)) {
    buyer.complain(`place ${after.seq} was told ${before.number}, then ${after.number}`);
  }
}

function placeOf(body: Wire): Place {
  const [, payload = ''] = body.token.split('.');
  const { seq } = claims.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
  return {
    token: body.token,
    seq,
    status: String(body.status),
    number: body.waitingNumber,
    toldAtMs: Date.now(),
  };
}
