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

/** Resolves at the first SIGINT or SIGTERM; a second one ends the process at once, after `force`. */
export function untilAsked(force: () => void): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let asked = false;
    const on = (signal: NodeJS.Signals): void => {
      if (asked) {
        force();
        process.exit(130);
      }
      asked = true;
      resolve(signal);
    };
    process.on('SIGINT', on);
    process.on('SIGTERM', on);
  });
}
