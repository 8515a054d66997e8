import { useEffect, useState } from 'preact/hooks';

const TICK_MS = 250;

/**
 * Counts a remaining time down, from the moment it was told. The machine's clock may be wrong: only time that
 * passes here is used.
 *
 * @param seconds as told; a new telling starts anew
 * @param told what was told it: another object, another telling
 * @returns seconds left, never below 0
 */
export function useSecondsLeft(seconds: number, told: unknown): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const endAt = Date.now() + seconds * 1_000;
    const tick = (): void => setLeft(Math.max(0, Math.ceil((endAt - Date.now()) / 1_000)));
    tick();
    const timer = setInterval(tick, TICK_MS);
    return () => clearInterval(timer);
  }, [seconds, told]);
  return left;
}
