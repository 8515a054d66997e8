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
  ) => Promise<R | Told | typeof ANSWERED> | R | Told | typeof ANSWERED;
  /** Headers that follow from the answer. */
  replyHeaders?: (reply: R) => Record<string, string>;
}

const TOLD = Symbol('told');

/** What a handler answers that has the JSON text of its document at hand, or more to say than the document does. */
export interface Told {
  [TOLD]: true;
  /** The document as JSON. */
  text: string;
  /** Header names and values in turn. */
  fields: readonly string[];
  /** Who has this version already is answered 304, without it. */
  etag?: string;
  /** `no-store` unless this says otherwise. */
  cacheControl?: string;
}

export function told(answer: Omit<Told, typeof TOLD>): Told {
  return { [TOLD]: true, ...answer };
}

function isTold(answer: unknown): answer is Told {
  return typeof answer === 'object' && answer !== null && TOLD in answer;
}

/** What is sent besides the headers that every answer has. */
export interface Reply {
  status: number;
  /** Header names and values in turn. */
  fields: readonly string[];
  /** Absent: there is no body. */
  text: string | undefined;
}

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
  const success = options.status ?? (reply || options.contentType ? 200 : 204);
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
    status: success,
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
      const { response } = context;
      // A handler that found a reason to answer another status has set it.
      const status = response.statusCode === OK ? success : response.statusCode;
      if (isTold(answered)) return replyOfTold(answered, status, context);
      const fields = response.hasHeader('cache-control') ? [] : ['Cache-Control', 'no-store'];
      if (options.replyHeaders)
        fields.push(...Object.entries(options.replyHeaders(answered)).flat());
      if (!reply) return { status, fields, text: undefined };
      fields.push('Content-Type', JSON_TYPE);
      return { status, fields, text: JSON.stringify(answered) };
    },
  };
}

export const OK = 200;
const NOT_MODIFIED = 304;
export const JSON_TYPE = 'application/json; charset=utf-8';

function replyOfTold(
  { text, etag, cacheControl = 'no-store', fields }: Told,
  status: number,
  { request }: Context<Auth>,
): Reply {
  const common = ['Cache-Control', cacheControl, ...fields];
  if (etag !== undefined) common.push('ETag', etag);
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    return { status: NOT_MODIFIED, fields: common, text: undefined };
  }
  common.push('Content-Type', JSON_TYPE);
  return { status, fields: common, text };
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
