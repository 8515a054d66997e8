import type { LoadRequest, LoadResult } from './load.ts';
import type { Measured } from './processes.ts';
import type { Report } from './report.ts';
import type { Bench } from './servers.ts';

/** One line, or several, of what Foyer promises about speed. */
export interface Benchmark {
  name: string;
  part: 'room' | 'money' | 'whole';
  what: string;
  run(context: Context): Promise<void>;
}

export interface Context {
  bench: Bench;
  report: Report;
  size: Size;
}

/** How much is measured. */
export interface Size {
  rounds: number;
  /** Of one contestant in one round. */
  seconds: number;
  /** People waiting: small, middle, large. */
  crowds: readonly [number, number, number];
  /** A share of all other counts. */
  share: number;
  soakMinutes: number;
}

export const FULL: Size = {
  rounds: 5,
  seconds: 2,
  crowds: [1_000, 100_000, 1_000_000],
  share: 1,
  soakMinutes: 0,
};
export const QUICK: Size = {
  rounds: 2,
  seconds: 1,
  crowds: [1_000, 10_000, 100_000],
  share: 0.1,
  soakMinutes: 0,
};

/** One of the things compared: servers and what they are asked. */
export interface Contestant {
  name: string;
  /** Whose CPU time is counted. */
  servers: readonly Measured[];
  /** What the servers are asked; or, instead, what is run. */
  load?: Omit<LoadRequest, 'ports' | 'seconds'>;
  run?: (seconds: number) => Promise<LoadResult>;
}

export interface Figures {
  name: string;
  /** Over the rounds, as `summary` says. */
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  cpuMicros: number;
  /** What Redis used, of all its clients. */
  redisMicros: number;
  requests: number;
  wrong: number;
  examples: string[];
}

/** What came out of the rounds, by the contestants' names. */
export interface Outcome {
  of(name: string): Figures;
  /**
   * One's figure by the other's: the median over the rounds, each by itself, for a machine is not equally fast in the
   * next; of several processes the mean over the pairs.
   */
  ratio(one: string, other: string, field?: 'perSecond' | 'cpuMicros'): number;
}

/**
 * Loads each in turn, round after round, so that what disturbs the machine disturbs all alike.
 *
 * @param contestants those of one name, other processes of the same kind, are told as one
 */
export async function alternate(
  { bench, size }: Pick<Context, 'bench' | 'size'>,
  contestants: readonly Contestant[],
): Promise<Outcome> {
  const turns = contestants.map((one) => ({ one, seen: [] as Figures[] }));
  for (let round = -1; round < size.rounds; round += 1) {
    for (const { one, seen } of turns) {
      const figures = await turn(bench, one, round < 0 ? 1 : size.seconds);
      // The first round is for warming up.
      if (round < 0) continue;
      if (figures.requests === 0) throw new Error(`${one.name} had nothing left to ask`);
      seen.push(figures);
    }
  }
  const named = (name: string): Figures[][] => {
    const alike = turns.filter(({ one }) => one.name === name).map(({ seen }) => seen);
    if (alike.length === 0) throw new Error(`nobody measured ${name}`);
    return alike;
  };
  return {
    of: (name) => summary(name, named(name)),
    ratio(one, other, field = 'perSecond') {
      const others = named(other);
      const ofPair = (rounds: Figures[], nth: number): number =>
        median(
          rounds.map((mine, round) => mine[field] / (others[nth]?.[round]?.[field] ?? Number.NaN)),
        );
      return mean(named(one).map(ofPair));
    },
  };
}

async function turn(
  bench: Bench,
  { name, servers, load, run }: Contestant,
  seconds: number,
): Promise<Figures> {
  const cpu = (): number => servers.reduce((sum, server) => sum + server.cpuMicros(), 0);
  const [before, redisBefore] = [cpu(), bench.redis.cpuMicros()];
  const ports = servers.map((server) => server.port);
  const result = load ? await bench.load({ ...load, ports, seconds }) : await run?.(seconds);
  if (!result) throw new Error(`${name} runs nothing`);
  const { requests, p50Ms, p99Ms, wrong, examples } = result;
  return {
    name,
    perSecond: requests / result.seconds,
    p50Ms,
    p99Ms,
    cpuMicros: (cpu() - before) / requests,
    redisMicros: (bench.redis.cpuMicros() - redisBefore) / requests,
    requests,
    wrong,
    examples,
  };
}

/** The same for servers that are compared with each other. */
export async function compareServers(
  context: Context,
  contestants: readonly Contestant[],
): Promise<Outcome> {
  const servers = contestants.flatMap((one) => one.servers);
  return apart(context, servers, () => alternate(context, contestants));
}

/** Runs it while the servers, idle but in their turns, have the first core, and what asks them the others: `bindApart`. */
export async function apart<Result>(
  { bench, report }: Pick<Context, 'bench' | 'report'>,
  servers: readonly Pick<Measured, 'pid'>[],
  run: () => Promise<Result>,
): Promise<Result> {
  const release = bench.apart(servers);
  report.note(
    release
      ? '        what is measured has a core to itself; load and the other servers share the others'
      : '        nothing can be bound here: all share the cores',
  );
  try {
    return await run();
  } finally {
    release?.();
  }
}

/** Of each process the median over its rounds; of several of one name the mean of these. */
function summary(name: string, alike: readonly Figures[][]): Figures {
  const of = (field: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMicros' | 'redisMicros'): number =>
    mean(alike.map((rounds) => median(rounds.map((one) => one[field]))));
  const all = alike.flat();
  return {
    name,
    perSecond: of('perSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuMicros: of('cpuMicros'),
    redisMicros: of('redisMicros'),
    requests: all.reduce((sum, one) => sum + one.requests, 0),
    wrong: all.reduce((sum, one) => sum + one.wrong, 0),
    examples: all.flatMap((one) => one.examples).slice(0, 3),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
