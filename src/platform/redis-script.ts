import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import { asRedisError, type RedisClient } from './redis.ts';

/**
 * A Lua script: one atomic state change. The file's header says what it guarantees and names its slots:
 *
 *     -- KEYS settings active places
 *     -- ARGV customer seq holdMs
 *
 * A last name that ends in `...` stands for any number of further keys or arguments. The script may call
 * `now_us()`, Redis' own clock in microseconds.
 */
export interface Script<K extends string, A extends string, R> {
  name: string;
  lua: string;
  keys: readonly K[];
  args: readonly A[];
  reply: z.ZodType<R>;
}

/** A slot that stands for one value, not for the rest. */
type Named<Slot extends string> = Exclude<Slot, `${string}...`>;

export interface ScriptInput<K extends string, A extends string> {
  keys: Record<Named<K>, string>;
  /** Keys behind the named ones, when the header's KEYS end in `...`. */
  restKeys?: readonly string[];
  args: Record<Named<A>, string | number>;
  /** Arguments behind the named ones, when the header's ARGV end in `...`. */
  restArgs?: readonly (string | number)[];
}

export type RunScript<K extends string, A extends string, R> = (
  input: ScriptInput<K, A>,
) => Promise<R>;

/** Lua that defines `now_us()`. Tests pass a clock that they can move. */
const REDIS_CLOCK = `local function now_us()
  local t = redis.call('TIME')
  return t[1] * 1000000 + t[2]
end
`;

/**
 * Loads a script and holds its header against the declaration.
 *
 * @throws Error when file and declaration name other keys or arguments.
 */
export function defineScript<const K extends string, const A extends string, R>(options: {
  file: URL;
  keys: readonly K[];
  args: readonly A[];
  reply: z.ZodType<R>;
}): Script<K, A, R> {
  const path = fileURLToPath(options.file);
  const lua = readFileSync(path, 'utf8');
  const name = basename(path, '.lua');
  expectHeader(name, lua, 'KEYS', options.keys);
  expectHeader(name, lua, 'ARGV', options.args);
  return { name, lua, keys: options.keys, args: options.args, reply: options.reply };
}

/**
 * Makes a script callable on a client: EVALSHA, and EVAL when Redis does not know it (ioredis does both).
 *
 * @param clock Lua that defines `now_us()`; Redis' own time unless a test moves it.
 * @returns a function that answers the parsed reply, and throws UNAVAILABLE when Redis is away.
 */
export function bindScript<K extends string, A extends string, R>(
  redis: RedisClient,
  script: Script<K, A, R>,
  clock: string = REDIS_CLOCK,
): RunScript<K, A, R> {
  const command = `foyer:${script.name}`;
  redis.defineCommand(command, { lua: `${clock}${script.lua}` });
  // ioredis adds the command to the client at run time, out of the type system's sight.
  const call = (redis as unknown as Record<string, (...values: unknown[]) => Promise<unknown>>)[
    command
  ];
  if (!call) throw new Error(`ioredis did not define ${command}`);

  const namedKeys = script.keys.filter(isNamed);
  const namedArgs = script.args.filter(isNamed);
  return async (input) => {
    const keys = [...namedKeys.map((key) => input.keys[key]), ...(input.restKeys ?? [])];
    const args = [...namedArgs.map((arg) => input.args[arg]), ...(input.restArgs ?? [])];
    let reply: unknown;
    try {
      reply = await call.call(redis, keys.length, ...keys, ...args);
    } catch (error) {
      throw asRedisError(error);
    }
    return script.reply.parse(reply);
  };
}

function isNamed<Slot extends string>(slot: Slot): slot is Named<Slot> {
  return !slot.endsWith('...');
}

function expectHeader(name: string, lua: string, kind: string, declared: readonly string[]): void {
  const line = lua.split('\n').find((text) => text.startsWith(`-- ${kind}`));
  const slots = line?.split(/\s+/).slice(2) ?? [];
  if (slots.join(' ') !== declared.join(' ')) {
    throw new Error(
      `${name}.lua names ${kind} "${slots.join(' ')}", its declaration "${declared.join(' ')}"`,
    );
  }
}
