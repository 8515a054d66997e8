import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { http } from './raw-http.ts';
import { type Caller, QUEUE_SECRET } from './stack.ts';

/** Another key of the app, as after a rotation; its id is `old`. */
export const OLD_SECRET = 'the-secret-that-signed-before-it-was-rotated';

const json = { 'Content-Type': 'application/json' };

/** Requests near the fast path, plain and odd ones: a name, and the bytes of each. */
export function fastPathCases({
  waiting,
  active,
  seatMap,
}: {
  waiting: () => Caller;
  active: () => Caller;
  seatMap: () => SeatMapAddress;
}): [string, () => string][] {
  const body = (more: object): string =>
    JSON.stringify({ customerId: waiting().customerId, ...more });
  const sign = (payload: object): string =>
    jwt.sign(
      { use: 'queue', sub: String(waiting().customerId), seq: 1, ...payload },
      QUEUE_SECRET,
      {
        keyid: 'test',
      },
    );
  /** The waiting customer's own token, from another key. */
  const resigned = (keyid: string): string => {
    const {
      iat: _,
      exp,
      ...claims
    } = z.looseObject({ iat: z.number(), exp: z.number() }).parse(jwt.decode(waiting().token));
    return jwt.sign({ ...claims, exp }, OLD_SECRET, { keyid });
  };
  const expired = (): string => sign({ room: 'room-1', iat: 1, exp: 2 });
  const homeless = (): string => sign({ room: 'none', exp: 4_000_000_000 });

  return [
    ...seatMapCases(seatMap),
    ['a poll', () => http('GET /customer/waiting', waiting().headers)],
    ['a poll of an active place', () => http('GET /customer/waiting', active().headers)],
    ['HEAD', () => http('HEAD /customer/waiting', waiting().headers)],
    ['another case', () => http('GET /Customer/Waiting', waiting().headers)],
    ['a trailing slash', () => http('GET /customer/waiting/', waiting().headers)],
    ['a query', () => http('GET /customer/waiting?a=1', waiting().headers)],
    ['another method', () => http('PUT /customer/waiting', waiting().headers)],
    ['no token', () => http('GET /customer/waiting')],
    ['a wrong scheme', () => http('GET /customer/waiting', { Authorization: 'Basic abc' })],
    ['two tokens', () => http('GET /customer/waiting', { Authorization: 'Bearer a b' })],
    [
      'a lower-case scheme',
      () => http('GET /customer/waiting', { Authorization: `bearer ${waiting().token}` }),
    ],
    [
      'a forged token',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${waiting().token}x` }),
    ],
    [
      'an English refusal',
      () => http('GET /customer/waiting', { Authorization: 'Bearer x', 'Accept-Language': 'en' }),
    ],
    [
      'a given request id',
      () => http('GET /customer/waiting', { ...waiting().headers, 'X-Request-Id': 'abc' }),
    ],
    [
      'a wrong request id',
      () => http('GET /customer/waiting', { ...waiting().headers, 'X-Request-Id': 'a b' }),
    ],
    [
      'a cookie',
      () => http('GET /customer/waiting', { Cookie: `foyer_room_x=${waiting().token}` }),
    ],
    ['a body on GET', () => http('GET /customer/waiting', { ...waiting().headers, ...json }, '{}')],
    [
      'an expired token',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${expired()}` }),
    ],
    [
      'a token of no room',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${homeless()}` }),
    ],
    [
      'a token signed before the keys were rotated',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${resigned('old')}` }),
    ],
    [
      'a token signed by a key that is gone',
      () => http('GET /customer/waiting', { Authorization: `Bearer ${resigned('gone')}` }),
    ],
    [
      'a compressed answer',
      () => http('GET /customer/waiting', { ...waiting().headers, 'Accept-Encoding': 'gzip, br' }),
    ],
    [
      'a check in chunks',
      () =>
        `${http('POST /customer/waiting/check', {
          ...waiting().headers,
          ...json,
          'Transfer-Encoding': 'chunked',
        })}${body({}).length.toString(16)}\r\n${body({})}\r\n0\r\n\r\n`,
    ],
    [
      'a check',
      () => http('POST /customer/waiting/check', { ...waiting().headers, ...json }, body({})),
    ],
    [
      'a check for another',
      () =>
        http('POST /customer/waiting/check', { ...waiting().headers, ...json }, '{"customerId":1}'),
    ],
    [
      'a check without the field',
      () => http('POST /customer/waiting/check', { ...waiting().headers, ...json }, '{}'),
    ],
    [
      'a check with broken JSON',
      () => http('POST /customer/waiting/check', { ...waiting().headers, ...json }, '{"a'),
    ],
    [
      'a check with a bare number',
      () => http('POST /customer/waiting/check', { ...waiting().headers, ...json }, '12'),
    ],
    [
      'a check with an array',
      () => http('POST /customer/waiting/check', { ...waiting().headers, ...json }, '[]'),
    ],
    ['a check without a body', () => http('POST /customer/waiting/check', waiting().headers)],
    [
      'a check of another type',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...waiting().headers, 'Content-Type': 'text/plain' },
          'a',
        ),
    ],
    [
      'a check of another encoding',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...waiting().headers, ...json, 'Content-Encoding': 'br' },
          '{}',
        ),
    ],
    [
      'a check of another charset',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...waiting().headers, 'Content-Type': 'application/json; charset=utf-16' },
          body({}),
        ),
    ],
    [
      'a check that is too long',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...waiting().headers, ...json },
          body({ text: 'x'.repeat(20_000) }),
        ),
    ],
    [
      'a check that is longish',
      () =>
        http(
          'POST /customer/waiting/check',
          { ...waiting().headers, ...json },
          body({ text: 'x'.repeat(2_000) }),
        ),
    ],
    ['an entry', () => http('POST /customer/waiting/enter', json, body({ roomId: 'room-1' }))],
    [
      'an entry to nowhere',
      () => http('POST /customer/waiting/enter', json, body({ roomId: 'no' })),
    ],
    [
      'an entry of nobody',
      () => http('POST /customer/waiting/enter', json, '{"customerId":999999999}'),
    ],
    [
      'an entry with a wrong field',
      () => http('POST /customer/waiting/enter', json, '{"customerId":"1"}'),
    ],
  ];
}

/** Where a performance's map is, and the version it has. */
export interface SeatMapAddress {
  concertId: number;
  optionId: number;
  etag: string;
}

function seatMapCases(map: () => SeatMapAddress): [string, () => string][] {
  const path = (change: Partial<SeatMapAddress | Record<string, string>> = {}): string => {
    const { concertId, optionId } = { ...map(), ...change };
    return `/concerts/${concertId}/options/${optionId}/seats`;
  };
  const known = (etag: string): Record<string, string> => ({ 'If-None-Match': etag });
  return [
    ['a map', () => http(`GET ${path()}`)],
    ['a map that has not changed', () => http(`GET ${path()}`, known(map().etag))],
    ['a map of another version', () => http(`GET ${path()}`, known('"1-x"'))],
    ['any version of a map', () => http(`GET ${path()}`, known('*'))],
    ['a weak version of a map', () => http(`GET ${path()}`, known(`W/${map().etag}`))],
    ['several versions of a map', () => http(`GET ${path()}`, known(`"1-x", ${map().etag}`))],
    ['HEAD of a map', () => http(`HEAD ${path()}`)],
    ['HEAD of a map that has not changed', () => http(`HEAD ${path()}`, known(map().etag))],
    ['a map for a browser', () => http(`GET ${path()}`, { Accept: 'text/html' })],
    ['a map with a token', () => http(`GET ${path()}`, { Authorization: 'Bearer x' })],
    ['a map with a request id', () => http(`GET ${path()}`, { 'X-Request-Id': 'abc' })],
    ['a map with a body', () => http(`GET ${path()}`, json, '{}')],
    ['a map with a query', () => http(`GET ${path()}?a=1`)],
    ['a map with a slash', () => http(`GET ${path()}/`)],
    ['a map in capitals', () => http(`GET ${path().toUpperCase()}`)],
    ['a map with an escaped id', () => http(`GET ${path({ optionId: '%31' })}`)],
    ['a map to post to', () => http(`POST ${path()}`, json, '{}')],
    ['the map of no performance', () => http(`GET ${path({ optionId: 999_999 })}`)],
    ['the map of no concert', () => http(`GET ${path({ concertId: 999_999 })}`)],
    ['the map of the largest id', () => http(`GET ${path({ optionId: '9007199254740991' })}`)],
    ['the map of too large an id', () => http(`GET ${path({ optionId: '9007199254740992' })}`)],
    ['the map of id 0', () => http(`GET ${path({ optionId: '0' })}`)],
    ['the map of id 01', () => http(`GET ${path({ optionId: '01' })}`)],
    ['the map of a word', () => http(`GET ${path({ concertId: 'one' })}`)],
  ];
}
