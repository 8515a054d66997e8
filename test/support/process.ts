import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/platform/free-port.ts';
import { processIdentity } from '../../src/platform/live-process.ts';
import { eventually } from './eventually.ts';

/** The built server as a process of its own, as `npm start` and its siblings run it. */
export interface Started {
  child: ChildProcess;
  /** All that it has printed. */
  output: () => string;
  url: string;
  port: number;
}

export interface Descendant {
  pid: number;
  name: string;
  identity: string | undefined;
}

/** Those of them that still run. */
export function stillAlive(processes: readonly Descendant[]): Descendant[] {
  return processes.filter(
    ({ pid, identity }) => identity !== undefined && processIdentity(pid) === identity,
  );
}

export interface Processes {
  /** For data folders and logs; removed at the end. */
  folder: string;
  /** Of processes that are not told another. */
  dataDir: string;
  run(script: 'main' | 'api' | 'worker', env?: Record<string, string>): Promise<Started>;
  /** Until it says that it is ready. */
  ready(started: Started): Promise<void>;
  /** Its exit code. */
  stop(started: Started, signal: NodeJS.Signals): Promise<number | null>;
  /** Waits until it ends by itself. */
  ended(started: Started): Promise<number | null>;
  /** Everything that the process has started, directly or not, by identity. */
  descendants(started: Started): Descendant[];
  close(): void;
}

const READY_TIMEOUT_MS = 60_000;

export function createProcesses(): Processes {
  const folder = mkdtempSync(join(process.env['TEST_DIR'] ?? tmpdir(), 'process-'));
  const dataDir = join(folder, 'data');
  const running = new Set<ChildProcess>();

  async function ended(started: Started): Promise<number | null> {
    const { child } = started;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    running.delete(child);
    return child.exitCode;
  }

  return {
    folder,
    dataDir,
    async run(script, env = {}) {
      const port = Number(env['PORT'] ?? (await freePort()));
      const child = spawn(process.execPath, [`dist/src/${script}.js`], {
        env: {
          PATH: process.env['PATH'] ?? '',
          PORT: String(port),
          DATA_DIR: dataDir,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream?.on('data', (text) => {
          output += text;
        });
      }
      return { child, output: () => output, url: `http://127.0.0.1:${port}`, port };
    },
    async ready(started) {
      const look = async () => {
        expect(started.child.exitCode).toBeNull();
        const reply = await fetch(`${started.url}/health/ready`);
        expect(reply.status).toBe(200);
      };
      await eventually(look, { timeoutMs: READY_TIMEOUT_MS }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${started.output()}`);
      });
    },
    stop(started, signal) {
      started.child.kill(signal);
      return ended(started);
    },
    ended,
    descendants({ child }) {
      const all = execFileSync('ps', ['-eo', 'pid=,ppid=,comm='], { encoding: 'utf8' })
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .map(([pid, parent, name = '']) => ({ pid: Number(pid), parent: Number(parent), name }));
      const under = (pid: number): Descendant[] =>
        all
          .filter((one) => one.parent === pid && one.name !== 'ps')
          .flatMap((one) => [
            { pid: one.pid, name: one.name, identity: processIdentity(one.pid) },
            ...under(one.pid),
          ]);
      return under(child.pid ?? -1);
    },
    close() {
      for (const child of running) child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
