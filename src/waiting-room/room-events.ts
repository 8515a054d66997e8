import type { Statement } from '../platform/database.ts';
import { isoTime } from '../platform/iso-time.ts';

/** The ends, in the order of their codes 1 to 5 in the scripts. */
export const END_KINDS = ['PAID', 'LEFT', 'LAPSED', 'SWEPT', 'REMOVED'] as const;
export type EndKind = (typeof END_KINDS)[number];

/** What happened to a place, once. */
export interface RoomEvent {
  roomId: string;
  customerId: number;
  seq: number;
  kind: 'ENTERED' | 'CALLED' | EndKind;
  at: Date;
  /** On ENTERED: the wait that was promised, seconds. */
  eta?: { p50: number; p90: number } | null;
  /** On CALLED: was away or restored after a loss, so that the turn is not in order of `seq`. */
  returned?: boolean;
  /** On CALLED: let in by an operator, whom the rate does not bind. */
  byHand?: boolean;
}

/** @param code as the scripts number them */
export function endKind(code: number): EndKind {
  const kind = END_KINDS[code - 1];
  if (!kind) throw new Error(`no end has the code ${code}`);
  return kind;
}

/**
 * Writes them. A place that Redis lost may be called again: its last call counts. Everything else happens once.
 *
 * Each column is one parameter: a crowd that enters makes thousands a second, and rows as JSON took a process four
 * times as long to put together.
 */
export function insertStatement(events: readonly RoomEvent[]): Statement {
  /** As the text of an array, of values that have nothing to escape. */
  const column = (of: (event: RoomEvent) => string | number | boolean): string =>
    `{${events.map(of).join()}}`;
  return {
    name: 'room-events-insert',
    text: `INSERT INTO room_events (room_id, customer_id, seq, kind, at, eta_p50, eta_p90,
                                    returned, by_hand)
           SELECT DISTINCT ON (1, 2, 3, 4) *
             FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::room_event_kind[], $5::timestamptz[],
                         $6::int[], $7::int[], $8::boolean[], $9::boolean[])
             AS event (room_id, customer_id, seq, kind, at, eta_p50, eta_p90, returned, by_hand)
           ORDER BY room_id, customer_id, seq, kind, at DESC
           ON CONFLICT (room_id, customer_id, seq, kind) DO UPDATE
             SET at = excluded.at, returned = excluded.returned, by_hand = excluded.by_hand
             WHERE excluded.kind = 'CALLED' AND excluded.at > room_events.at`,
    values: [
      events.map(({ roomId }) => roomId),
      column(({ customerId }) => customerId),
      column(({ seq }) => seq),
      column(({ kind }) => kind),
      column(({ at }) => isoTime(at.getTime())),
      column(({ eta }) => eta?.p50 ?? 'NULL'),
      column(({ eta }) => eta?.p90 ?? 'NULL'),
      column(({ returned }) => returned ?? false),
      column(({ byHand }) => byHand ?? false),
    ],
  };
}
