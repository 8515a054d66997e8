import { z } from 'zod';
import { DOCS_PAGE, DOCS_SCRIPT, sendText } from '../pages.ts';
import { ANSWERED, defineRoute, type Route } from '../route.ts';

const tag = 'Operations';
const readiness = z.object({
  status: z.enum(['ready', 'not ready']),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
});

/**
 * @param draining whether this process is about to stop
 * @param describe the OpenAPI document, once all routes are known
 */
export function operationRoutes(options: {
  draining: () => boolean;
  describe: () => object;
}): Route[] {
  const asset = (path: string, operationId: string, type: string, text: string): Route =>
    defineRoute({
      method: 'get',
      path,
      operationId,
      tag: 'Pages',
      summary: operationId,
      auth: 'public',
      contentType: type,
      handle(_, { response }) {
        sendText(response.set('Cache-Control', 'no-cache'), type, text);
        return ANSWERED;
      },
    });

  return [
    asset('/docs', 'docs', 'text/html', DOCS_PAGE),
    asset('/assets/docs.js', 'docsScript', 'text/javascript', DOCS_SCRIPT),
    defineRoute({
      method: 'get',
      path: '/health/live',
      operationId: 'live',
      tag,
      summary: 'The process runs',
      auth: 'public',
      reply: z.object({ status: z.literal('live') }),
      handle: () => ({ status: 'live' }),
    }),
    defineRoute({
      method: 'get',
      path: '/health/ready',
      operationId: 'ready',
      tag,
      summary:
        'Postgres, Redis, migrations and the seat index are there; else 503 with the same body',
      auth: 'public',
      reply: readiness,
      otherReplies: [{ status: 503, description: 'Something is missing', reply: readiness }],
      async handle(_, { services, response }) {
        const checks = await services.readiness();
        if (options.draining()) checks.push({ name: 'process', ok: false, detail: 'is stopping' });
        const ready = checks.every((check) => check.ok);
        if (!ready) response.status(503);
        return { status: ready ? 'ready' : 'not ready', checks };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/metrics',
      operationId: 'metrics',
      tag,
      summary: 'Prometheus metrics of this process',
      auth: 'public',
      contentType: 'text/plain',
      async handle(_, { services, response }) {
        await services.collectMetrics();
        const { registry } = services.metrics;
        const body = await registry.metrics();
        sendText(response.set('Cache-Control', 'no-store'), registry.contentType, body);
        return ANSWERED;
      },
    }),
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      operationId: 'openapi',
      tag,
      summary: 'This description',
      auth: 'public',
      reply: z.looseObject({ openapi: z.string() }),
      handle: () => options.describe(),
    }),
  ];
}
