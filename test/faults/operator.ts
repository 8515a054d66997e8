import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Random } from './random.ts';
import { ADMIN_KEY, OPTIONS, ROOM, SEATS, type System } from './system.ts';

/** What the operator reads of answers. */
const answer = z.object({
  version: z.number().default(0),
  items: z.array(z.object({ outboxId: z.number() })).default([]),
});
type Reply = z.infer<typeof answer>;

const EVERY_MS = { min: 800, max: 2_500 };
const CAPACITY = { min: 16, max: 36 };
const PATIENCE_MS = 4_000;
const DRAIN_TRIES_MAX = 100;

/** Blocks and unblocks seats and changes the capacity while others buy; a failure is tried again later. */
export async function operate(
  system: System,
  random: Random,
  stopping: () => boolean,
): Promise<void> {
  const ask = (method: string, path: string, body?: object) =>
    call(random.pick(system.apis).url, method, path, body).catch(() => undefined);
  while (!stopping()) {
    await delay(random.between(EVERY_MS.min, EVERY_MS.max));
    if (random.next() < 0.4) {
      const room = await ask('GET', `/admin/rooms/${ROOM}`);
      const capacity = random.between(CAPACITY.min, CAPACITY.max);
      if (room) await ask('PATCH', `/admin/rooms/${ROOM}`, { capacity, version: room.version });
      continue;
    }
    const blocks = `/admin/concerts/1/options/${random.pick(OPTIONS)}/blocks`;
    const seats = [random.between(1, SEATS), random.between(1, SEATS)];
    const body = { seats: [...new Set(seats)] };
    if (!(await ask('POST', blocks, body))) continue;
    await delay(random.between(EVERY_MS.min, EVERY_MS.max));
    for (let tries = 0; tries < 20 && !(await ask('DELETE', blocks, body)); tries += 1) {
      await delay(EVERY_MS.min);
    }
  }
}

/** What the faults have delayed is delivered when an operator asks for it; nothing may stay behind. */
export async function retryOutbox(system: System, complain: (text: string) => void): Promise<void> {
  const [{ url }] = system.apis;
  for (let tries = 0; tries < DRAIN_TRIES_MAX; tries += 1) {
    const page = await call(url, 'GET', '/admin/outbox').catch(() => undefined);
    if (page?.items.length === 0) return;
    for (const { outboxId } of page?.items ?? []) {
      await call(url, 'POST', `/admin/outbox/${outboxId}/retry`).catch(() => undefined);
    }
    await delay(500);
  }
  complain('the outbox does not drain');
}

async function call(url: string, method: string, path: string, body?: object): Promise<Reply> {
  const reply = await fetch(`${url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${ADMIN_KEY}`, 'Content-Type': 'application/json' },
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status}`);
  const text = await reply.text();
  return answer.parse(text === '' ? {} : JSON.parse(text));
}
