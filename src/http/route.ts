import type { z } from 'zod';
import { AppError, type ErrorCode } from '../platform/errors.ts';
import type { Auth, Context } from './context.ts';

export type Method = 'get' | 'post' | 'patch' | 'delete';

/** A sentence for one rule of one field, instead of the general one. */
export type Sentences = Record<string, { ko: string; en: string }>;

export interface OtherReply {
  status: number;
  description: string;
  /** JSON. Without this and `contentType` there is no body. */
  reply?: z.ZodType;
  contentType?: string;
}

/** What a path that is a page as well answers to browsers that navigate. */
export function pageReplies(...statuses: number[]): OtherReply[] {
  return statuses.map((status) => ({ status, description: 'a page', contentType: 'text/html' }));
}

export interface RouteInput<P, Q, B> {
  params: P;
  query: Q;
  body: B;
}

/** A handler that has written its answer itself. */
export const ANSWERED = Symbol('answered');

/**
 * One operation: its schemas validate, type and document it, so that the three cannot disagree.
 *
 * `sentences` are keyed `field:rule`, such as `amount:too_small`.
 */
export interface RouteOptions<A extends Auth, P, Q, B, R> {
  method: Method;
  /** As in OpenAPI: `/concerts/{concertId}`. */
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  auth: A;
  params?: z.ZodType<P>;
  query?: z.ZodType<Q>;
  body?: z.ZodType<B>;
  /** Honours Idempotency-Key. */
  idempotent?: boolean;
  status?: number;
  /** Absent: the answer has no JSON body. */
  reply?: z.ZodType<R>;
  /** Of an answer that is not JSON. */
  contentType?: string;
  /** Besides those that every operation, or every operation with its `auth`, may answer. */
  errors?: readonly ErrorCode[];
  /** Answers besides success and refusals, which the handler sends itself. */
  otherReplies?: readonly OtherReply[];
  sentences?: Sentences;
  handle: (
    input: RouteInput<P, Q, B>,
    context: Context<A>,
  ) => Promise<R | typeof ANSWERED> | R | typeof ANSWERED;
  /** Headers that follow from the answer. */
  replyHeaders?: (reply: R) => Record<string, string>;
}

/** What a handler answered, and the headers that follow from it. */
export interface Reply {
  body: unknown;
  headers: Record<string, string>;
}

const NO_HEADERS = {};

/** A route whose types have served: what the app mounts and OpenAPI describes. */
export interface Route {
  method: Method;
  path: string;
  operationId: string;
  tag: string;
  summary: string;
  auth: Auth;
  params: z.ZodType | undefined;
  query: z.ZodType | undefined;
  body: z.ZodType | undefined;
  idempotent: boolean;
  status: number;
  reply: z.ZodType | undefined;
  contentType: string | undefined;
  errors: readonly ErrorCode[];
  otherReplies: readonly OtherReply[];
  /** Validates, then handles. @throws ILLEGAL_ARGUMENTS, and what the handler throws */
  run: (
    raw: RouteInput<unknown, unknown, unknown>,
    context: Context<Auth>,
  ) => Promise<Reply | typeof ANSWERED>;
}

export function defineRoute<A extends Auth, P = unknown, Q = unknown, B = unknown, R = void>(
  options: RouteOptions<A, P, Q, B, R>,
): Route {
  const { method, path, operationId, tag, summary, auth, params, query, body, reply } = options;
  const sentences = options.sentences ?? {};
  return {
    method,
    path,
    operationId,
    tag,
    summary,
    auth,
    params,
    query,
    body,
    reply,
    idempotent: options.idempotent ?? false,
    status: options.status ?? (reply || options.contentType ? 200 : 204),
    contentType: options.contentType,
    errors: options.errors ?? [],
    otherReplies: options.otherReplies ?? [],
    async run(raw, context) {
      const input = {
        params: parse(params, raw.params, sentences, ''),
        query: parse(query, raw.query, sentences, ''),
        body: parse(body, raw.body, sentences, ''),
      };
      if (!isFor(auth, context)) throw new Error(`${operationId} was called without its caller`);
      const answered = await options.handle(input, context);
      if (answered === ANSWERED) return ANSWERED;
      return { body: answered, headers: options.replyHeaders?.(answered) ?? NO_HEADERS };
    },
  };
}

/** The app resolves the caller by the route's own `auth`. */
function isFor<A extends Auth>(auth: A, context: Context<Auth>): context is Context<A> {
  return auth === 'public' || context.caller !== undefined;
}

function parse<T>(
  schema: z.ZodType<T> | undefined,
  value: unknown,
  sentences: Sentences,
  prefix: string,
): T {
  if (!schema) return value as T;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({
    path: prefix + issue.path.join('.'),
    message: issue.message,
  }));
  const first = parsed.error.issues[0];
  const sentence = first && sentences[`${first.path.join('.')}:${first.code}`];
  throw new AppError('ILLEGAL_ARGUMENTS', {
    details: { errors },
    ...(sentence ? { sentence } : {}),
  });
}
