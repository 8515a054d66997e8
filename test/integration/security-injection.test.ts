import { type Operation, operationsOf, type Schema } from '../fuzz/document.ts';
import { createExchange, faultOf } from '../fuzz/exchange.ts';
import { createWorld } from '../fuzz/world.ts';
import { ADMIN_KEY, type Stack, startStack } from '../support/stack.ts';

/** Each would show if it were taken for more than text. */
const INJECTIONS = [
  "'; DROP TABLE customers CASCADE; --",
  "1'); UPDATE accounts SET balance = 123456789; --",
  "' OR '1'='1",
  '$$; DELETE FROM reservations; $$',
  "\\'; SELECT pg_sleep(5); --",
  "']] redis.call('FLUSHALL') --[[",
  '") redis.call("FLUSHALL") --',
  '\r\nFLUSHALL\r\n',
  'main}:waiting {main',
  '*',
  '{"$gt": ""}',
  '__proto__',
  'constructor',
];

type Path = (string | number)[];

/** Where the schema takes a text. */
function textsIn(schema: Schema | undefined, path: Path = []): Path[] {
  if (!schema) return [];
  if (schema.anyOf) return schema.anyOf.flatMap((one) => textsIn(one, path));
  if (schema.type === 'string') return [path];
  if (schema.items) return textsIn(schema.items, [...path, 0]);
  return Object.entries(schema.properties ?? {}).flatMap(([name, inner]) =>
    textsIn(inner, [...path, name]),
  );
}

/** The least that the schema takes, with `text` at `path`. */
function filled(
  schema: Schema,
  known: Record<string, unknown[]>,
  path: Path,
  text: string,
): unknown {
  const [step, ...rest] = path;
  if (step === undefined && path.length === 0 && schema.type === 'string') return text;
  if (schema.anyOf) return filled(schema.anyOf[0], known, path, text);
  if (schema.items) return [filled(schema.items, known, rest, text)];
  if (!schema.properties) return text;
  const required: unknown = schema['required'];
  const names = Array.isArray(required) ? required : [];
  return Object.fromEntries(
    Object.entries(schema.properties)
      .filter(([name]) => name === step || names.includes(name))
      .map(([name, inner]) => [
        name,
        name === step
          ? filled(inner, known, rest, text)
          : (known[name]?.[0] ?? sample(inner, known)),
      ]),
  );
}

function sample(schema: Schema, known: Record<string, unknown[]>): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return sample(schema.anyOf[0], known);
  if (schema.items) return [sample(schema.items, known)];
  if (schema.properties) return filled(schema, known, [''], '');
  if (schema['format'] === 'date-time') return '2098-01-01T00:00:00Z';
  if (schema.type === 'string') return 'text';
  return schema.type === 'boolean' ? true : 1;
}

describe('injection', () => {
  let stack: Stack;
  beforeAll(async () => {
    stack = await startStack({ env: { REQUESTS_PER_SECOND_PER_CUSTOMER: '100000' } });
  });
  afterAll(() => stack.close());

  it('in every text that an operation takes stays text', async () => {
    const published = (await stack.api.get('/openapi.json').expect(200)).body;
    const world = await createWorld(stack.url, ADMIN_KEY);
    const { db, redis } = stack.services;
    const count = async () => {
      const [row] = await db.query<{ all: string }>({
        text: `SELECT (SELECT count(*) FROM reservations) || ' ' || (SELECT max(balance) FROM accounts WHERE customer_id IS NOT NULL) AS all`,
      });
      return row?.all;
    };
    const before = await count();
    await redis.set('canary', 'alive');
    const exchange = createExchange(stack.url);
    const faults: unknown[] = [];
    let sent = 0;

    async function send(
      operation: Operation,
      url: string,
      more: Record<string, string>,
      body?: unknown,
    ) {
      const tokens = world.tokens[operation.auth ?? ''] ?? [];
      const request = {
        operation,
        method: operation.method,
        url,
        headers: {
          ...(tokens[0] ? { Authorization: `Bearer ${tokens[0]}` } : {}),
          ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...more,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      };
      const answer = await exchange.send(request);
      sent += 1;
      const fault = faultOf(request, answer);
      if (fault)
        faults.push({ fault, id: operation.id, url, body, got: answer.body.slice(0, 300) });
    }

    for (const operation of operationsOf(published)) {
      // Ends what the others need.
      if (operation.id === 'leaveWaiting') continue;
      const path = (text: string, at = '') =>
        operation.path.replace(/\{(\w+)\}/g, (_, name: string) =>
          encodeURIComponent(name === at ? text : String(world.known[name]?.[0] ?? 1)),
        );
      for (const text of INJECTIONS) {
        for (const { name, in: place } of operation.parameters) {
          if (place === 'path') await send(operation, path(text, name), {}, operation.body && {});
          if (place === 'query')
            await send(operation, `${path('')}?${name}=${encodeURIComponent(text)}`, {});
          if (place === 'header')
            await send(operation, path(''), { [name]: text.replace(/[\r\n]/g, '') }, {});
        }
        for (const at of textsIn(operation.body)) {
          const body = filled(operation.body ?? {}, world.known, at, text);
          await send(operation, path(''), {}, body);
        }
      }
    }
    exchange.close();
    expect(faults).toEqual([]);
    expect(sent).toBeGreaterThan(500);
    expect(await count()).toBe(before);
    expect(await redis.get('canary')).toBe('alive');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    // What was accepted was kept as it was written.
    const { body } = await stack.api
      .get('/admin/customers')
      .set('Authorization', `Bearer ${ADMIN_KEY}`)
      .expect(200);
    const names = body.items.map((one: { name: string }) => one.name);
    expect(names).toEqual(
      expect.arrayContaining(["'; DROP TABLE customers CASCADE; --", "' OR '1'='1"]),
    );
  });

  it('of keys of the prototype pollutes nothing, in any body', async () => {
    const published = (await stack.api.get('/openapi.json').expect(200)).body;
    for (const { method, path, body, auth } of operationsOf(published)) {
      if (!body || auth === 'queue') continue;
      const reply = await fetch(stack.url + path.replace(/\{\w+\}/g, '999999'), {
        method,
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${ADMIN_KEY}` },
        body: '{"__proto__":{"polluted":1,"customerId":1},"constructor":{"prototype":{"polluted":1}}}',
      });
      expect([path, reply.status < 500]).toEqual([path, true]);
      await reply.arrayBuffer();
      expect(Reflect.get({}, 'polluted')).toBeUndefined();
    }
  });
});
