import { readFileSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode } from './errors.ts';

const ENDED_TIMEOUT_MS = 30_000;
const ENDED_STEP_MS = 50;

/**
 * Tells one process from a later one with the same number: the number and, where the system says it, the moment
 * of its start. After a restart of a machine or a container the same numbers are given again at once.
 *
 * @returns undefined when there is no such process, or only the remains of one that nobody has waited for
 */
export function processIdentity(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0 || !answersSignals(pid)) return undefined;
  const stat = statOf(pid);
  if (!stat) return String(pid);
  return stat.gone ? undefined : `${pid} ${stat.startedAt}`;
}

/**
 * Waits until the server that wrote the pid file has ended: one that was asked to stop a moment ago still
 * writes to its data. A file that was left behind, whose number now is another program's, is removed.
 *
 * @param names how the server's program is called
 * @throws Error when it goes on running
 */
export async function untilEnded(pidFile: string, names: readonly string[]): Promise<void> {
  const until = performance.now() + ENDED_TIMEOUT_MS;
  for (;;) {
    const pid = pidIn(pidFile);
    if (pid === undefined) return;
    const stat = answersSignals(pid) ? statOf(pid) : undefined;
    const ended = !answersSignals(pid) || (stat && (stat.gone || !names.includes(stat.name)));
    if (ended) {
      rmSync(pidFile, { force: true });
      return;
    }
    if (performance.now() > until) {
      throw new Error(`${names[0]} still runs on this data as process ${pid}: stop it first.`);
    }
    await delay(ENDED_STEP_MS);
  }
}

function pidIn(file: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8'), 10);
    return pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

/** Linux says more about a process than whether it is there. */
function statOf(pid: number): { name: string; gone: boolean; startedAt: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // `pid (name) state …`: the name may contain anything; the start, in ticks, is the 20th after it.
    const end = text.lastIndexOf(')');
    const [state = '', ...rest] = text.slice(end + 2).split(' ');
    return {
      name: text.slice(text.indexOf('(') + 1, end),
      gone: state === 'Z' || state === 'X',
      startedAt: rest[18] ?? '',
    };
  } catch {
    return undefined;
  }
}
