import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process that is measured. */
export interface Measured {
  port: number;
  pid: number;
  /** User and system time it has used so far, µs. */
  cpuMicros(): number;
  /** Resident memory, bytes. */
  memoryBytes(): number;
  stop(): Promise<void>;
}

interface Started extends Measured {
  /** Its next message. */
  heard(): Promise<unknown>;
}

const DIST = fileURLToPath(new URL('../..', import.meta.url));
/** Linux' USER_HZ is 100 on every architecture that Node runs on. */
const MICROS_PER_CLOCK_TICK = 10_000;
const PAGE_BYTES = 4_096;
const WITH_PARENT = ['--import', new URL('./with-parent.js', import.meta.url).href];

/**
 * Processes that end with this one, whichever way it ends.
 *
 * @param profileDir where each leaves a CPU profile, if anywhere
 */
export function createProcesses(env: Record<string, string>, profileDir: string | undefined) {
  const running = new Set<ChildProcess>();
  const askable = new Map<string, ChildProcess>();

  const profiling = profileDir ? ['--cpu-prof', `--cpu-prof-dir=${profileDir}`] : [];

  function spawn(script: string, args: readonly string[], more: Record<string, string>) {
    const child = fork(join(DIST, script), args, {
      env: { ...process.env, ...env, ...more },
      execArgv: [...WITH_PARENT, ...profiling],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    return child;
  }

  /** The one that answers messages, started with the first. */
  function answering(script: string): ChildProcess {
    const known = askable.get(script);
    const child = known?.connected ? known : spawn(script, [], {});
    askable.set(script, child);
    return child;
  }

  return {
    /** @param script a file under `dist` */
    start(
      script: string,
      options: { args?: readonly string[]; env?: Record<string, string> },
    ): Started {
      const child = spawn(script, options.args ?? [], options.env ?? {});
      const pid = pidOf(script, child);
      return {
        port: 0,
        pid,
        cpuMicros: () => cpuMicrosOf(pid),
        memoryBytes: () => (stat(pid)[21] ?? 0) * PAGE_BYTES,
        stop: () => stop(child),
        async heard() {
          const [message] = await once(child, 'message');
          return message;
        },
      };
    },
    /** Asks a process that answers one message with one other; it is started once. */
    async ask<Answer>(script: string, request: object): Promise<Answer> {
      const child = answering(script);
      child.send(request);
      const stop = new AbortController();
      const heard = once(child, 'message', { signal: stop.signal });
      const ended = once(child, 'exit', { signal: stop.signal }).then(() => {
        throw new Error(`${script} ended`);
      });
      const [answer] = await Promise.race([heard, ended]).finally(() => {
        stop.abort();
        return Promise.allSettled([heard, ended]);
      });
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    /** Of the one that `ask` asks. */
    pidOf: (script: string): number => pidOf(script, answering(script)),
    async stopAll(): Promise<void> {
      await Promise.all([...running].map(stop));
    },
  };
}

function pidOf(script: string, { pid }: ChildProcess): number {
  if (pid === undefined) throw new Error(`${script} did not start`);
  return pid;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** User and system time that a process has used so far, µs. */
export function cpuMicrosOf(pid: number): number {
  const [user = 0, system = 0] = stat(pid).slice(11, 13);
  return (user + system) * MICROS_PER_CLOCK_TICK;
}

/** The fields of /proc/PID/stat behind the command's name. */
function stat(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    return [];
  }
}
