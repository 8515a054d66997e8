import type { Random } from '../faults/random.ts';
import type { Operation } from './document.ts';
import { anything, plausible, spoiled, TEXTS } from './values.ts';

export interface FuzzRequest {
  operation: Operation;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** What exists in the system under test. */
export interface World {
  /** Values by the name of a field or parameter. */
  known: Record<string, unknown[]>;
  /** Bearer tokens that are right, by the kind of caller. */
  tokens: Record<string, string[]>;
}

const DEEP = 2_000;
const LARGE = 20_000;

/** One request to an operation: something about it is usually wrong. */
export function requestTo(operation: Operation, all: World, random: Random): FuzzRequest {
  // Usually one customer's own token and things, or every door would stay closed.
  const world = random.between(0, 9) > 0 ? ofOne(all, random) : all;
  const headers = headersFor(operation, world, random);
  const body = operation.body && bodyFor(operation, world, random);
  if (body !== undefined) {
    headers['Content-Type'] =
      random.between(0, 19) > 0
        ? 'application/json'
        : random.pick(['text/plain', 'application/json; charset=utf-16', 'application/jsonp', 'x']);
  }
  return {
    operation,
    method: operation.method,
    url: urlFor(operation, world, random),
    headers,
    body,
  };
}

function ofOne({ known, tokens }: World, random: Random): World {
  const at = random.between(0, (tokens['queue']?.length ?? 1) - 1);
  const only = (values: Record<string, unknown[]>, name: string) => ({
    [name]: values[name]?.slice(at, at + 1) ?? [],
  });
  const mine = (name: 'queue' | 'customer') => ({ [name]: tokens[name]?.slice(at, at + 1) ?? [] });
  return {
    known: { ...known, ...only(known, 'customerId'), ...only(known, 'reservationId') },
    tokens: { ...tokens, ...mine('queue'), ...mine('customer') },
  };
}

function urlFor(operation: Operation, world: World, random: Random): string {
  const parameters = operation.parameters.filter((one) => one.in === 'path');
  const path = parameters.reduce((url, { name, schema }) => {
    const value =
      random.between(0, 3) > 0 ? plausible(random, schema, name, world.known) : random.pick(TEXTS);
    // An empty segment is another path.
    return url.replace(`{${name}}`, encode(String(value)) || 'x');
  }, operation.path);
  const query = operation.parameters
    .filter((one) => one.in === 'query' && random.between(0, 1) === 0)
    .map(({ name, schema }) => {
      const value = random.between(0, 1)
        ? plausible(random, schema, name, world.known)
        : random.pick(TEXTS);
      return `${name}=${encode(String(value))}`;
    });
  if (random.between(0, 9) === 0)
    query.push(`${encode(random.pick(TEXTS))}=1`, '__proto__[x]=1', '&&=');
  return query.length > 0 ? `${path}?${query.join('&')}` : path;
}

/** Half surrogates have no encoding. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '?'));
}

function headersFor({ auth }: Operation, world: World, random: Random): Record<string, string> {
  const headers: Record<string, string> = {};
  const right = world.tokens[auth ?? ''] ?? [];
  const kind = random.between(0, 9);
  if (kind > 2 && right.length > 0) headers['Authorization'] = `Bearer ${random.pick(right)}`;
  else if (kind === 0) {
    headers['Authorization'] = random.pick([
      'Bearer',
      'Bearer x.y.z',
      'Basic YTpi',
      `Bearer ${random.pick(Object.values(world.tokens).flat())}`,
      `Bearer ${'a'.repeat(5_000)}`,
      'bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
    ]);
  }
  const odd: [string, string[]][] = [
    ['Idempotency-Key', ['k', '', 'x'.repeat(256), "'; --", String(random.between(0, 1e9))]],
    ['If-Match', ['"1"', '"999999999999"', '*', 'W/"x"']],
    ['If-None-Match', ['*', '"x"']],
    ['Accept-Language', ['en', 'ko;q=0.1, en', ';;;,q=', 'x'.repeat(500)]],
    ['Accept', ['text/html', '*/*;q=x', 'application/xml']],
    ['Accept-Encoding', ['gzip', 'br;q=nan', '*']],
    ['X-Request-Id', ['abc', 'a b', '../x', 'x'.repeat(300)]],
    ['X-Forwarded-For', ['1.2.3.4', "'; DROP", '::1, ::2, ::3']],
    ['X-Http-Method-Override', ['DELETE']],
    ['Cookie', ['foyer_admin=a.b.c', 'foyer_room_main=x', ';;=;', `a=${'x'.repeat(2_000)}`]],
    ['Content-Encoding', ['identity', 'gzip', 'br', 'compress']],
    ['Range', ['bytes=0-0']],
    ['Expect', ['200-ok']],
    ['Host', ['evil.example', '']],
  ];
  for (const [name, values] of odd) {
    if (random.between(0, 14) === 0) headers[name] = random.pick(values);
  }
  return headers;
}

function bodyFor(operation: Operation, world: World, random: Random): string {
  const value = plausible(random, operation.body ?? {}, '', world.known);
  const kind = random.between(0, 19);
  if (kind < 5) return JSON.stringify(value);
  if (kind < 14) return JSON.stringify(spoiled(random, value)) ?? '';
  if (kind < 16) return JSON.stringify(spoiled(random, spoiled(random, value))) ?? '';
  if (kind === 16) return JSON.stringify(anything(random)) ?? '';
  const text = JSON.stringify(value);
  return random.pick([
    '',
    text.slice(0, random.between(0, text.length)),
    text.replace('{', '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":1}},'),
    text.replace('{', '{"customerId":1,"customerId":"1",'),
    `${'['.repeat(DEEP)}${']'.repeat(DEEP)}`,
    `${text}${text}`,
    `{"padding":"${'x'.repeat(LARGE)}"}`,
    '\ufeff{}',
    'undefined',
    "{'a':1}",
    '{"a":1e999}',
    '"\\ud800"',
  ]);
}
