import type { Server } from 'node:http';
import { connect } from 'node:net';

/** What came back over the wire, but for headers that differ from one answer to the next. */
export interface Answer {
  status: string;
  headers: [string, string][];
  body: unknown;
}

/** The bytes of a request. */
export const http = (line: string, headers: Record<string, string> = {}, body = ''): string =>
  [
    `${line} HTTP/1.1`,
    'Host: foyer',
    'Connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n');

/** Sends the bytes, and reads until the server closes. */
export async function ask(server: Server, request: string): Promise<Answer> {
  return answerOf(await exchange(server, [request]), ['connection', 'keep-alive']);
}

/** All requests in one go on one connection, the last of which closes it: the answers in their order. */
export async function askTogether(server: Server, requests: string[]): Promise<Answer[]> {
  return split(await exchange(server, [requests.join('')])).map((text) => answerOf(text, []));
}

/**
 * The request on a connection that is kept alive, then, once that is answered, another that closes it.
 *
 * @returns both answers, headers of the connection among them
 */
export async function askKept(server: Server, request: string, then: string): Promise<Answer[]> {
  const kept = request.replace('\r\nConnection: close', '');
  return split(await exchange(server, [kept, then])).map((text) => answerOf(text, []));
}

/** Writes one after the other, each when bytes have come for the one before, and reads until the server closes. */
async function exchange(server: Server, [first = '', ...later]: string[]): Promise<string> {
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const socket = connect(port, '127.0.0.1');
  socket.write(first);
  let text = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket) {
    text += String(chunk);
    const next = later.shift();
    if (next !== undefined) socket.write(next);
  }
  return text;
}

/** Each answer begins with its status line. */
function split(text: string): string[] {
  return text.split(/(?=HTTP\/1\.1 \d{3} )/);
}

function answerOf(bytes: string, apart: readonly string[]): Answer {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    })
    .filter(([name]) => !['date', 'set-cookie', ...apart].includes(name))
    .sort();
  return { status, headers, body: rest.join('\r\n\r\n') };
}
