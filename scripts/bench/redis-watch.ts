import type { RedisClient } from '../../src/platform/redis.ts';

/** What Redis did between `watchRedis` and `read`, by its own account. */
export interface RedisWork {
  scriptCalls: number;
  /** Time spent in scripts, µs. */
  scriptMicros: number;
  /** Of the calls longer than half a millisecond; 0 when none was. */
  longestScriptMs: number;
  /** Of all kinds. */
  commands: number;
}

const SLOW_MICROS = 500;
const SLOW_READ_MAX = 10_000;

export async function watchRedis(redis: RedisClient): Promise<{ read(): Promise<RedisWork> }> {
  await config(redis, 'slowlog-log-slower-than', SLOW_MICROS);
  await config(redis, 'slowlog-max-len', SLOW_READ_MAX);
  await redis.call('SLOWLOG', 'RESET');
  await redis.call('CONFIG', 'RESETSTAT');
  return {
    async read() {
      const stats = String(await redis.call('INFO', 'commandstats'));
      const [calls, micros] = totals(stats, /cmdstat_eval(?:sha)?:calls=(\d+),usec=(\d+)/g);
      const [commands] = totals(stats, /cmdstat_[\w|-]+:calls=(\d+),usec=(\d+)/g);
      const slow = await redis.call('SLOWLOG', 'GET', SLOW_READ_MAX);
      return {
        scriptCalls: calls,
        scriptMicros: micros,
        longestScriptMs: longestScript(slow) / 1_000,
        commands,
      };
    },
  };
}

async function config(redis: RedisClient, name: string, value: number): Promise<void> {
  await redis.call('CONFIG', 'SET', name, value);
}

function totals(stats: string, line: RegExp): [calls: number, micros: number] {
  let calls = 0;
  let micros = 0;
  for (const [, some = '0', took = '0'] of stats.matchAll(line)) {
    calls += Number(some);
    micros += Number(took);
  }
  return [calls, micros];
}

/** Entries are id, time, µs, command with its arguments, and more. */
function longestScript(entries: unknown): number {
  if (!Array.isArray(entries)) throw new Error('SLOWLOG answered no list');
  const scripts = entries.filter((entry) => String(entry[3]?.[0]).toLowerCase().startsWith('eval'));
  return Math.max(0, ...scripts.map((entry) => Number(entry[2])));
}
