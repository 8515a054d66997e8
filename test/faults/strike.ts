import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Fault } from './schedule.ts';
import type { System } from './system.ts';

/** Far below what it holds: every write is refused. */
const FULL_MEMORY = '1mb';

/** Makes it go wrong, and right again; resolves when the harness has done its part of the healing. */
export async function strike(system: System, fault: Fault): Promise<void> {
  const { redis, postgres } = system;
  const api = system.apis[fault.process] ?? system.apis[0];
  const worker = system.workers[fault.process] ?? system.workers[0];
  const proxies = system.proxies
    .filter(({ server, process }) => server === fault.server || process === api.name)
    .map(({ proxy }) => proxy);

  switch (fault.kind) {
    case 'api killed':
      return api.kill();
    case 'worker killed':
      return worker.kill();
    case 'api frozen':
    case 'worker frozen': {
      const frozen = fault.kind === 'api frozen' ? api : worker;
      frozen.freeze();
      await delay(fault.durationMs);
      return frozen.thaw();
    }
    case 'redis flushed':
      await command(redis.url, (client) => client.flushall());
      return;
    case 'redis restarted with its file':
      return redis.restart();
    case 'redis restarted without its file':
      return redis.restart({ forget: true });
    case 'redis full':
      await command(redis.url, (client) => client.config('SET', 'maxmemory', FULL_MEMORY));
      await delay(fault.durationMs);
      await command(redis.url, (client) => client.config('SET', 'maxmemory', '0'));
      return;
    case 'postgres killed':
      return postgres.restart();
    case 'connections cut':
      for (const proxy of proxies) proxy.cut();
      return;
    case 'replies slow':
      for (const proxy of proxies) proxy.slow(fault.strengthMs);
      await delay(fault.durationMs);
      for (const proxy of proxies) proxy.slow(0);
      return;
    case 'replies lost':
      for (const proxy of proxies) proxy.withhold();
      await delay(fault.durationMs);
      for (const proxy of proxies) proxy.cut();
      return;
    case 'clock of an api shifted':
      api.shiftClock(fault.strengthMs);
      await delay(fault.durationMs);
      return api.shiftClock(0);
  }
}

/** Whether the line forgets: a later number may be higher than an earlier one. */
export function losesMemory({ kind }: Fault): boolean {
  return kind === 'redis flushed' || kind.startsWith('redis restarted');
}

async function command<T>(url: string, run: (client: Redis) => Promise<T>): Promise<void> {
  const client = new Redis(url, { maxRetriesPerRequest: 20 });
  client.on('error', () => undefined);
  try {
    await run(client);
  } finally {
    client.disconnect();
  }
}
