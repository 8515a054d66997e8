import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startGuarded } from '../../src/platform/guarded-process.ts';
import { eventually } from './eventually.ts';
import { freePorts, serversDir } from './redis-node.ts';

/** The real nginx in front of API processes on these ports. */
export async function startNginx(
  apiPorts: number[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const dir = serversDir('nginx');
  mkdirSync(join(dir, 'temp'));
  const [port = 0] = await freePorts(1);
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, configuration({ dir, port, apiPorts }));
  const { stdout } = spawnSync('sh', ['-c', 'command -v nginx || command -v /usr/sbin/nginx'], {
    encoding: 'utf8',
  });
  const server = startGuarded({
    command: [stdout.trim() || 'nginx', '-p', dir, '-c', file, '-e', join(dir, 'error.log')],
    stopSignal: 'TERM',
    logFile: join(dir, 'nginx.log'),
  });
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    expect((await fetch(`${url}/health/live`)).status).toBe(200);
  });
  return { url, stop: () => server.stop() };
}

/**
 * Idle connections end before an API that drains for two seconds closes them; a process that refuses is passed
 * over at once, and tried again after less time than the drain of the next one takes.
 */
function configuration(options: { dir: string; port: number; apiPorts: number[] }): string {
  const { dir, port, apiPorts } = options;
  const temp = (name: string) => `${name}_temp_path ${dir}/temp/${name};`;
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${dir}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(temp).join('\n  ')}
  upstream api {
    ${apiPorts.map((one) => `server 127.0.0.1:${one} max_fails=3 fail_timeout=1s;`).join('\n    ')}
    keepalive 256;
    keepalive_timeout 1s;
  }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://api;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_connect_timeout 2s;
      proxy_next_upstream error timeout;
    }
  }
}
`;
}
