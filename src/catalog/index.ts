import type { Database } from '../platform/database.ts';
import { type Concerts, createConcerts } from './concerts.ts';
import { type Customers, createCustomers } from './customers.ts';
import { createEditing, type Editing } from './editing.ts';

export interface Catalog {
  concerts: Concerts;
  customers: Customers;
  editing: Editing;
}

export function createCatalog(db: Database): Catalog {
  const concerts = createConcerts(db);
  return {
    concerts,
    customers: createCustomers(db),
    editing: createEditing({ db, changed: (concertId) => concerts.forget(concertId) }),
  };
}
