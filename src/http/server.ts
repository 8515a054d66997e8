import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../platform/patience.ts';
import type { Services } from '../services.ts';
import { createApp } from './app.ts';
import { refuseConnection } from './connection-refusal.ts';
import { skipNoBody } from './direct-answer.ts';
import { createQueuedClose } from './queued-responses.ts';
import { cutQuiet } from './quiet-connections.ts';

/** What a connection may take, and for how long. Times in ms. */
export interface ConnectionLimits {
  /** Until all headers are there. */
  headersMs: number;
  /** Until the whole request is there. */
  requestMs: number;
  /** How often the two are looked after. */
  checkMs: number;
  /** Between two requests; a proxy in front keeps idle connections shorter than this. */
  keepAliveMs: number;
  headerBytesMax: number;
  /** Of one process, which needs some of the 20,000 files it may open for its own servers. */
  connectionsMax: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  headersMs: 10_000,
  requestMs: 30_000,
  checkMs: 1_000,
  keepAliveMs: 65_000,
  headerBytesMax: 16 * 1_024,
  connectionsMax: 18_000,
};
const DRAIN_STEP_MS = 50;
/** Who reads an answer more slowly than this, once all else is over, does without the rest of it. */
const UNREAD_PATIENCE_MS = 5_000;

export interface HttpServer {
  server: Server;
  /** From now on /health/ready answers 503, for balancers that ask; everything else goes on as before. */
  beginDrain(): void;
  /**
   * Takes no new connections, tells streams to reconnect, closes each connection with its next answer, and
   * resolves when every request has been answered. An idle connection is left to its client for `idleMs`: who
   * gives idle ones up sooner never sends a request into one that is being closed.
   */
  close(idleMs?: number): Promise<void>;
}

/**
 * The server in front of the app. Express gives each request and response its own prototype, which costs more
 * than all the rest of it; objects that are born with these prototypes spare it that.
 */
export function createHttpServer(
  services: Services,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): HttpServer {
  let draining = false;
  let closing = false;
  const app = createApp(services, () => draining, limits.keepAliveMs);
  const closeWhileQueued = createQueuedClose();

  function serve(request: IncomingMessage, response: ServerResponse): void {
    if (closing) response.setHeader('Connection', 'close');
    skipNoBody(request);
    const kept: Kept = response;
    kept._keepAliveTimeout = limits.keepAliveMs;
    if (!response.socket) closeWhileQueued(request, response);
    if (!app.fastPath(request, response)) app.express(request, response);
  }

  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: limits.checkMs,
      // `cutQuiet` looks after it.
      keepAliveTimeout: 0,
      maxHeaderSize: limits.headerBytesMax,
      IncomingMessage: bornWith(IncomingMessage, app.express.request),
      ServerResponse: bornWith(ServerResponse, app.express.response),
    },
    serve,
  );
  // What a client expects beyond `100-continue` it may go without.
  server.on('checkExpectation', serve);
  server.maxConnections = limits.connectionsMax;
  server.on('clientError', (error, socket) => refuseConnection(services, error, socket));
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  cutQuiet(server, sockets, limits.keepAliveMs);

  return {
    server,
    beginDrain() {
      draining = true;
    },
    async close(idleMs = 0) {
      draining = true;
      closing = true;
      let done = false;
      const closed = once(server, 'close').then(() => {
        done = true;
      });
      // Right after the turn's new connections were taken: the system resets those that nobody has taken yet.
      setImmediate(() => NetServer.prototype.close.call(server));
      app.streams.close();
      if (idleMs > 0) await within(idleMs, closed);
      const unreadUntil = performance.now() + UNREAD_PATIENCE_MS;
      while (!done) {
        // Node counts a connection as idle as soon as its answer is made, though half of it may be on its way.
        const unread = [...sockets].some((socket) => socket.writableLength > 0);
        if (!unread || performance.now() > unreadUntil) server.closeIdleConnections();
        // Node counts a connection that never sent anything as busy; browsers open such in advance.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        await Promise.race([closed, delay(DRAIN_STEP_MS)]);
      }
      // Ends what Node runs beside the listening: the check of slow requests.
      server.close(() => undefined);
    },
  };
}

/** Where Node keeps what it says of its patience in each answer. */
interface Kept extends ServerResponse {
  _keepAliveTimeout?: number;
}

/** More than Node passes to either. */
const ARGUMENTS_MAX = 8;

type Roomy = Partial<
  Record<`room${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8}${'a' | 'b' | 'c' | 'd'}`, undefined>
>;

/**
 * The same kind of object, with `prototype` from the start. Node's two are functions of the old form, which fill
 * in whatever they are applied to; a plain constructor around them stays as fast to make as theirs.
 *
 * V8 lays an object out by the fields that its constructor names. One that names none gets a table of names for
 * each object once Node has added its thirty: 3 kB more of each open response, and a quarter more CPU for each
 * request. So it names as many, and never sets them.
 */
function bornWith<T extends typeof IncomingMessage | typeof ServerResponse>(
  type: T,
  prototype: object,
): T {
  function Born(this: Roomy, ...args: unknown[]): void {
    Reflect.apply(type, this, args);
    if (args.length <= ARGUMENTS_MAX) return;
    this.room1a = this.room1b = this.room1c = this.room1d = undefined;
    this.room2a = this.room2b = this.room2c = this.room2d = undefined;
    this.room3a = this.room3b = this.room3c = this.room3d = undefined;
    this.room4a = this.room4b = this.room4c = this.room4d = undefined;
    this.room5a = this.room5b = this.room5c = this.room5d = undefined;
    this.room6a = this.room6b = this.room6c = this.room6d = undefined;
    this.room7a = this.room7b = this.room7c = this.room7d = undefined;
    this.room8a = this.room8b = this.room8c = this.room8d = undefined;
  }
  Born.prototype = prototype;
  return Born as unknown as T;
}
