import { z } from 'zod';
import type { Chance } from './arrivals.ts';
import type { Answer, Ask, HttpClient } from './http-client.ts';
import type { Naps } from './naps.ts';
import type { Observer } from './observer.ts';
import type { LoadOptions } from './options.ts';
import type { Operation, Recorder } from './recorder.ts';

/** What is on sale. */
export interface Sale {
  roomId: string;
  concertId: number;
  optionId: number;
  price: number;
  /** As the room has it. */
  capacity: number;
  slotSeconds: number;
  graceSeconds: number;
  /** Customers who have points already; the others top up. */
  paidUp(customerId: number): boolean;
  /** The shop's own token of a customer, where Foyer asks for one. */
  customerToken(customerId: number): string | undefined;
}

/** What every buyer shares. */
export interface World {
  options: LoadOptions;
  sale: Sale;
  client: HttpClient;
  recorder: Recorder;
  observer: Observer;
  chance: Chance;
  naps: Naps;
  /** Those who went away for a while; who hears that all is sold does not come back. */
  breaks: Naps;
  /** Set once every seat is sold: people hear of it and go home. */
  soldOut: boolean;
}

export const waiting = z.object({
  status: z.enum(['WAITING', 'ACTIVE', 'EXPIRED']),
  waitingNumber: z.number(),
  remainingTime: z.number(),
  pollAfterMs: z.number(),
  token: z.string(),
  recovering: z.boolean(),
  eta: z.object({ p50: z.number(), p90: z.number() }).nullable(),
});
export type Waiting = z.infer<typeof waiting>;

const TRIES_MAX = 8;
const RETRY_MS = { from: 500, to: 2_000 };

/** Asks once and notes the answer; `dueMs` is when the buyer meant to (performance.now). */
export async function askOnce(
  world: World,
  operation: Operation,
  ask: Ask,
  dueMs: number,
): Promise<Answer> {
  const sentMs = performance.now();
  const answer = await world.client.ask(ask);
  world.recorder.answered(operation, answer, { dueMs, sentMs });
  return answer;
}

/**
 * Asks again, as a page does, while there is no answer or the server says to come later; undefined when it
 * stays so, or when the run is over.
 *
 * @param again makes the question anew: a place may have another token by then
 */
export async function askPatiently(
  world: World,
  operation: Operation,
  again: () => Ask,
  dueMs: number,
): Promise<Answer | undefined> {
  let due = dueMs;
  for (let tries = 0; tries < TRIES_MAX && !world.naps.over; tries += 1) {
    const answer = await askOnce(world, operation, again(), due);
    if (answer.status !== 0 && answer.status !== 429 && answer.status < 500) return answer;
    const told = Number(answer.headers['retry-after'] ?? 0) * 1_000;
    const pauseMs = Math.max(told, world.chance.between(RETRY_MS.from, RETRY_MS.to));
    due = performance.now() + pauseMs;
    await world.naps.nap(pauseMs);
  }
  return undefined;
}

/** The order of a place, as its token says: nobody has to be asked for it. */
export function seqOf(token: string): number {
  const [, payload = ''] = token.split('.');
  const { seq } = z
    .object({ seq: z.number() })
    .parse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  return seq;
}
