import { setTimeout as delay } from 'node:timers/promises';
import { isError } from '../../src/platform/errors.ts';

/** More unanswered requests than this are not sent on top of each other: a busy machine gets fewer. */
const IN_FLIGHT_MAX = 100;
const STEP_MS = 20;

export interface Load {
  answered: number;
  /** Answered 503 by Foyer itself: told at once that it was not accepted, as on a machine with too much to do. */
  refused: number;
  /** What was answered 5xx otherwise, or not at all. */
  failures: string[];
  /** Sends nothing more, and waits for the answers. */
  stop(): Promise<void>;
}

/** Sends requests at a rate, whether or not earlier ones were answered. */
export function sendAtRate(perSecond: number, send: (nth: number) => Promise<Response>): Load {
  const inFlight = new Set<Promise<void>>();
  let nth = 0;
  let due = 0;
  let last = performance.now();
  const load: Load = { answered: 0, refused: 0, failures: [], stop };

  async function one(index: number): Promise<void> {
    try {
      const reply = await send(index);
      const text = await reply.text();
      if (reply.status === 503 && text.includes('problem:UNAVAILABLE')) load.refused += 1;
      else if (reply.status >= 500) load.failures.push(`${reply.status} ${text.slice(0, 80)}`);
      else load.answered += 1;
    } catch (error) {
      load.failures.push(isError(error) ? String(error.cause ?? error) : String(error));
    }
  }

  const timer = setInterval(() => {
    const now = performance.now();
    due = Math.min(due + ((now - last) * perSecond) / 1_000, IN_FLIGHT_MAX);
    last = now;
    for (; due >= 1 && inFlight.size < IN_FLIGHT_MAX; due -= 1) {
      const work: Promise<void> = one(nth).finally(() => inFlight.delete(work));
      inFlight.add(work);
      nth += 1;
    }
  }, STEP_MS);

  async function stop(): Promise<void> {
    clearInterval(timer);
    while (inFlight.size > 0) await delay(STEP_MS);
  }
  return load;
}
