import { useRef, useState } from 'preact/hooks';
import { exchange, ProblemError, readBody } from '../base/api.ts';
import type { Seat } from './documents.ts';
import { nextLookMs } from './next-look.ts';
import { usePolled } from './use-polled.ts';

const AFTER_FAILURE_MS = 3_000;

/** The seats of a performance, live: asked for as `nextLookMs` says, and unchanged ones answered without a body. */
export function useSeats(
  concertId: number,
  optionId: number | undefined,
): { seats: Seat[] | undefined; stale: boolean; refresh: () => Promise<number | undefined> } {
  const [shown, setShown] = useState<{ optionId: number; seats: Seat[] }>();
  const [stale, setStale] = useState(false);
  const seen = useRef({ optionId: 0, etag: '' });

  /** Answers after how many ms to ask again. */
  async function refresh(): Promise<number | undefined> {
    if (optionId === undefined) return undefined;
    const etag = seen.current.optionId === optionId ? seen.current.etag : '';
    const path = `/concerts/${concertId}/options/${optionId}/seats`;
    const headers = etag ? { 'If-None-Match': etag } : {};
    const reply = await exchange(path, { headers });
    const againMs = nextLookMs(reply.headers.get('next-map-in-ms'));
    if (reply.status === 304) return againMs;
    const { seats } = await readBody<{ seats: Seat[] }>(reply);
    seen.current = { optionId, etag: reply.headers.get('etag') ?? '' };
    setShown({ optionId, seats });
    return againMs;
  }

  usePolled(async () => {
    try {
      const againMs = await refresh();
      setStale(false);
      return againMs;
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setStale(true);
      return AFTER_FAILURE_MS;
    }
  }, optionId);
  return { seats: shown?.optionId === optionId ? shown?.seats : undefined, stale, refresh };
}
