import type { ServerResponse } from 'node:http';
import { AppError } from '../platform/errors.ts';
import { type QueueClaims, tokenOf } from '../platform/queue-tokens.ts';
import type { Services } from '../services.ts';
import { toAppError } from './problem.ts';
import { nothingTold, tells } from './told-place.ts';
import { toWaitingDocument } from './waiting-document.ts';

/** What one process bears. */
const LIMITS = {
  /** Open streams of places; who comes later is advised to poll. */
  clientsMax: 5_000,
  adminClientsMax: 100,
  tickMs: 1_000,
  /** Proxies end connections that are silent for longer, often after a minute. */
  heartbeatMs: 15_000,
};
/** So many streams of a room are looked after at once, in a few scripts. */
const SLICE = 500;
/** A client that does not read gets no more memory than this. */
const UNREAD_BYTES_MAX = 64 * 1_024;
/** Clients come back at different moments within the spread, not all at once. */
const RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 3_000;
const RECONNECT = 'event: reconnect\ndata: {}\n\n';

/** Server-sent events: one ticker for all, whose looks travel in batches per room. */
export interface Streams {
  /**
   * A place's documents, one whenever something changed, until the place is called or ended or its token
   * expires.
   *
   * @throws UNAVAILABLE with the advice to poll when too many streams are open, and what `look` throws
   */
  openWaiting(response: ServerResponse, claims: QueueClaims): Promise<void>;
  /** A value each second, until the client leaves. @throws UNAVAILABLE, and what `read` throws */
  openTicker(response: ServerResponse, read: () => Promise<unknown>): Promise<void>;
  /** Tells every client to come back (to another process), and ends the streams, also those to come. */
  close(): void;
}

interface Client {
  response: ServerResponse;
  /** Who is looked after together: the streams of a room's places, or one ticker. */
  group: string;
  kind: 'waiting' | 'ticker';
  /** The next event, or nothing new. */
  next: () => Promise<string | undefined>;
  lastSentAt: number;
  busy: boolean;
  ends: () => boolean;
}

interface Group {
  clients: Set<Client>;
  /** A pass that takes longer than a tick skips ticks rather than piling up. */
  passing: boolean;
}

export function createStreams(
  services: Pick<Services, 'waitingRoom' | 'queueTokens' | 'metrics' | 'logger'>,
  limits: typeof LIMITS = LIMITS,
): Streams {
  const { waitingRoom, queueTokens, metrics, logger } = services;
  const groups = new Map<string, Group>();
  const open = { waiting: 0, ticker: 0 };
  let tickers = 0;
  let ticker: NodeJS.Timeout | undefined;
  let closing = false;

  function add(client: Client): void {
    const group = groups.get(client.group) ?? { clients: new Set(), passing: false };
    groups.set(client.group, group);
    group.clients.add(client);
    count(client.kind, 1);
    ticker ??= setInterval(() => {
      for (const one of groups.values()) void pass(one);
    }, limits.tickMs);
  }

  function remove(client: Client): void {
    const group = groups.get(client.group);
    if (!group?.clients.delete(client)) return;
    if (group.clients.size === 0) groups.delete(client.group);
    count(client.kind, -1);
    if (groups.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  }

  function count(kind: Client['kind'], change: 1 | -1): void {
    open[kind] += change;
    metrics.streams.set(open.waiting + open.ticker);
  }

  /** One tick of a group, slice by slice: the process does other things in between, and few documents live at once. */
  async function pass(group: Group): Promise<void> {
    if (group.passing) return;
    group.passing = true;
    const clients = [...group.clients];
    for (let from = 0; from < clients.length; from += SLICE) {
      await Promise.all(clients.slice(from, from + SLICE).map(advance));
    }
    group.passing = false;
  }

  /** Counts the client from now on, so that one who leaves during the first look leaves nothing behind. */
  async function begin(client: Client): Promise<void> {
    const { response } = client;
    add(client);
    response.once('close', () => remove(client));
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

  /** One tick of one client. Never throws. */
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
    async openWaiting(response, firstClaims) {
      if (open.waiting >= limits.clientsMax) {
        throw new AppError('UNAVAILABLE', {
          retryAfterSeconds: 2,
          details: { advice: 'poll', poll: '/customer/waiting' },
        });
      }
      let claims = firstClaims;
      const told = nothingTold();
      const next = async (): Promise<string | undefined> => {
        const token = queueTokens.renew(claims);
        const isNew = token !== tokenOf(claims);
        if (isNew) claims = queueTokens.verify(token);
        const view = await waitingRoom.line.look(claims);
        if (!tells(told, view) && !isNew) return undefined;
        return `event: waiting\ndata: ${JSON.stringify(toWaitingDocument(view, token))}\n\n`;
      };
      const ends = () => told.status !== 'WAITING';
      await begin(clientOf({ response, kind: 'waiting', group: firstClaims.roomId, next, ends }));
    },

    async openTicker(response, read) {
      if (open.ticker >= limits.adminClientsMax)
        throw new AppError('UNAVAILABLE', { retryAfterSeconds: 5 });
      const next = async (): Promise<string> => `data: ${JSON.stringify(await read())}\n\n`;
      tickers += 1;
      const group = ` ticker ${tickers}`;
      await begin(clientOf({ response, kind: 'ticker', group, next, ends: () => false }));
    },

    close() {
      closing = true;
      for (const { clients } of groups.values()) {
        for (const { response } of clients) if (response.headersSent) response.end(RECONNECT);
      }
    },
  };
}

/** A client that the ticker passes over until its first value is out. */
function clientOf(client: Omit<Client, 'lastSentAt' | 'busy'>): Client {
  return { ...client, lastSentAt: performance.now(), busy: true };
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
