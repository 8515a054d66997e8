import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { errorCode } from './errors.ts';

/** A server of ours, which lives no longer than this process, however this process ends. */
export interface GuardedProcess {
  /** Of the guard; the server is its child. */
  pid: number;
  /** Resolves with a sentence when the server has ended, for whatever reason. */
  ended: Promise<string>;
  /** Asks the server to stop with its own signal, waits, and after `timeoutMs` insists. */
  stop(timeoutMs?: number): Promise<void>;
}

const STOP_TIMEOUT_MS = 10_000;

/**
 * The guard holds the reading end of a pipe that only this process can write to. When the pipe closes, be it
 * by stop() or because this process was killed, the guard stops the server: with its signal, and after ten
 * seconds by force. It runs in a session of its own, so that Ctrl-C in a terminal reaches this process alone.
 */
const GUARD = `
signal=$1; shift
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
( cat <&3 >/dev/null
  kill -s "$signal" $server 2>/dev/null
  tries=0
  while [ $tries -lt 100 ] && kill -0 $server 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL $server 2>/dev/null ) &
watch=$!
wait $server
code=$?
kill $watch 2>/dev/null
exit $code
`;

/**
 * @param stopSignal what makes the server stop cleanly and at once
 * @param logFile where its output goes, written anew
 * @param env its environment; this process' own when not given
 */
export function startGuarded(options: {
  command: string[];
  stopSignal: 'INT' | 'TERM';
  logFile: string;
  env?: NodeJS.ProcessEnv;
}): GuardedProcess {
  const log = openSync(options.logFile, 'w', 0o600);
  const guard = spawn('sh', ['-c', GUARD, 'guard', options.stopSignal, ...options.command], {
    detached: true,
    ...(options.env ? { env: options.env } : {}),
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    guard.once('error', (error) => resolve(error.message));
    guard.once('exit', (code, signal) =>
      resolve(`${options.command[0]} ended with ${signal ?? code}; its log is ${options.logFile}`),
    );
  });
  // The pipe breaks when the guard is gone; `ended` has said so.
  guard.stdin?.on('error', () => undefined);
  return {
    pid: guard.pid ?? 0,
    ended,
    stop: (timeoutMs = STOP_TIMEOUT_MS) => stopGuard(guard, ended, timeoutMs),
  };
}

async function stopGuard(
  guard: ChildProcess,
  ended: Promise<string>,
  timeoutMs: number,
): Promise<void> {
  guard.stdin?.end();
  const insist = setTimeout(() => {
    // The whole group: guard, watcher and server.
    if (guard.pid) killGroup(guard.pid);
  }, timeoutMs);
  await ended;
  clearTimeout(insist);
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}
