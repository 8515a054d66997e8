import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../src/platform/free-port.ts';
import { startGuarded } from '../../src/platform/guarded-process.ts';
import { eventually } from './eventually.ts';

/** The real nginx with the configuration of production, in front of processes of the test's. */
export interface FrontProxy {
  url: string;
  /** Where nginx finds its configuration. */
  configFile: string;
  /** What a command line needs besides: nginx' own files in a folder of the test. */
  flags: string[];
  close(): Promise<void>;
}

/** Debian keeps it where only root looks. */
export const NGINX = '/usr/sbin/nginx';

/** @param apiPorts on 127.0.0.1 */
export async function startProxy(apiPorts: readonly number[]): Promise<FrontProxy> {
  // Under the system's own folder: nginx' workers are another user, who must be able to get there.
  const dir = mkdtempSync(join(tmpdir(), 'foyer-nginx-'));
  chmodSync(dir, 0o755);
  const port = await freePort();
  const configFile = join(dir, 'nginx.conf');
  const production = readFileSync('deploy/nginx/nginx.conf', 'utf8');
  // Only where it listens and keeps its files is the test's; all else is what production runs.
  const text = production
    .replace('listen 80 default_server;', `listen 127.0.0.1:${port} default_server;`)
    .replaceAll('/tmp/nginx-', `${dir}/`);
  writeFileSync(configFile, text);
  writeFileSync(join(dir, 'upstream.conf'), upstreamOf(apiPorts));
  const flags = ['-e', 'stderr', '-c', configFile, '-g', `pid ${dir}/nginx.pid;`];
  const server = startGuarded({
    command: [NGINX, ...flags.slice(0, -1), `pid ${dir}/nginx.pid; daemon off;`],
    stopSignal: 'TERM',
    logFile: join(dir, 'log'),
  });
  const url = `http://127.0.0.1:${port}`;
  const close = async (): Promise<void> => {
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await eventually(async () => expect((await fetch(`${url}/health/live`)).status).toBe(200));
  } catch (error) {
    await close();
    throw error;
  }
  return { url, configFile, flags, close };
}

/** Production's upstream, with fixed addresses in place of Docker's DNS, which needs a newer nginx than Debian's. */
function upstreamOf(apiPorts: readonly number[]): string {
  const production = readFileSync('deploy/nginx/upstream.conf', 'utf8');
  const server = /^ *server api:3000 resolve (.*;)$/m;
  const [, settings] = server.exec(production) ?? [];
  if (!settings) throw new Error('upstream.conf should name api:3000');
  return production
    .replace(/^resolver .*$/m, '')
    .replace(server, apiPorts.map((port) => `server 127.0.0.1:${port} ${settings}`).join('\n'));
}
