import type { Prisma } from '../generated/prisma/client.ts';
import type { Database, Statement } from './database.ts';

/** Who acts with an admin key, and in which request. */
export interface Actor {
  name: string;
  requestId: string;
}

export interface AuditEntry {
  actor: Actor;
  /** `thing.verb`, such as `room.patch`. */
  action: string;
  /** `thing:id`. */
  target: string;
  before?: unknown;
  after?: unknown;
}

/** Writes who changed what, in the transaction of the change: neither is there without the other. */
export async function recordAudit(tx: Prisma.TransactionClient, entry: AuditEntry): Promise<void> {
  await tx.adminAudit.create({
    data: {
      actor: entry.actor.name,
      requestId: entry.actor.requestId,
      action: entry.action,
      target: entry.target,
      ...(entry.before === undefined ? {} : { before: asJson(entry.before) }),
      ...(entry.after === undefined ? {} : { after: asJson(entry.after) }),
    },
  });
}

/** The same, as a statement of a transaction that is written in SQL. */
export function auditStatement(entry: AuditEntry): Statement {
  const json = (value: unknown): string | null =>
    value === undefined ? null : JSON.stringify(value);
  return {
    name: 'audit',
    text: `INSERT INTO admin_audit (actor, request_id, action, target, before, after)
           VALUES ($1, $2, $3, $4, $5, $6)`,
    values: [
      entry.actor.name,
      entry.actor.requestId,
      entry.action,
      entry.target,
      json(entry.before),
      json(entry.after),
    ],
  };
}

export interface AuditRow {
  auditId: number;
  actor: string;
  action: string;
  target: string;
  before: unknown;
  after: unknown;
  requestId: string;
  at: string;
}

export interface Audit {
  /** For what happened outside Postgres: written after it. */
  record(entry: AuditEntry): Promise<void>;
  /** Newest first. */
  list(request: { cursor: number | undefined; limit: number }): Promise<{
    items: AuditRow[];
    next: number | null;
  }>;
}

export function createAudit(db: Database): Audit {
  return {
    async record(entry) {
      await db.query(auditStatement(entry));
    },
    async list({ cursor, limit }) {
      const rows = await db.prisma.adminAudit.findMany({
        where: cursor === undefined ? {} : { id: { lt: cursor } },
        orderBy: { id: 'desc' },
        take: limit,
      });
      const items = rows.map((row) => ({
        auditId: Number(row.id),
        actor: row.actor,
        action: row.action,
        target: row.target,
        before: row.before,
        after: row.after,
        requestId: row.requestId,
        at: row.at.toISOString(),
      }));
      return { items, next: items.length === limit ? (items.at(-1)?.auditId ?? null) : null };
    },
  };
}

/** Dates become ISO strings, as in the API's own replies. */
function asJson(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value));
}
