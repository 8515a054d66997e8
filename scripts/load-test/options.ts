import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ARRIVAL_CURVES } from './arrivals.ts';

/** One flag: its value's shape (text in, value out) and the line of `--help` about it. */
const number = (min: number, max: number, fallback: number) =>
  z.coerce.number(`a number from ${min} to ${max}`).min(min).max(max).default(fallback);
const whole = (min: number, max: number, fallback: number) =>
  z.coerce.number(`a whole number from ${min} to ${max}`).int().min(min).max(max).default(fallback);
const on = z.stringbool().default(false);

const SHAPE = z.object({
  buyers: whole(1, 100_000, 1_000).describe('simulated buyers'),
  seats: whole(1, 100_000, 100).describe('seats on sale, in one performance'),
  slots: whole(1, 100_000, 100).describe("the room's capacity: how many shop at a time"),
  arrivals: z.enum(ARRIVAL_CURVES).default('burst').describe('burst, steady, ramp or wave'),
  over: number(0, 7_200, 20).describe('seconds over which the buyers arrive'),
  think: number(0.01, 3_600, 8).describe('mean seconds a shopper takes to choose and pay'),
  leave: number(0, 1, 0.03).describe('share that leaves the line politely while waiting'),
  vanish: number(0, 1, 0.02).describe('share that closes the tab while waiting'),
  away: number(0, 1, 0.02).describe('share that goes away for a while and comes back'),
  abandon: number(0, 1, 0.05).describe('share that gives a hold back, or closes the tab on it'),
  poor: number(0, 1, 0.1).describe('share that has to top up before it can buy'),
  seed: whole(0, 2 ** 31, 1).describe('of all chance: the same seed, the same crowd'),
  connections: whole(1, 16_000, 1_000).describe('connections kept open, shared by all buyers'),
  timeout: number(1, 7_200, 600).describe('seconds after which the run ends, sold out or not'),
  grace: whole(4, 86_400, 60).describe("the room's grace, seconds"),
  'poll-budget': whole(1, 1_000_000, 1_500).describe("the room's polls per second"),
  hold: whole(1, 3_600, 30).describe('HOLD_SECONDS of the private Foyer'),
  'slot-time': whole(1, 86_400, 60).describe("the room's slot time, seconds"),
  api: whole(1, 16, 1).describe('API processes of the private Foyer'),
  url: z
    .string()
    .optional()
    .describe('Foyer to load, or several of one system, by comma; none: a private one'),
  'admin-key': z
    .string()
    .optional()
    .describe('for --url: makes the room, the concert and the customers'),
  customers: z
    .string()
    .regex(/^\d+-\d+$/, 'FIRST-LAST')
    .optional()
    .describe('for --url: FIRST-LAST of customer ids that exist, instead of new ones'),
  'customer-jwt-secret': z.string().optional().describe('for --url with CUSTOMER_AUTH=jwt (HS256)'),
  'database-url': z
    .string()
    .optional()
    .describe('for --url: read the record of the room (private: always)'),
  'redis-url': z.string().optional().describe('for --url: sample the line (private: always)'),
  json: z.string().optional().describe('file for the report as JSON'),
  html: z.string().optional().describe('file for the report as one page with charts'),
  assert: on.describe('exit with 1 when a guarantee or a limit is not kept'),
  'max-p99': number(0, 3_600_000, 0).describe(
    'with --assert: longest corrected p99 of a poll, ms; 0: any',
  ),
  'max-overrun': number(0, 1_000, 1.2).describe(
    'with --assert: sold out within this multiple; 0: any',
  ),
  quiet: on.describe('no live progress'),
  help: on.describe('this text'),
});

export type LoadOptions = z.infer<typeof SHAPE>;

const isFlag = (name: string): boolean => name === 'assert' || name === 'quiet' || name === 'help';

/** Reads the command line. @throws Error with one sentence that names the flag */
export function readOptions(argv: string[]): LoadOptions {
  const names = Object.keys(SHAPE.shape);
  const { values } = parseArgs({
    args: argv,
    strict: true,
    options: Object.fromEntries(
      names.map((name) => [name, { type: isFlag(name) ? 'boolean' : 'string' } as const]),
    ),
  });
  const given = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  );
  const parsed = SHAPE.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`--${String(issue?.path[0])}: ${issue?.message}`);
}

/** What `--help` prints. */
export function helpText(): string {
  const lines = Object.entries(SHAPE.shape).map(([name, shape]) => {
    const { data: fallback } = z.optional(shape).safeParse(undefined).success
      ? shape.safeParse(undefined)
      : { data: undefined };
    const suffix = fallback === undefined || isFlag(name) ? '' : ` (${fallback})`;
    return `  --${name.padEnd(20)} ${shape.description ?? ''}${suffix}`;
  });
  return [
    'npm run load-test -- [flags]: simulated buyers against a room, as browsers behave.',
    '',
    'Without --url it starts a private Foyer (API and worker as processes, Postgres, Redis) and removes it after.',
    '',
    ...lines,
    '',
    'Ctrl-C ends the run, reports what was seen until then, and stops what was started.',
    '',
  ].join('\n');
}
