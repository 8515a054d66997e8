import { once } from 'node:events';
import { connect } from 'node:net';
import type { Baseline } from './baseline.ts';
import type { Measured } from './processes.ts';
import type { Bench } from './servers.ts';

/** An answer, for a bare server to repeat: all headers but those that every server sets for itself. */
export interface Answer {
  status: number;
  /** Raw names and values. */
  headers: string[];
  body: string;
}

const OWN_HEADERS = new Set(['connection', 'content-length', 'date', 'keep-alive']);

/** One request, byte by byte, on a connection of its own. */
export async function ask(port: number, request: string): Promise<Answer> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setEncoding('utf8');
  socket.write(request.replace('\r\nHost:', '\r\nConnection: close\r\nHost:'));
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  const [head = '', body = ''] = text.split('\r\n\r\n', 2);
  const [status = '', ...lines] = head.split('\r\n');
  const headers = lines.flatMap((line) => {
    const at = line.indexOf(': ');
    const name = line.slice(0, at);
    return OWN_HEADERS.has(name.toLowerCase()) ? [] : [name, line.slice(at + 2)];
  });
  return { status: Number(status.split(' ')[1]), headers, body };
}

/** Servers that answer these very bytes, and do nothing else. */
export async function bareServers(
  bench: Pick<Bench, 'startBaseline'>,
  answer: Omit<Baseline, 'kind'>,
): Promise<{ express: Measured; http: Measured }> {
  return {
    express: await bench.startBaseline({ ...answer, kind: 'express' }),
    http: await bench.startBaseline({ ...answer, kind: 'http' }),
  };
}
