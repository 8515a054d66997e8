import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from './random.ts';

/** Somebody who hears nothing for so long gives up and asks again. */
const PATIENCE_MS = 4_000;
const AGAIN_MS = { min: 50, max: 400 };

/** What answers say, of all operations together; what one does not say reads as nothing. */
const wire = z.object({
  code: z.string().default(''),
  token: z.string().default(''),
  status: z.union([z.string(), z.number()]).default(''),
  waitingNumber: z.number().default(0),
  reservationId: z.number().default(0),
  expiresAt: z.string().default(''),
  total: z.number().default(0),
  tickets: z.array(z.object({ optionId: z.number(), seatId: z.number() })).default([]),
  transferId: z.number().default(0),
  paymentId: z.number().default(0),
  refunded: z.number().default(0),
  asOf: z.string().default(''),
  seats: z
    .array(z.object({ seatId: z.number(), status: z.string().default('') }))
    .default([])
    .catch([]),
});

export type Wire = z.infer<typeof wire>;

const NOTHING = wire.parse({});

export interface Answer {
  /** 0: no answer came, and nobody knows what was done. */
  status: number;
  body: Wire;
  sentAtMs: number;
}

export interface Call {
  method: 'GET' | 'POST' | 'DELETE' | 'PATCH';
  path: string;
  token?: string | undefined;
  key?: string | undefined;
  body?: object | undefined;
}

/** Requests that are on their way, by what they ask for. */
export interface InFlight {
  reserve: number;
  pay: number;
}

/** Sends requests to one of several processes, as a browser behind a load balancer would. */
export interface Client {
  /** Once; never throws. */
  once(call: Call): Promise<Answer>;
  /** Again, under the same key, while no answer comes or it says "later"; at most `triesMax` times. */
  settled(call: Call, triesMax: number): Promise<Answer & { lost: number }>;
}

export function createClient(options: {
  urls: readonly string[];
  random: Random;
  /** An address of its own: limits are per address. */
  address: string;
  inFlight: InFlight;
  /** Counts every request by operation. */
  onCall: (operation: string) => void;
}): Client {
  const { urls, random, inFlight } = options;

  async function once(call: Call): Promise<Answer> {
    const operation = operationOf(call);
    const watched = operation === 'reserve' || operation === 'pay' ? operation : undefined;
    if (watched) inFlight[watched] += 1;
    const sentAtMs = Date.now();
    try {
      options.onCall(operation);
      const reply = await fetch(`${random.pick(urls)}${call.path}`, {
        method: call.method,
        headers: {
          'Content-Type': 'application/json',
          'X-Forwarded-For': options.address,
          ...(call.token === undefined ? {} : { Authorization: `Bearer ${call.token}` }),
          ...(call.key === undefined ? {} : { 'Idempotency-Key': call.key }),
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      const text = await reply.text();
      return {
        status: reply.status,
        body: text === '' ? NOTHING : wire.parse(JSON.parse(text)),
        sentAtMs,
      };
    } catch {
      return { status: 0, body: NOTHING, sentAtMs };
    } finally {
      if (watched) inFlight[watched] -= 1;
    }
  }

  return {
    once,
    async settled(call, triesMax) {
      let lost = 0;
      for (let tries = 1; ; tries += 1) {
        const answer = await once(call);
        // A 5xx says that something went wrong, not that nothing was done.
        if (answer.status === 0 || answer.status >= 500) lost += 1;
        if (!isLater(answer) || tries >= triesMax) return { ...answer, lost };
        await delay(random.between(AGAIN_MS.min, AGAIN_MS.max));
      }
    },
  };
}

function isLater({ status, body }: Answer): boolean {
  return status === 0 || status >= 500 || status === 429 || body.code === 'IDEMPOTENCY_IN_PROGRESS';
}

function operationOf({ method, path }: Call): string {
  if (path.endsWith('/refund')) return 'refund';
  if (method === 'DELETE' && path.startsWith('/reservation/')) return 'cancel';
  const last = path.split('?', 1)[0]?.split('/').at(-1) ?? '';
  return last === 'waiting' ? (method === 'DELETE' ? 'leave' : 'poll') : last;
}
