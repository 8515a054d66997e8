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
  /** Medians over the rounds. */
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

/**
 * Loads each in turn, round after round, so that what disturbs the machine disturbs all alike.
 *
 * @param contestants those of one name are one: its figures are over all their rounds
 * @returns the figures by the contestants' names
 */
export async function alternate(
  { bench, size }: Pick<Context, 'bench' | 'size'>,
  contestants: readonly Contestant[],
): Promise<(name: string) => Figures> {
  const seen = new Map(contestants.map((one) => [one.name, [] as Figures[]]));
  for (let round = -1; round < size.rounds; round += 1) {
    for (const { name, servers, load, run } of contestants) {
      const cpu = (): number => servers.reduce((sum, server) => sum + server.cpuMicros(), 0);
      const before = cpu();
      const redisBefore = bench.redis.cpuMicros();
      const seconds = round < 0 ? 1 : size.seconds;
      const ports = servers.map((server) => server.port);
      const result = load ? await bench.load({ ...load, ports, seconds }) : await run?.(seconds);
      if (!result) throw new Error(`${name} runs nothing`);
      if (round < 0) continue;
      if (result.requests === 0) throw new Error(`${name} had nothing left to ask`);
      seen.get(name)?.push({
        name,
        perSecond: result.requests / result.seconds,
        p50Ms: result.p50Ms,
        p99Ms: result.p99Ms,
        cpuMicros: (cpu() - before) / result.requests,
        redisMicros: (bench.redis.cpuMicros() - redisBefore) / result.requests,
        requests: result.requests,
        wrong: result.wrong,
        examples: result.examples,
      });
    }
  }
  const figures = new Map([...seen].map(([name, all]) => [name, summary(name, all)]));
  return (name) => {
    const found = figures.get(name);
    if (!found) throw new Error(`nobody measured ${name}`);
    return found;
  };
}

/** The same for servers that are compared with each other: each has a core to itself in its turn. */
export async function compareServers(
  { bench, report, size }: Context,
  contestants: readonly Contestant[],
): Promise<(name: string) => Figures> {
  const release = bench.apart(contestants.flatMap(({ servers }) => servers));
  if (!release)
    report.note('        no cores to bind: servers, load and Redis share all there are');
  try {
    return await alternate({ bench, size }, contestants);
  } finally {
    release?.();
  }
}

function summary(name: string, all: Figures[]): Figures {
  const of = (field: 'perSecond' | 'p50Ms' | 'p99Ms' | 'cpuMicros' | 'redisMicros'): number =>
    median(all.map((one) => one[field]));
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

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
