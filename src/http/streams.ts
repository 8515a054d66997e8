import type { ServerResponse } from 'node:http';
import { AppError } from '../platform/errors.ts';
import type { Logger } from '../platform/logger.ts';
import type { QueueClaims } from '../platform/tokens.ts';
import type { Services } from '../services.ts';
import { toWaitingDocument, type WaitingDocument } from './waiting-document.ts';

/** Open streams of this process; who comes later is advised to poll. */
const CLIENTS_MAX = 5_000;
const ADMIN_CLIENTS_MAX = 100;
const TICK_MS = 1_000;
const HEARTBEAT_MS = 15_000;
/** A client that does not read gets no more memory than this. */
const UNREAD_BYTES_MAX = 64 * 1_024;
const RETRY_MS = 2_000;

/** Server-sent events: one ticker for all, whose looks travel as one batch per room. */
export interface Streams {
  /** A place's documents, one whenever something changed, until the place is called or ended. */
  openWaiting(response: ServerResponse, claims: QueueClaims, token: string): Promise<void>;
  /** A value each second, until the client leaves. */
  openTicker(response: ServerResponse, read: () => Promise<unknown>): Promise<void>;
  /** Tells every client to come back (to another process), and ends the streams. */
  close(): void;
}

interface Client {
  response: ServerResponse;
  next: () => Promise<string | undefined>;
  lastSentAt: number;
  busy: boolean;
  ends: () => boolean;
}

export function createStreams(
  services: Pick<Services, 'waitingRoom' | 'metrics' | 'logger'>,
): Streams {
  const { waitingRoom, metrics, logger } = services;
  const clients = new Set<Client>();
  let adminClients = 0;
  let ticker: NodeJS.Timeout | undefined;

  function remove(client: Client): void {
    clients.delete(client);
    metrics.streams.set(clients.size);
    if (clients.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  }

  function add(client: Client): void {
    clients.add(client);
    metrics.streams.set(clients.size);
    client.response.on('close', () => remove(client));
    ticker ??= setInterval(() => {
      for (const one of clients) void advance(one, logger);
    }, TICK_MS);
  }

  return {
    async openWaiting(response, claims, token) {
      if (clients.size >= CLIENTS_MAX) {
        throw new AppError('UNAVAILABLE', {
          retryAfterSeconds: 2,
          details: { advice: 'poll', poll: '/customer/waiting' },
        });
      }
      let last: WaitingDocument | undefined;
      const next = async (): Promise<string | undefined> => {
        const document = toWaitingDocument(await waitingRoom.line.look(claims), token);
        if (last && sameToReader(last, document)) return undefined;
        last = document;
        return `event: waiting\ndata: ${JSON.stringify(document)}\n\n`;
      };
      // The first look comes before the headers: its errors are answered as any other's.
      const first = await next();
      begin(response, first ?? '');
      const client: Client = {
        response,
        next,
        lastSentAt: performance.now(),
        busy: false,
        ends: () => last?.status !== 'WAITING',
      };
      if (client.ends()) response.end();
      else add(client);
    },

    async openTicker(response, read) {
      if (adminClients >= ADMIN_CLIENTS_MAX)
        throw new AppError('UNAVAILABLE', { retryAfterSeconds: 5 });
      const next = async (): Promise<string> => `data: ${JSON.stringify(await read())}\n\n`;
      begin(response, await next());
      adminClients += 1;
      response.on('close', () => {
        adminClients -= 1;
      });
      add({ response, next, lastSentAt: performance.now(), busy: false, ends: () => false });
    },

    close() {
      for (const client of clients)
        client.response.end(`retry: ${RETRY_MS}\nevent: reconnect\ndata: {}\n\n`);
    },
  };
}

function begin(response: ServerResponse, first: string): void {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    Connection: 'keep-alive',
    'X-Accel-Buffering': 'no',
  });
  response.write(`retry: ${RETRY_MS}\n\n${first}`);
}

/** One tick of one client; a slow look skips ticks rather than piling up. */
async function advance(client: Client, logger: Logger): Promise<void> {
  if (client.busy || client.response.writableEnded) return;
  client.busy = true;
  try {
    const text = await client.next();
    if (client.response.writableLength > UNREAD_BYTES_MAX) client.response.destroy();
    else if (text !== undefined) {
      client.response.write(text);
      client.lastSentAt = performance.now();
    } else if (performance.now() - client.lastSentAt > HEARTBEAT_MS) {
      client.response.write(': still here\n\n');
      client.lastSentAt = performance.now();
    }
    if (client.ends()) client.response.end();
  } catch (error) {
    // An outage: the stream stays, and says more when there is more to say.
    logger.debug({ error }, 'stream waits');
  } finally {
    client.busy = false;
  }
}

function sameToReader(a: WaitingDocument, b: WaitingDocument): boolean {
  return (
    a.status === b.status &&
    a.waitingNumber === b.waitingNumber &&
    a.recovering === b.recovering &&
    a.roomState === b.roomState &&
    a.placeHeldUntil === b.placeHeldUntil
  );
}
