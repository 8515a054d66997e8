import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
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
  /** From now on /health/ready answers 503 and answers close their connections. */
  beginDrain(): void;
  /** Takes no new connections and resolves when every request has been answered. */
  close(): Promise<void>;
}

/**
 * The server in front of the app. Express gives each request and response its own prototype, which costs more
 * than all the rest of it; objects that are born with these prototypes spare it that.
 */
export function createHttpServer(services: Services): HttpServer {
  let draining = false;
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
      if (draining) response.setHeader('Connection', 'close');
      if (!app.fastPath(request, response)) app.express(request, response);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;

  return {
    server,
    beginDrain() {
      draining = true;
    },
    async close() {
      draining = true;
      app.streams.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      let done = false;
      void closed.then(() => {
        done = true;
      });
      // A connection that is idle now has had its last answer.
      while (!done) {
        server.closeIdleConnections();
        await Promise.race([closed, delay(DRAIN_STEP_MS)]);
      }
    },
  };
}

/** The same class, whose instances have `prototype` from the start. */
function bornWith<T extends typeof IncomingMessage | typeof ServerResponse>(
  type: T,
  prototype: object,
): T {
  const born = function born() {};
  born.prototype = prototype;
  return new Proxy(type, { construct: (target, args) => Reflect.construct(target, args, born) });
}
