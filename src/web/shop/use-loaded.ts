import { useState } from 'preact/hooks';
import { type Problem, ProblemError } from '../base/api.ts';
import { usePolled } from './use-polled.ts';

const AFTER_FAILURE_MS = 3_000;

/**
 * Something the API answers, read when the page opens and again every so often.
 *
 * @param about what is read: another one is read at once
 * @param everyMs undefined: once, and again only while it fails
 */
export function useLoaded<T>(
  read: () => Promise<T>,
  about: unknown,
  everyMs?: number,
): { value: T | undefined; problem: Problem | undefined } {
  const [state, setState] = useState<{ value: T | undefined; problem: Problem | undefined }>({
    value: undefined,
    problem: undefined,
  });
  usePolled(async () => {
    try {
      setState({ value: await read(), problem: undefined });
      return everyMs;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { problem } = error;
      setState((before) => ({ value: before.value, problem }));
      // What is refused for good stays refused.
      const passes = problem.status === 0 || problem.status >= 500 || problem.status === 429;
      return passes ? AFTER_FAILURE_MS : undefined;
    }
  }, about);
  return state;
}
