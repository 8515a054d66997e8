import { setTimeout as delay } from 'node:timers/promises';
import { isError } from '../../src/platform/errors.ts';

/** More unanswered requests than this are not sent on top of each other: what is owed then is sent later. */
const IN_FLIGHT_MAX = 500;
const STEP_MS = 20;

export interface Load {
  /** Answered below 500, or refused; the rest stands in `failures`. */
  answered: number;
  /** Answered 503 by Foyer itself: told at once that it was not accepted, as on a machine with too much to do. */
  refused: number;
  /** How many were answered with each status, and code of refusal. */
  answers: Record<string, number>;
  /** What was answered 5xx otherwise, or not at all. */
  failures: string[];
  /** Sends what is owed until now and nothing more, and waits for the answers. */
  stop(): Promise<LoadFigures>;
}

export interface LoadFigures {
  /** What the rate makes of the time between start and stop: requests. */
  owed: number;
  sent: number;
  /** What was really achieved, from the start until the last was sent. */
  perSecond: number;
  seconds: number;
  /** The longest that a request was sent after its time, ms. */
  lateMsMax: number;
}

/**
 * Sends requests at a rate, whether or not earlier ones were answered. What a busy machine could not send in time
 * stays owed, so that the count is the same on every machine; `perSecond` says how fast this one was.
 */
export function sendAtRate(perSecond: number, send: (nth: number) => Promise<Response>): Load {
  const inFlight = new Set<Promise<void>>();
  const beganAt = performance.now();
  let stoppedAt: number | undefined;
  let sent = 0;
  let lateMsMax = 0;
  const load: Load = { answered: 0, refused: 0, answers: {}, failures: [], stop };

  async function one(index: number): Promise<void> {
    try {
      const reply = await send(index);
      const text = await reply.text();
      const [code = ''] = /(?<=problem:)\w+/.exec(text) ?? [];
      const answer = `${reply.status} ${code}`.trim();
      load.answers[answer] = (load.answers[answer] ?? 0) + 1;
      const refused = answer === '503 UNAVAILABLE';
      if (refused) load.refused += 1;
      if (refused || reply.status < 500) load.answered += 1;
      else load.failures.push(`${reply.status} ${text.slice(0, 80)}`);
    } catch (error) {
      load.failures.push(isError(error) ? String(error.cause ?? error) : String(error));
    }
  }

  const owed = (): number =>
    Math.floor((((stoppedAt ?? performance.now()) - beganAt) * perSecond) / 1_000);

  function catchUp(): void {
    const target = owed();
    lateMsMax = Math.max(lateMsMax, ((target - sent) * 1_000) / perSecond);
    for (; sent < target && inFlight.size < IN_FLIGHT_MAX; sent += 1) {
      const work: Promise<void> = one(sent).finally(() => inFlight.delete(work));
      inFlight.add(work);
    }
  }
  const timer = setInterval(catchUp, STEP_MS);

  async function stop(): Promise<LoadFigures> {
    stoppedAt = performance.now();
    for (catchUp(); sent < owed(); catchUp()) await delay(STEP_MS);
    clearInterval(timer);
    const seconds = (performance.now() - beganAt) / 1_000;
    while (inFlight.size > 0) await delay(STEP_MS);
    return { owed: owed(), sent, perSecond: sent / seconds, seconds, lateMsMax };
  }
  return load;
}
