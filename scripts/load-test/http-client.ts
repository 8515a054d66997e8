import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';

/** One answer. `status` 0: there was none, and `code` is the reason that the socket gave. */
export interface Answer {
  status: number;
  /** The problem's code of a refusal, 'OK' of a success. */
  code: string;
  /** As parsed, or undefined when it was no JSON. */
  body: unknown;
  headers: IncomingHttpHeaders;
}

export interface Ask {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  token?: string | undefined;
  body?: object | undefined;
  headers?: Record<string, string>;
}

/**
 * Connections that are kept open and shared. One core has to play every browser: this costs about 50 µs a
 * request, a quarter of fetch.
 */
export interface HttpClient {
  /** Never throws. `origin` chooses among several processes of one system. */
  ask(ask: Ask, origin?: number): Promise<Answer>;
  origins: readonly string[];
  close(): void;
}

const ANSWER_TIMEOUT_MS = 30_000;

export function createHttpClient(options: {
  origins: readonly string[];
  connections: number;
}): HttpClient {
  const targets = options.origins.map((origin) => new URL(origin));
  const settings = {
    keepAlive: true,
    maxSockets: Math.max(1, Math.floor(options.connections / targets.length)),
    scheduling: 'lifo',
  } as const;
  const agent = new Agent(settings);
  const secureAgent = new SecureAgent(settings);
  let nth = 0;

  return {
    origins: options.origins,
    ask(ask, origin) {
      nth += 1;
      const target = targets[(origin ?? nth) % targets.length];
      if (!target) throw new Error('no address to ask');
      const secure = target.protocol === 'https:';
      const how = secure ? { open: secureRequest, agent: secureAgent } : { open: request, agent };
      return new Promise((resolve) => send(ask, { target, ...how }, resolve, true));
    },
    close() {
      agent.destroy();
      secureAgent.destroy();
    },
  };
}

function send(
  ask: Ask,
  how: { target: URL; open: typeof request; agent: Agent },
  resolve: (answer: Answer) => void,
  mayRepeat: boolean,
): void {
  const { method, path, token, body, headers = {} } = ask;
  const { target } = how;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const outgoing = how.open(
    {
      host: target.hostname.replace(/^\[|\]$/g, ''),
      port: target.port,
      path: `${target.pathname.replace(/\/$/, '')}${path}`,
      method,
      agent: how.agent,
      headers: {
        ...headers,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(text === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    },
    (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', fail);
      incoming.on('end', () =>
        resolve(read(incoming.statusCode ?? 0, incoming.headers, Buffer.concat(chunks))),
      );
    },
  );
  outgoing.setTimeout(ANSWER_TIMEOUT_MS, () => outgoing.destroy(new Error('NO_ANSWER')));
  outgoing.on('error', fail);
  outgoing.end(text);

  function fail(error: Error & { code?: string }): void {
    // The server may close an idle connection just when it is used again: browsers ask once more, and so do we.
    if (mayRepeat && outgoing.reusedSocket && error.code === 'ECONNRESET') {
      send(ask, how, resolve, false);
      return;
    }
    resolve({ status: 0, code: error.code ?? error.message, body: undefined, headers: {} });
  }
}

function read(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  let body: unknown;
  if ((headers['content-type'] ?? '').includes('json')) {
    try {
      body = JSON.parse(bytes.toString('utf8'));
    } catch {
      return { status, code: 'UNREADABLE', body, headers };
    }
  }
  if (status < 400) return { status, code: 'OK', body, headers };
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : undefined;
  return { status, code: typeof code === 'string' ? code : `HTTP_${status}`, body, headers };
}
