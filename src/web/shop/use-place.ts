import { useState } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';
import { keptCustomer } from '../base/kept-customer.ts';
import { keptPlace } from '../base/kept-place.ts';
import type { Place } from './documents.ts';
import { usePolled } from './use-polled.ts';

const AFTER_FAILURE_MS = 3_000;
/** A place in the line is kept by polls, whether anybody looks or not. */
const HIDDEN_TOO = true;

/**
 * The place in the concert's room, while it lives: `none` when this browser has none. Polling it keeps it, and
 * tells how a hold has stretched the slot.
 */
export function usePlace(roomId: string | undefined): Place | 'none' | undefined {
  const [place, setPlace] = useState<Place | 'none'>();
  usePolled(
    async () => {
      if (roomId === undefined) return undefined;
      const kept = keptPlace(roomId);
      const known = kept.read();
      if (!known) {
        setPlace('none');
        return undefined;
      }
      try {
        const now = await call<Place>('/customer/waiting', { token: known.token });
        setPlace(now);
        if (now.status === 'EXPIRED') {
          kept.clear();
          return undefined;
        }
        kept.write({ ...known, token: now.token });
        keptCustomer.write({ customerId: now.customerId, token: now.token });
        return now.pollAfterMs;
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        if (error.problem.status !== 401) return AFTER_FAILURE_MS;
        kept.clear();
        setPlace('none');
        return undefined;
      }
    },
    roomId,
    HIDDEN_TOO,
  );
  return place;
}
