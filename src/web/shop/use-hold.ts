import { useEffect, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';
import { customerOf } from './customer.ts';
import type { Reservation } from './documents.ts';
import { readReservations } from './orders.ts';

/** The customer's live hold: found again after a reload. @param roomId of the concert; undefined: not known yet */
export function useHold(
  roomId: string | undefined,
): [Reservation | undefined, (held: Reservation | undefined) => void] {
  const [held, setHeld] = useState<Reservation>();
  useEffect(() => {
    const customer = roomId === undefined ? undefined : customerOf(roomId);
    if (!customer) return;
    readReservations(customer, 'HELD').then(
      ([first]) => setHeld(first),
      (error: unknown) => {
        // Without an answer nothing is shown as held; the map shows what is.
        if (!(error instanceof ProblemError)) throw error;
      },
    );
  }, [roomId]);
  return [held, setHeld];
}
