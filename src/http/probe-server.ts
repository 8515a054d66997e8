import { createServer, type Server, type ServerResponse } from 'node:http';
import type { Services } from '../services.ts';

type Probed = Pick<Services, 'readiness' | 'collectMetrics' | 'metrics'>;

/** What monitoring asks of a process that serves nobody else: a worker's health and metrics. */
export function createProbeServer(services: Probed): Server {
  return createServer((request, response) => {
    answer(services, request.url ?? '', response).catch(() => {
      response.writeHead(503).end();
    });
  });
}

async function answer(services: Probed, path: string, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/health/live':
      return sendJson(response, 200, { status: 'live' });
    case '/health/ready': {
      const checks = await services.readiness();
      const ready = checks.every((check) => check.ok);
      return sendJson(response, ready ? 200 : 503, {
        status: ready ? 'ready' : 'not ready',
        checks,
      });
    }
    case '/metrics': {
      await services.collectMetrics();
      const { registry } = services.metrics;
      const body = await registry.metrics();
      response.writeHead(200, { 'Content-Type': registry.contentType }).end(body);
      return;
    }
    default:
      response.writeHead(404).end();
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}
