/** The problem body of a refusal (RFC 9457); `message` is in the page's language. */
export interface Problem {
  status: number;
  code: string;
  message: string;
  [member: string]: unknown;
}

/** A refusal of the API, or `code: 'OFFLINE'` when no answer came at all. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** Seconds, from Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(problem: Problem, retryAfterSeconds?: number) {
    super(problem.message);
    this.problem = problem;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

interface CallOptions {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  body?: object;
  /** Bearer token. */
  token?: string | undefined;
  headers?: Record<string, string>;
}

const TIMEOUT_MS = 15_000;

/**
 * One call of the API.
 *
 * @returns the JSON body; undefined for 204
 * @throws ProblemError for every refusal and for no answer
 */
export async function call<T>(path: string, options?: CallOptions): Promise<T> {
  return readBody<T>(await exchange(path, options));
}

/** The JSON body of an answer; undefined when it has none. */
export const readBody = <T>(response: Response): Promise<T> =>
  response.json().catch(() => undefined);

/** The answer itself, for reads that are repeated with its ETag. @throws as `call`, but not for 304 */
export async function exchange(path: string, options: CallOptions = {}): Promise<Response> {
  const response = await send(path, options);
  if (response.ok || response.status === 304) return response;
  const body = await readBody<Problem | undefined>(response);
  const retryAfter = Number(response.headers.get('retry-after')) || undefined;
  throw new ProblemError(
    body?.code ? body : { status: response.status, code: 'UNAVAILABLE', message: '' },
    retryAfter,
  );
}

async function send(path: string, options: CallOptions): Promise<Response> {
  const { method = 'GET', body, token, headers } = options;
  try {
    return await fetch(path, {
      method,
      headers: {
        'Accept-Language': document.documentElement.lang,
        ...(token ? { Authorization: `Bearer ${token}` } : {}),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch {
    throw new ProblemError({ status: 0, code: 'OFFLINE', message: '' });
  }
}

/** Names one attempt, so that sending it again has no second effect. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
