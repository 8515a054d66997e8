import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/platform/free-port.ts';

/** `npm start` with a data folder of its own: the demo on-sale on private servers. */
export interface DemoFoyer {
  url: string;
  adminKey: string;
  /** A call with the admin key; throws unless it succeeds. */
  send(method: string, path: string, body: object): Promise<void>;
  /** A call as a customer with a token; the JSON answer. */
  post<T>(path: string, body: object, token?: string): Promise<T>;
  stop(): Promise<void>;
}

const MAIN = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'src', 'main.js');
const READY_TIMEOUT_MS = 60_000;

export async function startDemoFoyer(): Promise<DemoFoyer> {
  const dir = mkdtempSync(join(tmpdir(), 'foyer-screenshots-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const adminKey = randomBytes(24).toString('hex');
  const child = spawn(process.execPath, [MAIN], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: dir,
      HOST: '127.0.0.1',
      PORT: String(port),
      ADMIN_API_KEY: adminKey,
    },
  });
  const ended = once(child, 'exit');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const ask = async <T>(method: string, path: string, body: object, token = ''): Promise<T> => {
    const reply = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return JSON.parse(text);
  };
  try {
    await untilReady(url);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url,
    adminKey,
    send: (method, path, body) => ask(method, path, body, adminKey),
    post: (path, body, token) => ask('POST', path, body, token),
    stop,
  };
}

async function untilReady(url: string): Promise<void> {
  const until = Date.now() + READY_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(`${url}/health/ready`).then(
      (reply) => reply.ok,
      () => false,
    );
    if (ready) return;
    if (Date.now() > until) throw new Error(`${url} is not ready after a minute.`);
    await delay(100);
  }
}
