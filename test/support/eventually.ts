import { setTimeout as delay } from 'node:timers/promises';

/** Runs `check` until it stops throwing; after `timeoutMs` its last error is the test's. */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 25 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const until = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await delay(everyMs);
  }
}
