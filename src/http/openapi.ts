import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../platform/errors.ts';
import type { Auth } from './context.ts';
import type { Route } from './route.ts';

/** What any operation may answer, and what its `auth` adds. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'ILLEGAL_ARGUMENTS',
  'METHOD_NOT_ALLOWED',
  'REQUEST_TIMEOUT',
  'URI_TOO_LONG',
  'RATE_LIMITED',
  'HEADERS_TOO_LARGE',
  'INTERNAL',
  'UNAVAILABLE',
];
const BODY_ERRORS: readonly ErrorCode[] = ['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'];
const IDEMPOTENCY_ERRORS: readonly ErrorCode[] = [
  'IDEMPOTENCY_IN_PROGRESS',
  'IDEMPOTENCY_KEY_REUSED',
];
const AUTH_ERRORS: Record<Auth, readonly ErrorCode[]> = {
  public: [],
  queue: ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED'],
  customer: ['UNAUTHENTICATED', 'TOKEN_INVALID', 'TOKEN_EXPIRED'],
  admin: ['UNAUTHENTICATED', 'FORBIDDEN'],
};

/** Every code that an operation may answer. */
export function errorsOf(route: Route): ErrorCode[] {
  return [
    ...new Set([
      ...route.errors,
      ...AUTH_ERRORS[route.auth],
      ...COMMON_ERRORS,
      ...(route.body ? BODY_ERRORS : []),
      ...(route.idempotent ? IDEMPOTENCY_ERRORS : []),
    ]),
  ];
}

/** OpenAPI 3.1, from the schemas that validate. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    item[route.method] = operation(route);
    paths[route.path] = item;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Foyer',
      version,
      description: 'A virtual waiting room that also owns the seat, the hold and the payment.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    paths,
    components: {
      securitySchemes: {
        queue: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A queue token',
        },
        customer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A queue token or an identity',
        },
        admin: { type: 'http', scheme: 'bearer', description: 'An admin key' },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const problemSchema = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'message', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    message: { type: 'string' },
    requestId: { type: 'string' },
  },
};

function operation(route: Route): object {
  return {
    operationId: route.operationId,
    summary: route.summary,
    tags: [route.tag],
    security: route.auth === 'public' ? [] : [{ [route.auth]: [] }],
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(route.idempotent ? [idempotencyHeader] : []),
    ],
    ...(route.body
      ? {
          requestBody: {
            required: !route.body.safeParse(undefined).success,
            content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
          },
        }
      : {}),
    responses: responses(route),
  };
}

const idempotencyHeader = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): object[] {
  if (!schema) return [];
  const described = z
    .object({ properties: z.record(z.string(), z.any()), required: z.array(z.string()).optional() })
    .parse(schemaOf(schema, 'input'));
  return Object.entries(described.properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || (described.required?.includes(name) ?? false),
    schema: property,
  }));
}

/** What is answered by status: the success, the refusals, and the operation's own other answers. */
function responses(route: Route): Record<string, Described> {
  const all: Record<string, Described> = {
    [route.status]: success(route),
    ...problems(route),
  };
  for (const { status, description, reply, contentType } of route.otherReplies) {
    const known = all[status];
    const content = {
      ...known?.content,
      ...(reply ? jsonContent(reply) : {}),
      ...(contentType ? textContent(contentType) : {}),
    };
    all[status] = {
      description: known ? `${known.description}; ${description}` : description,
      ...(Object.keys(content).length > 0 ? { content } : {}),
    };
  }
  return all;
}

interface Described {
  description: string;
  content?: Record<string, object>;
}

function jsonContent(reply: z.ZodType): Record<string, object> {
  return { 'application/json': { schema: schemaOf(reply, 'output') } };
}

function textContent(type: string): Record<string, object> {
  return { [type]: { schema: { type: 'string' } } };
}

function success(route: Route): Described {
  if (route.reply) return { description: 'Done', content: jsonContent(route.reply) };
  if (route.contentType) {
    return { description: 'Done', content: textContent(route.contentType) };
  }
  return { description: 'Done' };
}

/** One response per status, which names the codes that may stand in it. */
function problems(route: Route): Record<string, Described> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of errorsOf(route)) {
    const { status } = ERRORS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [{ $ref: '#/components/schemas/Problem' }],
              properties: { code: { enum: codes } },
            },
          },
        },
      },
    ]),
  );
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return described;
}
