import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../src/platform/free-port.ts';
import type { Benchmark } from './rounds.ts';

const START = fileURLToPath(new URL('../../../scripts/start.mjs', import.meta.url));

/** `npm start` itself, with everything installed: on an empty data folder, then on its own data. */
export const starting: Benchmark = {
  name: 'start',
  part: 'whole',
  what: 'npm start until it is ready',
  async run({ bench, report }) {
    const dir = join(bench.dir, 'started');
    const what = 'npm start, everything installed';
    report.line({ what, value: await startOnce(dir), unit: 's', bound: { atMost: 6 } });
    const again = 'npm start on existing data';
    report.line({ what: again, value: await startOnce(dir), unit: 's', bound: { atMost: 4 } });
  },
};

/** @returns seconds until it said that it is ready */
async function startOnce(dataDir: string): Promise<number> {
  const startedAt = performance.now();
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, PORT: String(await freePort()) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  let text = '';
  const ready = new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      text += String(chunk);
      if (text.includes('Foyer is ready')) resolve();
    });
    child.once('exit', () => reject(new Error('npm start ended before it was ready')));
  });
  try {
    await ready;
    return (performance.now() - startedAt) / 1_000;
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}
