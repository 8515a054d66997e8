import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { ADMIN_KEY, QUEUE_SECRET, type Stack } from './stack.ts';

/** A real worker, a process of its own, as `npm run start:worker` runs it. */
export interface WorkerProcess {
  signal(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Ends it as an operator would, stopped or not. @returns its exit code, null when it was killed */
  end(): Promise<number | null>;
}

export async function startWorkerProcess(stack: Stack): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['dist/src/worker.js'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      DATABASE_URL: stack.databaseUrl,
      REDIS_URL: stack.redis.url,
      QUEUE_TOKEN_SECRETS: `test:${QUEUE_SECRET}`,
      ADMIN_API_KEY: ADMIN_KEY,
      CUSTOMER_AUTH: 'open',
      LOG_LEVEL: 'silent',
    },
  });
  await said(child, 'worker runs');
  const exited = once(child, 'exit');
  return {
    signal: (signal) => void child.kill(signal),
    async end() {
      child.kill('SIGCONT');
      child.kill('SIGTERM');
      await exited;
      return child.exitCode;
    },
  };
}

async function said(child: ChildProcess, words: string): Promise<void> {
  let text = '';
  // Left open: a process that cannot say why it stops ends badly.
  for await (const chunk of child.stderr?.iterator({ destroyOnReturn: false }) ?? []) {
    text += String(chunk);
    if (text.includes(words)) {
      // Nobody reads on, and the pipe must not fill.
      child.stderr?.resume();
      return;
    }
  }
  throw new Error(`the worker did not start: ${text}`);
}
