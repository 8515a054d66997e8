import type { ServerResponse } from 'node:http';
import { AppError } from '../platform/errors.ts';
import type { QueueClaims } from '../platform/tokens.ts';
import type { Services } from '../services.ts';
import { toAppError } from './problem.ts';
import { toWaitingDocument, type WaitingDocument } from './waiting-document.ts';

/** What one process bears. */
const LIMITS = {
  /** Open streams of places; who comes later is advised to poll. */
  clientsMax: 5_000,
  adminClientsMax: 100,
  tickMs: 1_000,
  /** Proxies end connections that are silent for longer, often after a minute. */
  heartbeatMs: 15_000,
};
/** A client that does not read gets no more memory than this. */
const UNREAD_BYTES_MAX = 64 * 1_024;
/** Clients come back at different moments within the spread, not all at once. */
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 3_000;
const RECONNECT = 'event: reconnect\ndata: {}\n\n';

/** Server-sent events: one ticker for all, whose looks travel as one batch per room. */
export interface Streams {
  /**
   * A place's documents, one whenever something changed, until the place is called or ended or its token
   * expires.
   *
   * @throws UNAVAILABLE with the advice to poll when too many streams are open, and what `look` throws
   */
  openWaiting(response: ServerResponse, claims: QueueClaims, token: string): Promise<void>;
  /** A value each second, until the client leaves. @throws UNAVAILABLE, and what `read` throws */
  openTicker(response: ServerResponse, read: () => Promise<unknown>): Promise<void>;
  /** Tells every client to come back (to another process), and ends the streams, also those to come. */
  close(): void;
}

interface Client {
  response: ServerResponse;
  kind: 'waiting' | 'ticker';
  /** The next event, or nothing new. */
  next: () => Promise<string | undefined>;
  lastSentAt: number;
  busy: boolean;
  ends: () => boolean;
}

export function createStreams(
  services: Pick<Services, 'waitingRoom' | 'queueTokens' | 'metrics' | 'logger'>,
  limits: typeof LIMITS = LIMITS,
): Streams {
  const { waitingRoom, queueTokens, metrics, logger } = services;
  const clients = new Set<Client>();
  const open = { waiting: 0, ticker: 0 };
  let ticker: NodeJS.Timeout | undefined;
  let closing = false;

  function remove(client: Client): void {
    if (!clients.delete(client)) return;
    open[client.kind] -= 1;
    metrics.streams.set(clients.size);
    if (clients.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  }

  /** Counts the client from now on, so that one who leaves during the first look leaves nothing behind. */
  async function begin(client: Client): Promise<void> {
    const { response } = client;
    clients.add(client);
    open[client.kind] += 1;
    metrics.streams.set(clients.size);
    response.once('close', () => remove(client));
    ticker ??= setInterval(() => {
      for (const one of clients) void advance(one);
    }, limits.tickMs);
    try {
      // The first value comes before the headers: its errors are answered as any other's.
      const first = await client.next();
      if (response.destroyed) return;
      writeHead(response, first ?? '');
      client.busy = false;
      if (client.ends()) response.end();
      else if (closing) response.end(RECONNECT);
    } catch (error) {
      remove(client);
      throw error;
    }
  }

  /** One tick of one client; a slow look skips ticks rather than piling up. */
  async function advance(client: Client): Promise<void> {
    const { response } = client;
    if (client.busy || response.writableEnded) return;
    client.busy = true;
    try {
      const text = await client.next();
      if (response.writableLength > UNREAD_BYTES_MAX) response.destroy();
      else if (text !== undefined || performance.now() - client.lastSentAt > limits.heartbeatMs) {
        response.write(text ?? ': still here\n\n');
        client.lastSentAt = performance.now();
      }
      if (client.ends()) response.end();
    } catch (thrown) {
      const error = toAppError(thrown);
      // During an outage the stream stays, and says more when there is more to say.
      if (error.code === 'UNAVAILABLE') return;
      if (error.code === 'INTERNAL') logger.error({ error: thrown }, 'stream failed');
      response.end();
    } finally {
      client.busy = false;
    }
  }

  return {
    async openWaiting(response, firstClaims, firstToken) {
      if (open.waiting >= limits.clientsMax) {
        throw new AppError('UNAVAILABLE', {
          retryAfterSeconds: 2,
          details: { advice: 'poll', poll: '/customer/waiting' },
        });
      }
      let token = firstToken;
      let claims = firstClaims;
      let last: WaitingDocument | undefined;
      const next = async (): Promise<string | undefined> => {
        token = queueTokens.renew(token, claims);
        claims = queueTokens.verify(token);
        const document = toWaitingDocument(await waitingRoom.line.look(claims), token);
        if (last && sameToReader(last, document)) return undefined;
        last = document;
        return `event: waiting\ndata: ${JSON.stringify(document)}\n\n`;
      };
      const ends = () => last !== undefined && last.status !== 'WAITING';
      await begin(clientOf(response, 'waiting', next, ends));
    },

    async openTicker(response, read) {
      if (open.ticker >= limits.adminClientsMax)
        throw new AppError('UNAVAILABLE', { retryAfterSeconds: 5 });
      const next = async (): Promise<string> => `data: ${JSON.stringify(await read())}\n\n`;
      await begin(clientOf(response, 'ticker', next, () => false));
    },

    close() {
      closing = true;
      for (const { response } of clients) if (response.headersSent) response.end(RECONNECT);
    },
  };
}

/** A client that the ticker passes over until its first value is out. */
function clientOf(
  response: ServerResponse,
  kind: Client['kind'],
  next: Client['next'],
  ends: Client['ends'],
): Client {
  return { response, kind, next, ends, lastSentAt: performance.now(), busy: true };
}

function writeHead(response: ServerResponse, first: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  const retryMs = RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS);
  response.write(`retry: ${retryMs}\n\n${first}`);
}

/** All that a reader sees, but `pollAfterMs`, which is told anew each time. */
function sameToReader(a: WaitingDocument, b: WaitingDocument): boolean {
  return (
    a.status === b.status &&
    a.waitingNumber === b.waitingNumber &&
    a.recovering === b.recovering &&
    a.roomState === b.roomState &&
    a.placeHeldUntil === b.placeHeldUntil &&
    a.remainingTime === b.remainingTime &&
    a.eta?.p90 === b.eta?.p90 &&
    a.etaReason === b.etaReason &&
    a.token === b.token
  );
}
