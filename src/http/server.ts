import { once } from 'node:events';
import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../platform/patience.ts';
import type { Services } from '../services.ts';
import { createApp } from './app.ts';

/** Slow clients give up their connection; a proxy in front keeps idle ones shorter than this. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_MS = 65_000;
const HEADER_BYTES_MAX = 16 * 1_024;
const CONNECTIONS_MAX = 20_000;
const DRAIN_STEP_MS = 50;

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
export function createHttpServer(services: Services): HttpServer {
  let draining = false;
  let closing = false;
  const app = createApp(services, () => draining);

  const server = createServer(
    {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
      IncomingMessage: bornWith(IncomingMessage, app.express.request),
      ServerResponse: bornWith(ServerResponse, app.express.response),
    },
    (request, response) => {
      if (closing) response.setHeader('Connection', 'close');
      if (!app.fastPath(request, response)) app.express(request, response);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

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
      server.close();
      while (!done) {
        server.closeIdleConnections();
        // Node counts a connection that never sent anything as busy; browsers open such in advance.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        await Promise.race([closed, delay(DRAIN_STEP_MS)]);
      }
    },
  };
}

/**
 * The same kind of object, with `prototype` from the start. Node's two are functions of the old form, which fill
 * in whatever they are applied to; a plain constructor around them stays as fast to make as theirs.
 */
function bornWith<T extends typeof IncomingMessage | typeof ServerResponse>(
  type: T,
  prototype: object,
): T {
  function Born(this: object, ...args: unknown[]): void {
    Reflect.apply(type, this, args);
  }
  Born.prototype = prototype;
  return Born as unknown as T;
}
