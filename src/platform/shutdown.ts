import type { Logger } from './logger.ts';

/** One step of stopping, with the longest it may take. */
export interface StopPhase {
  name: string;
  timeoutMs: number;
  stop: () => Promise<void> | void;
}

/**
 * Runs the phases one after the other. A phase that fails or takes too long is reported, and the next begins:
 * stopping always ends.
 *
 * @returns whether every phase ended well
 */
export async function stopInPhases(phases: readonly StopPhase[], logger: Logger): Promise<boolean> {
  let well = true;
  for (const { name, timeoutMs, stop } of phases) {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`took longer than ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([stop(), late]);
    } catch (error) {
      well = false;
      logger.warn({ error, phase: name }, 'stopping: a phase did not end well');
    } finally {
      clearTimeout(timer);
    }
  }
  return well;
}

/**
 * One Ctrl-C can arrive twice: the terminal signals every process, and npm hands it on as well. Only a signal
 * later than this is a second one.
 */
const SAME_SIGNAL_MS = 500;

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, after `force`. */
export function untilAsked(force: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let askedAt: number | undefined;
    const on = (signal: NodeJS.Signals): void => {
      if (askedAt !== undefined && performance.now() - askedAt < SAME_SIGNAL_MS) return;
      if (askedAt !== undefined) {
        force();
        process.exit(130);
      }
      askedAt = performance.now();
      resolve(signal);
    };
    process.on('SIGINT', on);
    process.on('SIGTERM', on);
  });
}
