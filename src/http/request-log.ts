import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../platform/logger.ts';
import type { Metrics } from '../platform/metrics.ts';

/** Who waits or chooses asks each second, and all alike: one in a hundred is logged. */
const SAMPLED = new Set(['getWaiting', 'checkWaiting', 'seatMap', 'live', 'ready', 'metrics']);
/** They last as long as somebody waits, which says nothing about how fast anything is. */
const STREAMS = new Set(['streamWaiting', 'streamRoomStats']);
const SAMPLED_OF = 100;

/** Logged for who left before the answer; nobody is sent it. */
export const CLIENT_GONE = 499;

export interface RequestFacts {
  requestId: string;
  operation: string;
  startedAt: number;
  customerId?: number | undefined;
  roomId?: string | undefined;
  /** The status of an answer that Express' response does not know of. */
  answered?: number;
}

/** What was answered, as far as anybody was there to be answered. */
export function statusOf(response: Pick<ServerResponse, 'statusCode' | 'writableEnded'>): number {
  return response.writableEnded ? response.statusCode : CLIENT_GONE;
}

/** One line and one observation per answered request; no token, no body, no query. */
export function logRequest(
  { requestLogger, metrics }: { requestLogger: Logger; metrics: Metrics },
  request: Pick<IncomingMessage, 'method'>,
  status: number,
  facts: RequestFacts,
): void {
  const seconds = (performance.now() - facts.startedAt) / 1_000;
  metrics.requests.ended(facts.operation, status, STREAMS.has(facts.operation) ? null : seconds);
  const sampled = status < 400 && SAMPLED.has(facts.operation);
  if (sampled && Math.random() * SAMPLED_OF >= 1) return;
  requestLogger[status >= 500 ? 'warn' : 'info'](
    {
      requestId: facts.requestId,
      operation: facts.operation,
      method: request.method,
      status,
      ms: Math.round(seconds * 10_000) / 10,
      customer: facts.customerId,
      room: facts.roomId,
      // One line that stands for so many.
      sampledOf: sampled ? SAMPLED_OF : undefined,
    },
    'request',
  );
}
