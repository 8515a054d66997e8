import { loadDemoData } from './catalog/demo.ts';
import { type Config, readConfig } from './platform/config.ts';
import { lockDataDir, privateSecrets } from './platform/data-dir.ts';
import { createDatabase } from './platform/database.ts';
import { startServers } from './platform/embedded.ts';
import type { Logger } from './platform/logger.ts';
import { applyMigrations } from './platform/migrations.ts';
import { probePostgres } from './platform/postgres-probe.ts';
import { PRISMA_DIR, runProcess, say, startParts } from './run.ts';
import { untilReady } from './until-ready.ts';

/** API, worker and pages in one process, on private servers where none are given: `npm start`. */
await runProcess(
  () => readConfig(process.env, privateSecrets),
  async (config, logger, signal) => {
    const unlock = config.embedded ? lockDataDir(config.dataDir) : () => undefined;
    try {
      return await start({ config, unlock, logger, signal });
    } catch (error) {
      unlock();
      throw error;
    }
  },
);

async function start(options: {
  config: Config;
  unlock: () => void;
  logger: Logger;
  signal: AbortSignal;
}) {
  const { config, unlock, logger, signal } = options;
  const servers = await startServers(config, say);
  try {
    const { databaseUrl, redis: redisTarget } = servers;
    await untilReady({ check: async () => [await probePostgres(databaseUrl)], say, signal });
    const applied = await applyMigrations({ databaseUrl, prismaDir: PRISMA_DIR });
    if (applied.length > 0) say(`applied migrations: ${applied.join(', ')}`);
    if (config.demoData) await loadDemo(databaseUrl, logger);
    const running = await startParts({
      config,
      databaseUrl,
      redisTarget,
      logger,
      parts: { api: true, worker: true },
      say,
      signal,
    });
    announce(config, running.http?.server.address());
    return {
      failed: servers.failed,
      force: () => void servers.stop(),
      phases: [
        ...running.phases,
        { name: 'private servers', timeoutMs: 15_000, stop: () => servers.stop() },
        { name: 'data folder', timeoutMs: 1_000, stop: unlock },
      ],
    };
  } catch (error) {
    await servers.stop();
    throw error;
  }
}

async function loadDemo(databaseUrl: string, logger: Logger): Promise<void> {
  const db = createDatabase({ url: databaseUrl, logger });
  try {
    if (await loadDemoData(db)) say('loaded the demo on-sale: concert 1, customers 1..100000');
  } finally {
    await db.close();
  }
}

function announce(config: Config, address: unknown): void {
  const port =
    typeof address === 'object' && address && 'port' in address ? address.port : config.port;
  const base = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  const lines = [
    '',
    `Foyer is ready.`,
    '',
    `  Start page    ${base}/`,
    `  Waiting room  ${base}/rooms/main`,
    `  Shop          ${base}/concerts`,
    `  Control room  ${base}/admin`,
    `  API docs      ${base}/docs`,
    ...(config.embedded ? config.adminKeys.map(({ key }) => `  Admin key     ${key}`) : []),
    '',
    'Ctrl-C stops it and what it started; the next start finds its data again.',
    '',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}
