import type { Database } from '../platform/database.ts';
import { type Concerts, createConcerts } from './concerts.ts';
import { type ConcertsOfRoom, createConcertsOfRoom } from './concerts-of-room.ts';
import { type Customers, createCustomers } from './customers.ts';
import { createEditing, type Editing } from './editing.ts';

export interface Catalog {
  concerts: Concerts;
  concertsOfRoom: ConcertsOfRoom;
  customers: Customers;
  editing: Editing;
}

export function createCatalog(db: Database): Catalog {
  const concerts = createConcerts(db);
  return {
    concerts,
    concertsOfRoom: createConcertsOfRoom(db),
    customers: createCustomers(db),
    editing: createEditing({ db, changed: (concertId) => concerts.forget(concertId) }),
  };
}
