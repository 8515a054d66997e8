import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import type { FuzzRequest } from './requests.ts';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

const ANSWER_TIMEOUT_MS = 20_000;

/** Sends as it is told, without tidying up. A stream is left after its first bytes. */
export function createExchange(url: string): {
  send(request: FuzzRequest): Promise<Answer>;
  close(): void;
} {
  const { hostname, port } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });

  return {
    close: () => agent.destroy(),
    send: ({ method, url: path, headers, body }) =>
      new Promise((resolve, reject) => {
        const sent = httpRequest({
          hostname,
          port,
          path,
          method,
          agent,
          timeout: ANSWER_TIMEOUT_MS,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'Content-Length': Buffer.byteLength(body) }),
          },
        });
        sent.once('timeout', () => sent.destroy(new Error('no answer')));
        sent.once('error', reject);
        sent.once('response', (response) => {
          const status = response.statusCode ?? 0;
          let text = '';
          const done = (): void => resolve({ status, headers: response.headers, body: text });
          response.setEncoding('utf8');
          response.on('data', (chunk) => {
            text += chunk;
            if (!response.headers['content-type']?.startsWith('text/event-stream')) return;
            done();
            response.destroy();
          });
          response.once('end', done);
          response.once('error', () => done());
        });
        sent.end(body);
      }),
  };
}

/** What is wrong with an answer, if anything: a 5xx, or whatever the document does not say. */
export function faultOf({ operation }: FuzzRequest, answer: Answer): string | undefined {
  const { status, headers, body } = answer;
  if (status >= 500) return 'a server error';
  if (!operation.statuses.has(status)) return 'an undocumented status';
  if (typeof headers['x-request-id'] !== 'string') return 'no request id';
  if (body === '') return undefined;
  const type = headers['content-type']?.split(';')[0] ?? '';
  const schema = operation.answers.get(`${status} ${type}`);
  if (!schema) return `an undocumented type ${type}`;
  if (!type.endsWith('json')) return undefined;
  const parsed = schema.safeParse(JSON.parse(body));
  if (!parsed.success) return `another shape: ${parsed.error.message.slice(0, 500)}`;
  if (/\bat .*\.[jt]s:\d+|node_modules/.test(body)) {
    return 'a look inside';
  }
  return undefined;
}
