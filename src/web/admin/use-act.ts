import { useCallback, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';

/** One thing at a time that an operator does: whether it runs, and what went wrong with the last. */
export function useAct(): {
  busy: boolean;
  problem: ProblemError | undefined;
  act: (work: () => Promise<void>) => Promise<void>;
} {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError>();
  const act = useCallback(async (work: () => Promise<void>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error);
    } finally {
      setBusy(false);
    }
  }, []);
  return { busy, problem, act };
}
