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
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const socket = connect(port, '127.0.0.1');
  socket.write(request);
  let text = '';
  socket.setEncoding('utf8');
  for await (const chunk of socket) text += String(chunk);
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    })
    .filter(([name]) => !['date', 'connection', 'keep-alive', 'set-cookie'].includes(name))
    .sort();
  return { status, headers, body: rest.join('\r\n\r\n') };
}
