import { z } from 'zod';
import type { RedisClient } from '../platform/redis.ts';
import { bindScript, defineScript, type RunScript } from '../platform/redis-script.ts';
import { readSamples } from './samples.ts';

const unloaded = z.tuple([z.literal('unloaded')]);
const count = z.number().int();
/** One text for many, such as four for each of 64 places; a schema for each costs as much as the rest of a poll. */
const counts = z
  .string()
  .transform((text): unknown => JSON.parse(`[${text}]`))
  .pipe(
    z.custom<number[]>(
      (value) => Array.isArray(value) && value.every((item) => Number.isInteger(item)),
    ),
  );
/** A measured figure, or '' while there is none. */
const fraction = z.string().transform((text) => (text === '' ? undefined : Number(text)));
const digits = z.string().regex(/^\d+$/).transform(Number);

const lineKeys = [
  'settings',
  'rate',
  'seq',
  'waiting',
  'returning',
  'ended',
  'active',
  'places',
] as const;

const enter = defineScript({
  file: new URL('./enter.lua', import.meta.url),
  keys: [...lineKeys, 'flow'],
  args: ['goneMs', 'customers...'],
  reply: z.union([unloaded, z.tuple([z.literal('ok'), z.array(count), counts])]),
});

const look = defineScript({
  file: new URL('./look.lua', import.meta.url),
  keys: [...lineKeys, 'flow'],
  args: ['goneMs', 'pairs'],
  reply: z.union([
    z.tuple([z.literal('unloaded'), count]),
    z
      .tuple([
        z.literal('ok'),
        count,
        z.enum(['OPEN', 'PAUSED', 'CLOSED']),
        count,
        count,
        count,
        count,
        count,
        count,
        count,
        count,
        count,
        count,
        count,
        fraction,
        fraction,
        fraction,
        fraction,
        counts,
      ])
      .transform(
        ([word, nowMs, state, graceMs, slotMs, capacity, pollBudget, opensAtMs, ...rest]) => {
          const [perMinute, recovering, waiting, returning, active, admitted, ...flow] = rest;
          const [finishPerSlotSecond, leavePerSecond, finished, finishedInAll, places] = flow;
          return {
            word,
            room: {
              nowMs,
              state,
              graceMs,
              slotMs,
              capacity,
              pollBudget,
              opensAtMs,
              admitPerMinute: perMinute < 0 ? null : perMinute,
              recovering: recovering === 1,
              waiting,
              returning,
              active,
              admittedLastMinute: admitted,
              flow:
                finishPerSlotSecond === undefined ||
                leavePerSecond === undefined ||
                finished === undefined ||
                finishedInAll === undefined
                  ? undefined
                  : { finishPerSlotSecond, leavePerSecond, finished, finishedInAll },
            },
            places,
          };
        },
      ),
  ]),
});

const leave = defineScript({
  file: new URL('./leave.lua', import.meta.url),
  keys: ['waiting', 'returning', 'ended', 'active', 'places'],
  args: ['customer', 'seq', 'reason', 'goneMs'],
  reply: z.union([
    z.tuple([z.literal('absent')]),
    z.tuple([z.literal('left'), digits, count, count]),
  ]),
});

const extend = defineScript({
  file: new URL('./extend.lua', import.meta.url),
  keys: ['settings', 'waiting', 'active', 'places'],
  args: ['customer', 'seq', 'holdMs'],
  reply: z.union([
    z.tuple([z.literal('ended')]),
    z.tuple([z.literal('waiting'), count]),
    z.tuple([z.literal('extended'), count, count]),
  ]),
});

const retract = defineScript({
  file: new URL('./retract.lua', import.meta.url),
  keys: ['active', 'places'],
  args: ['customer', 'seq', 'fromMs', 'toMs'],
  reply: z.tuple([z.enum(['retracted', 'changed'])]),
});

const admit = defineScript({
  file: new URL('./admit.lua', import.meta.url),
  keys: ['settings', 'rate', 'waiting', 'returning', 'ended', 'active', 'places', 'flow'],
  args: ['goneMs', 'max', 'byHand'],
  reply: z.union([
    unloaded,
    z.tuple([z.literal('restarted')]),
    z.tuple([
      z.literal('ok'),
      count,
      count,
      count,
      count,
      count,
      count,
      count,
      counts,
      z.array(count),
      z.array(digits),
      z.array(digits),
    ]),
  ]),
});

const sweep = defineScript({
  file: new URL('./sweep.lua', import.meta.url),
  keys: ['settings', 'waiting', 'returning', 'ended', 'places'],
  args: ['goneMs', 'cursor', 'count'],
  reply: z.union([unloaded, z.tuple([z.literal('ok'), z.string(), count, count, z.array(digits)])]),
});

const apply = defineScript({
  file: new URL('./apply.lua', import.meta.url),
  keys: ['settings'],
  args: ['version', 'recoverMs', 'fields...'],
  reply: z.tuple([z.enum(['applied', 'current'])]),
});

const bury = defineScript({
  file: new URL('./bury.lua', import.meta.url),
  keys: ['rate', 'seq', 'waiting', 'returning', 'ended', 'active', 'places'],
  args: ['goneMs', 'lastSeq', 'admissions', 'ends...'],
  reply: z.tuple([z.literal('buried'), count]),
});

const inspect = defineScript({
  file: new URL('./inspect.lua', import.meta.url),
  keys: ['waiting', 'active', 'places'],
  args: ['customer'],
  reply: z.union([
    z.tuple([z.literal('absent')]),
    z.tuple([z.literal('here'), digits, count, z.enum(['w', 'a', 'r', 'c', 's']), count, count]),
  ]),
});

const measure = defineScript({
  file: new URL('./measure.lua', import.meta.url),
  keys: ['waiting', 'returning', 'active', 'flow', 'samples', 'settings'],
  args: ['everyMs', 'samplesMax', 'gapMs'],
  reply: z.array(z.string()).transform(readSamples),
});

const verify = defineScript({
  file: new URL('./verify.lua', import.meta.url),
  keys: ['seq', 'waiting', 'returning', 'ended', 'active', 'places'],
  args: ['part', 'cursor', 'count'],
  reply: z.tuple([z.string(), count, count]),
});

const SCRIPTS = {
  enter,
  look,
  leave,
  extend,
  retract,
  admit,
  sweep,
  apply,
  bury,
  inspect,
  measure,
  verify,
};

type Bound<S> = S extends {
  keys: readonly (infer K extends string)[];
  args: readonly (infer A extends string)[];
  reply: z.ZodType<infer R>;
}
  ? RunScript<K, A, R>
  : never;

/** Every script of the waiting room, bound to one client. */
export type LineScripts = { [Name in keyof typeof SCRIPTS]: Bound<(typeof SCRIPTS)[Name]> };

/** @param clock Lua that defines `now_us()`; Redis' own time unless a test moves it. */
export function bindLineScripts(redis: RedisClient, clock?: string): LineScripts {
  return {
    enter: bindScript(redis, enter, clock),
    look: bindScript(redis, look, clock),
    leave: bindScript(redis, leave, clock),
    extend: bindScript(redis, extend, clock),
    retract: bindScript(redis, retract, clock),
    admit: bindScript(redis, admit, clock),
    sweep: bindScript(redis, sweep, clock),
    apply: bindScript(redis, apply, clock),
    bury: bindScript(redis, bury, clock),
    inspect: bindScript(redis, inspect, clock),
    measure: bindScript(redis, measure, clock),
    verify: bindScript(redis, verify, clock),
  };
}
