import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/platform/free-port.ts';

/** Beside this file's source; the build holds what TypeScript wrote. */
const CLOCK = new URL('../../../test/faults/shifted-clock.mjs', import.meta.url);
/** A supervisor brings a dead process back after this. */
const RESTART_AFTER_MS = 200;

/** One of our processes under a supervisor that starts it again whenever it dies. */
export interface NodeProcess {
  name: string;
  url: string;
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** Moves its own clock by so many ms. */
  shiftClock(ms: number): void;
  /** How often it ended without having been killed by the harness: a crash of its own. */
  crashes(): number;
  stop(): Promise<void>;
}

/** @param script which of the built processes: `api` or `worker` */
export async function startNodeProcess(options: {
  name: string;
  script: 'api' | 'worker';
  env: Record<string, string>;
  logFile: string;
}): Promise<NodeProcess> {
  const { name, script, logFile } = options;
  const port = await freePort();
  const entry = fileURLToPath(new URL(`../../src/${script}.js`, import.meta.url));
  let child: ChildProcess;
  let stopped = false;
  let killed = false;
  let crashed = 0;
  let restart: NodeJS.Timeout | undefined;

  function start(): void {
    const log = openSync(logFile, 'a');
    child = spawn(process.execPath, ['--import', CLOCK.href, entry], {
      env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...options.env },
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    child.once('exit', () => {
      if (!killed && !stopped) crashed += 1;
      killed = false;
      if (!stopped) restart = setTimeout(start, RESTART_AFTER_MS);
    });
    // A message to a process that just died is lost, and so is its clock.
    child.on('error', () => undefined);
  }
  start();

  return {
    name,
    url: `http://127.0.0.1:${port}`,
    kill() {
      killed = true;
      child.kill('SIGKILL');
    },
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    shiftClock(shiftMs) {
      if (child.connected) child.send({ shiftMs }, () => undefined);
    },
    crashes: () => crashed,
    async stop() {
      stopped = true;
      clearTimeout(restart);
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), 20_000);
      await exited;
      clearTimeout(insist);
    },
  };
}
