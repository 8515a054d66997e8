import { readdirSync, readFileSync } from 'node:fs';
import type { Watched } from './private-foyer.ts';

/** One process of the system, over the run. */
export interface ProcessReport {
  name: string;
  cpuSeconds: number;
  /** Share of one core, over the run. */
  cpuShare: number;
  rssMaxBytes: number;
  /** p99 of the event loop's lag in ms, where the process tells. */
  loopLagMs: number | undefined;
}

/** Reads CPU and memory each second, from /proc for own processes, from /metrics for others. */
export interface ProcessWatch {
  sample(): Promise<void>;
  reports(): ProcessReport[];
}

interface Figures {
  cpuSeconds: number;
  rssBytes: number;
  loopLagMs: number | undefined;
}

const TICKS_PER_SECOND = 100;

export function watchProcesses(sources: {
  /** Our own, whose figures the system knows; of others, /metrics tells. */
  processes: readonly Watched[];
  api: readonly { name: string; url: string }[];
}): ProcessWatch {
  const began = performance.now();
  const kept = new Map<string, { first: number; last: number; rssMax: number; lag?: number }>();

  function keep(name: string, figures: Figures | undefined): void {
    if (!figures) return;
    const { cpuSeconds, rssBytes } = figures;
    const one = kept.get(name) ?? { first: cpuSeconds, last: cpuSeconds, rssMax: 0 };
    one.last = Math.max(one.last, cpuSeconds);
    one.rssMax = Math.max(one.rssMax, rssBytes);
    kept.set(name, one);
    lag(name, figures.loopLagMs);
  }

  function lag(name: string, loopLagMs: number | undefined): void {
    const one = kept.get(name);
    if (one && loopLagMs !== undefined) one.lag = Math.max(one.lag ?? 0, loopLagMs);
  }

  return {
    async sample() {
      for (const { name, pid } of sources.processes) keep(name, ofTree(pid));
      await Promise.all(
        sources.api.map(async ({ name, url }) => {
          const figures = await ofMetrics(url);
          const own = sources.processes.some((process) => process.name === name);
          if (own) lag(name, figures?.loopLagMs);
          else keep(name, figures);
        }),
      );
      const { user, system } = process.cpuUsage();
      keep('load test', {
        cpuSeconds: (user + system) / 1e6,
        rssBytes: process.memoryUsage.rss(),
        loopLagMs: undefined,
      });
    },
    reports() {
      const seconds = (performance.now() - began) / 1_000;
      return [...kept].map(([name, one]) => ({
        name,
        cpuSeconds: one.last - one.first,
        cpuShare: (one.last - one.first) / seconds,
        rssMaxBytes: one.rssMax,
        loopLagMs: one.lag,
      }));
    },
  };
}

/** A process with all that it started; memory that they share counts once. */
function ofTree(pid: number): Figures | undefined {
  let cpuTicks = 0;
  let ownBytes = 0;
  let sharedBytes = 0;
  try {
    for (const one of treeOf(pid)) {
      const stat = readFileSync(`/proc/${one}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      // utime, stime, cutime, cstime: fields 14 to 17 of proc(5), two of which stand before the bracket.
      cpuTicks += fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
      const status = readFileSync(`/proc/${one}/status`, 'utf8');
      const kilobytes = (name: string): number =>
        Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
      ownBytes += kilobytes('RssAnon') * 1_024;
      sharedBytes = Math.max(sharedBytes, (kilobytes('RssFile') + kilobytes('RssShmem')) * 1_024);
    }
  } catch {
    // It ended while it was read, or this is no Linux.
    return undefined;
  }
  return {
    cpuSeconds: cpuTicks / TICKS_PER_SECOND,
    rssBytes: ownBytes + sharedBytes,
    loopLagMs: undefined,
  };
}

function treeOf(pid: number): number[] {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
  );
  return [pid, ...children.flatMap((child) => treeOf(Number(child)))];
}

async function ofMetrics(url: string): Promise<Figures | undefined> {
  try {
    const reply = await fetch(`${url}/metrics`);
    if (!reply.ok) return undefined;
    const text = await reply.text();
    const read = (name: string): number =>
      Number(new RegExp(`^${name} (\\S+)`, 'm').exec(text)?.[1] ?? 0);
    return {
      cpuSeconds: read('process_cpu_seconds_total'),
      rssBytes: read('process_resident_memory_bytes'),
      loopLagMs: read('nodejs_eventloop_lag_p99_seconds') * 1_000,
    };
  } catch {
    // A front that hides /metrics, as it should: there are no figures then.
    return undefined;
  }
}
