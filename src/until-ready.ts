import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError } from './platform/config.ts';
import type { Readiness } from './services.ts';

const PATIENCE_MS = 60_000;
const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 2_000;
/** What is only starting up is not worth a word. */
const SAID_AFTER_MS = 500;

/**
 * Waits, with pauses that double, until everything is there that starting needs, and says what it waits for
 * whenever that changes.
 *
 * @throws ConfigError with what is still missing after a minute, and an AbortError when `signal` aborts
 */
export async function untilReady(options: {
  check: () => Promise<Readiness[]>;
  say: (text: string) => void;
  signal?: AbortSignal | undefined;
}): Promise<void> {
  const { check, say, signal } = options;
  const began = performance.now();
  let said = '';
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS)) {
    signal?.throwIfAborted();
    const missing = (await check()).filter((one) => !one.ok);
    if (missing.length === 0) return;
    const what = missing.map((one) => `${one.name} (${one.detail})`).join(', ');
    const waitedMs = performance.now() - began;
    if (waitedMs > PATIENCE_MS) throw new ConfigError(`Not ready after a minute: ${what}.`);
    if (what !== said && waitedMs > SAID_AFTER_MS) {
      say(`waiting for ${what}`);
      said = what;
    }
    await delay(pauseMs, undefined, { signal });
  }
}
