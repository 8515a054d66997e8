import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';

/**
 * What a ratio is taken to, in a process of its own: a server that does nothing but answer a route with the
 * same bytes. `http` is Node's bare server with its headers written at once; `express` a stock Express route.
 */
export interface Baseline {
  kind: 'http' | 'express';
  method: 'GET' | 'POST';
  path: string;
  /** Raw names and values. */
  headers: string[];
  body: string;
}

const [text = ''] = process.argv.slice(2);
const baseline: Baseline = JSON.parse(text);
const { headers, body } = baseline;

const server = baseline.kind === 'http' ? bareHttp() : bareExpress();
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit(0));

function bareHttp() {
  return createServer((request, response) => {
    const answer = (): void => {
      response.writeHead(200, [...headers, 'Content-Length', String(Buffer.byteLength(body))]);
      response.end(body);
    };
    if (request.method !== baseline.method || request.url !== baseline.path) {
      response.writeHead(404).end();
    } else if (baseline.method === 'GET') answer();
    else request.resume().on('end', answer);
  });
}

function bareExpress() {
  const app = express();
  const document: unknown = JSON.parse(body);
  if (baseline.method === 'POST') app.use(express.json());
  app[baseline.method === 'GET' ? 'get' : 'post'](baseline.path, (_, response) => {
    for (let at = 0; at < headers.length; at += 2) {
      response.set(headers[at] ?? '', headers[at + 1] ?? '');
    }
    response.json(document);
  });
  return createServer(app);
}
