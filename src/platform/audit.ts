import type { Prisma } from '../generated/prisma/client.ts';

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

/** Dates become ISO strings, as in the API's own replies. */
function asJson(value: unknown): Prisma.InputJsonValue {
  return JSON.parse(JSON.stringify(value));
}
