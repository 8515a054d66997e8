import { type Actor, recordAudit } from '../platform/audit.ts';
import { createBatch, promised } from '../platform/batch.ts';
import { createBoundedCache } from '../platform/bounded-cache.ts';
import type { Database } from '../platform/database.ts';
import { AppError } from '../platform/errors.ts';

type CustomerStanding = 'active' | 'inactive' | 'unknown';

export interface Customer {
  customerId: number;
  name: string;
  active: boolean;
  createdAt: string;
}

export interface Customers {
  /**
   * Cached for a minute; who is unknown is asked for again after a second. Questions of one turn share a query.
   *
   * @throws CUSTOMER_NOT_FOUND, CUSTOMER_INACTIVE
   */
  requireActive(customerId: number): Promise<void>;
  /** @throws CUSTOMER_NOT_FOUND */
  get(customerId: number): Promise<Customer>;
  list(request: { cursor: number | undefined; limit: number }): Promise<{
    items: Customer[];
    next: number | null;
  }>;
  create(input: { name: string; active: boolean }, actor: Actor): Promise<Customer>;
  /** @throws CUSTOMER_NOT_FOUND */
  update(
    customerId: number,
    changes: { name?: string | undefined; active?: boolean | undefined },
    actor: Actor,
  ): Promise<Customer>;
}

const STANDING_FRESH_MS = 60_000;
const UNKNOWN_FRESH_MS = 1_000;
const STANDINGS_MAX = 200_000;
const BATCH_MAX = 1_000;

export function createCustomers(db: Database): Customers {
  const { prisma } = db;

  const lookUp = createBatch({
    keyOf: () => 'customers',
    sizeMax: BATCH_MAX,
    run: async (_, ids: number[]): Promise<CustomerStanding[]> => {
      const rows = await db.query<{ id: number; active: boolean }>({
        name: 'customer-standing',
        text: 'SELECT id, active FROM customers WHERE id = ANY($1::bigint[])',
        values: [ids],
      });
      const active = new Map(rows.map((row) => [row.id, row.active]));
      return ids.map((id) => {
        const found = active.get(id);
        return found === undefined ? 'unknown' : found ? 'active' : 'inactive';
      });
    },
  });
  const standings = createBoundedCache({
    read: promised(lookUp),
    freshMs: (standing) => (standing === 'unknown' ? UNKNOWN_FRESH_MS : STANDING_FRESH_MS),
    sizeMax: STANDINGS_MAX,
  });

  return {
    async requireActive(customerId) {
      const standing = await standings.get(customerId);
      if (standing === 'unknown') throw new AppError('CUSTOMER_NOT_FOUND');
      if (standing === 'inactive') throw new AppError('CUSTOMER_INACTIVE');
    },

    async get(customerId) {
      const row = await prisma.customer.findUnique({ where: { id: customerId } });
      if (!row) throw new AppError('CUSTOMER_NOT_FOUND');
      return customerFromRow(row);
    },

    async list({ cursor, limit }) {
      const rows = await prisma.customer.findMany({
        where: { id: { gt: cursor ?? 0 } },
        orderBy: { id: 'asc' },
        take: limit,
      });
      const items = rows.map(customerFromRow);
      return { items, next: items.length === limit ? (items.at(-1)?.customerId ?? null) : null };
    },

    async create(input, actor) {
      return prisma.$transaction(async (tx) => {
        const row = await tx.customer.create({ data: { ...input, account: { create: {} } } });
        const after = customerFromRow(row);
        const target = `customer:${after.customerId}`;
        await recordAudit(tx, { actor, action: 'customer.create', target, after });
        return after;
      });
    },

    async update(customerId, { name, active }, actor) {
      const updated = await prisma.$transaction(async (tx) => {
        const before = await tx.customer.findUnique({ where: { id: customerId } });
        if (!before) throw new AppError('CUSTOMER_NOT_FOUND');
        const row = await tx.customer.update({
          where: { id: customerId },
          data: {
            ...(name === undefined ? {} : { name }),
            ...(active === undefined ? {} : { active }),
          },
        });
        const after = customerFromRow(row);
        const target = `customer:${customerId}`;
        await recordAudit(tx, {
          actor,
          action: 'customer.update',
          target,
          before: customerFromRow(before),
          after,
        });
        return after;
      });
      standings.forget(customerId);
      return updated;
    },
  };
}

function customerFromRow(row: {
  id: bigint;
  name: string;
  active: boolean;
  createdAt: Date;
}): Customer {
  return {
    customerId: Number(row.id),
    name: row.name,
    active: row.active,
    createdAt: row.createdAt.toISOString(),
  };
}
