import { useCallback, useEffect, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';
import { useSignedIn } from './session.ts';

export interface Read<T> {
  value: T | undefined;
  /** Of the last read; the value before it stays. */
  problem: ProblemError | undefined;
  reload: () => void;
}

/** Reads a document, again each `everyMs` while the page is shown. */
export function useRead<T>(path: string, everyMs?: number): Read<T> {
  const { ask } = useSignedIn();
  const [value, setValue] = useState<{ path: string; value: T }>();
  const [problem, setProblem] = useState<ProblemError>();
  const [round, setRound] = useState(0);
  useEffect(() => {
    let wanted = true;
    const read = async () => {
      try {
        const read = await ask<T>(path);
        if (!wanted) return;
        setValue({ path, value: read });
        setProblem(undefined);
      } catch (error) {
        if (wanted && error instanceof ProblemError) setProblem(error);
      }
    };
    void read();
    const timer = everyMs
      ? setInterval(() => {
          if (!document.hidden) void read();
        }, everyMs)
      : undefined;
    return () => {
      wanted = false;
      clearInterval(timer);
    };
  }, [ask, path, everyMs, round]);
  const reload = useCallback(() => setRound((last) => last + 1), []);
  return { value: value?.path === path ? value.value : undefined, problem, reload };
}
