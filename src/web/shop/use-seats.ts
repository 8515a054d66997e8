import { useRef, useState } from 'preact/hooks';
import { exchange, ProblemError, readBody } from '../base/api.ts';
import type { Seat } from './documents.ts';
import { usePolled } from './use-polled.ts';

const EVERY_MS = 800;
const AFTER_FAILURE_MS = 3_000;

/** The seats of a performance, live: asked for every second, and unchanged ones answered without a body. */
export function useSeats(
  concertId: number,
  optionId: number | undefined,
): { seats: Seat[] | undefined; stale: boolean; refresh: () => Promise<void> } {
  const [shown, setShown] = useState<{ optionId: number; seats: Seat[] }>();
  const [stale, setStale] = useState(false);
  const seen = useRef({ optionId: 0, etag: '' });

  async function refresh(): Promise<void> {
    if (optionId === undefined) return;
    const etag = seen.current.optionId === optionId ? seen.current.etag : '';
    const path = `/concerts/${concertId}/options/${optionId}/seats`;
    const headers = etag ? { 'If-None-Match': etag } : {};
    const reply = await exchange(path, { headers });
    if (reply.status === 304) return;
    const { seats } = await readBody<{ seats: Seat[] }>(reply);
    seen.current = { optionId, etag: reply.headers.get('etag') ?? '' };
    setShown({ optionId, seats });
  }

  usePolled(async () => {
    try {
      await refresh();
      setStale(false);
      return EVERY_MS;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setStale(true);
      return AFTER_FAILURE_MS;
    }
  }, optionId);
  return { seats: shown?.optionId === optionId ? shown?.seats : undefined, stale, refresh };
}
