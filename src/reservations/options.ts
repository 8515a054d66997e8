import type { Catalog } from '../catalog/index.ts';
import type { Database } from '../platform/database.ts';
import type { Logger } from '../platform/logger.ts';
import type { Seats } from '../seats/index.ts';
import type { Line } from '../waiting-room/line.ts';

/** What the use cases of this module need. */
export interface ReservationsOptions {
  db: Database;
  line: Pick<Line, 'extend' | 'retract' | 'leave'>;
  seats: Seats;
  catalog: Catalog;
  logger: Logger;
  holdSeconds: number;
  /** Live tickets of one customer per option. */
  seatsPerCustomerMax: number;
}
