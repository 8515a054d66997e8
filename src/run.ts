import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createHttpServer, type HttpServer } from './http/server.ts';
import { type Config, ConfigError, type RedisTarget } from './platform/config.ts';
import { isError } from './platform/errors.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { listMigrations } from './platform/migrations.ts';
import { type StopPhase, stopInPhases, untilAsked } from './platform/shutdown.ts';
import { createServices, type Services } from './services.ts';
import { createWorkers, type Workers } from './workers/index.ts';

/** The folder of the schema and its migrations, beside `dist`. */
export const PRISMA_DIR = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'prisma');

const READY_PATIENCE_MS = 60_000;
const BACKOFF_MAX_MS = 2_000;
/** A load balancer looks at /health/ready before this is over. */
const READINESS_FIRST_MS = 500;

export interface Running {
  services: Services;
  http: HttpServer | undefined;
  workers: Workers | undefined;
  /** In order: readiness, requests, jobs, connections. */
  phases: StopPhase[];
}

/**
 * Builds and starts the parts of one process.
 *
 * @param parts which halves run here
 * @param grace how long readiness says no before requests are drained, ms: for a load balancer to notice
 */
export async function startParts(options: {
  config: Config;
  databaseUrl: string;
  redisTarget: RedisTarget;
  logger: Logger;
  parts: { api: boolean; worker: boolean };
  say: (text: string) => void;
  readinessFirstMs?: number | undefined;
}): Promise<Running> {
  const { config, logger, parts } = options;
  const services = createServices({
    config,
    databaseUrl: options.databaseUrl,
    redisTarget: options.redisTarget,
    logger,
    migrations: listMigrations(PRISMA_DIR),
  });
  try {
    await untilReady(services, options.say);
    const workers = parts.worker ? createWorkers(services) : undefined;
    workers?.start();
    const http = parts.api ? createHttpServer(services) : undefined;
    if (http) {
      http.server.listen(config.port, config.host);
      await once(http.server, 'listening');
    }
    const readinessFirstMs = options.readinessFirstMs ?? READINESS_FIRST_MS;
    return {
      services,
      http,
      workers,
      phases: phasesOf({ services, http, workers, readinessFirstMs }),
    };
  } catch (error) {
    await services.close();
    throw error;
  }
}

function phasesOf(options: {
  services: Services;
  http: HttpServer | undefined;
  workers: Workers | undefined;
  readinessFirstMs: number;
}): StopPhase[] {
  const { services, http, workers, readinessFirstMs } = options;
  return [
    ...(http
      ? [
          {
            name: 'readiness',
            timeoutMs: readinessFirstMs + 1_000,
            stop: async () => {
              http.beginDrain();
              await delay(readinessFirstMs);
            },
          },
          { name: 'requests', timeoutMs: 15_000, stop: () => http.close() },
        ]
      : []),
    ...(workers ? [{ name: 'jobs', timeoutMs: 10_000, stop: () => workers.close() }] : []),
    { name: 'connections', timeoutMs: 5_000, stop: () => services.close() },
  ];
}

/** Waits for the servers with growing pauses, and says what it waits for. */
async function untilReady(services: Services, say: (text: string) => void): Promise<void> {
  const until = Date.now() + READY_PATIENCE_MS;
  let said = '';
  for (let pauseMs = 50; ; pauseMs = Math.min(pauseMs * 2, BACKOFF_MAX_MS)) {
    const missing = (await services.readiness()).filter((check) => !check.ok);
    if (missing.length === 0) return;
    const what = missing.map((check) => `${check.name} (${check.detail})`).join(', ');
    if (Date.now() > until) throw new ConfigError(`Not ready after a minute: ${what}.`);
    if (what !== said && pauseMs > 400) {
      say(`waiting for ${what}`);
      said = what;
    }
    await delay(pauseMs);
  }
}

/**
 * A whole process: starts, runs until it is asked to stop, stops in phases. What cannot start says why in one
 * sentence.
 */
export async function runProcess(
  readConfig: () => Config,
  start: (config: Config, logger: Logger) => Promise<Started>,
): Promise<void> {
  let force: () => void = () => undefined;
  const asked = untilAsked(() => force());
  try {
    const config = readConfig();
    const logger = createLogger({ level: config.logLevel });
    const running = await start(config, logger);
    force = running.force ?? force;
    const why = await Promise.race([asked, running.failed ?? asked]);
    say(`stopping (${why})`);
    const well = await stopInPhases(running.phases, logger);
    say('stopped');
    process.exit(why.startsWith('SIG') && well ? 0 : 1);
  } catch (error) {
    say(isError(error) ? error.message : String(error));
    process.exit(1);
  }
}

/** What a process hands over once it serves. */
export interface Started {
  phases: StopPhase[];
  /** Resolves with a sentence when it cannot go on. */
  failed?: Promise<string>;
  /** At the second signal: ends what must not outlive the process. */
  force?: () => void;
}

export function say(text: string): void {
  process.stderr.write(`foyer: ${text}\n`);
}
