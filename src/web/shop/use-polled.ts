import { useEffect } from 'preact/hooks';

/**
 * Runs `work` now and again as long after its end as it says; at once when the page is shown again.
 *
 * @param work answers after how many ms to run again, or undefined to stop
 * @param about what it works on: another one starts anew
 * @param hiddenToo also while nobody sees the page
 */
export function usePolled(
  work: () => Promise<number | undefined>,
  about: unknown,
  hiddenToo = false,
): void {
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running = false;
    let ended = false;
    const run = async (): Promise<void> => {
      clearTimeout(timer);
      if (running || ended || (document.hidden && !hiddenToo)) return;
      running = true;
      const afterMs = await work().finally(() => {
        running = false;
      });
      if (!ended && afterMs !== undefined) timer = setTimeout(run, afterMs);
    };
    const shown = (): void => void run();
    document.addEventListener('visibilitychange', shown);
    void run();
    return () => {
      ended = true;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [about]);
}
