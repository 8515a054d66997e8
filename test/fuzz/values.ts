import type { Random } from '../faults/random.ts';
import type { Schema } from './document.ts';

/** Texts that mean something to SQL, Lua, Redis, HTML, JavaScript, shells, logs or paths. */
export const TEXTS = [
  '',
  ' ',
  "'",
  "1' OR '1'='1",
  "'; DROP TABLE customers; --",
  '1; SELECT pg_sleep(10)',
  '$$; DELETE FROM tickets; $$',
  "']] redis.call('FLUSHALL') --[[",
  '"); redis.call("FLUSHALL") --',
  '\r\nFLUSHALL\r\n',
  '*1\r\n$8\r\nFLUSHALL\r\n',
  '{room}:*',
  '../../../../etc/passwd',
  '%2e%2e%2fetc%2fpasswd',
  '%00',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\u2028{"level":60}\n',
  '\u001b[31mred\u001b[0m',
  '<script>alert(1)</script>',
  '{{7*7}}#{7*7}',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'NaN',
  '-0',
  '1e999',
  '0x10',
  '１２３',
  'İıſK',
  '👩‍👩‍👧‍👦',
  'مرحبا',
  '김철수',
  'a'.repeat(300),
  '9'.repeat(40),
];

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 31,
  2 ** 31 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  2 ** 63,
  1e300,
  -1e300,
  1e-300,
  999_999_999_999,
];

/** Anything that JSON can say. */
export function anything(random: Random, depth = 0): unknown {
  const kind = random.between(0, depth > 3 ? 4 : 7);
  if (kind === 0) return null;
  if (kind === 1) return random.between(0, 1) === 1;
  if (kind === 2) return random.pick(NUMBERS);
  if (kind <= 4) return random.pick(TEXTS);
  if (kind === 5) {
    return Array.from({ length: random.between(0, 3) }, () => anything(random, depth + 1));
  }
  const names = ['a', '$gt', 'toJSON', 'length', 'customerId', 'then'];
  return Object.fromEntries(
    Array.from({ length: random.between(0, 3) }, () => [
      random.pick(names),
      anything(random, depth + 1),
    ]),
  );
}

/**
 * A value that the schema may well allow.
 *
 * @param known what exists, by the field's name
 */
export function plausible(
  random: Random,
  schema: Schema,
  name: string,
  known: Record<string, unknown[]>,
): unknown {
  const exists = known[name];
  if (exists && random.between(0, 9) > 0) return random.pick(exists);
  if (schema.enum) return random.pick(schema.enum);
  if (schema.anyOf) return plausible(random, random.pick(schema.anyOf), name, known);
  const type = Array.isArray(schema.type) ? random.pick(schema.type) : schema.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(schema.properties ?? {})
          .filter(() => random.between(0, 9) > 0)
          .map(([field, inner]) => [field, plausible(random, inner, field, known)]),
      );
    case 'array':
      return Array.from({ length: random.between(0, 5) }, () =>
        plausible(random, schema.items ?? {}, name, known),
      );
    case 'integer':
    case 'number':
      return random.pick([1, 2, 3, 10, 100, 1_000, random.between(-5, 5)]);
    case 'boolean':
      return random.between(0, 1) === 1;
    case 'null':
      return null;
    default:
      return schema['format'] === 'date-time'
        ? random.pick(['2026-01-01T00:00:00Z', '2099-12-31T23:59:59.999+09:00', 'yesterday'])
        : random.pick(['x', 'A name', ...TEXTS]);
  }
}

/** The value with one part of it, at any depth, replaced, dropped or joined by something odd. */
export function spoiled(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random.between(0, 5) === 0) {
    return anything(random);
  }
  if (Array.isArray(value)) {
    if (value.length === 0 || random.between(0, 4) === 0) return [...value, anything(random)];
    const at = random.between(0, value.length - 1);
    return value.map((one, index) => (index === at ? spoiled(random, one) : one));
  }
  const entries = Object.entries(value);
  const at = random.between(0, entries.length);
  if (at === entries.length) return { ...value, [random.pick(TEXTS)]: anything(random) };
  if (random.between(0, 3) === 0)
    return Object.fromEntries(entries.filter((_, index) => index !== at));
  return Object.fromEntries(
    entries.map(([name, one], index) => [name, index === at ? spoiled(random, one) : one]),
  );
}
