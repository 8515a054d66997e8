import { once } from 'node:events';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { createProbeServer } from './http/probe-server.ts';
import type { HttpServer } from './http/server.ts';
import { type Config, ConfigError, type RedisTarget } from './platform/config.ts';
import { errorCode, isError } from './platform/errors.ts';
import { createLogger, type Logger } from './platform/logger.ts';
import { listMigrations } from './platform/migrations.ts';
import { type StopPhase, stopInPhases, untilAsked } from './platform/shutdown.ts';
import { createServices, type Services } from './services.ts';
import { untilReady } from './until-ready.ts';
import type { Workers } from './workers/index.ts';

/**
 * V8 makes objects of a kind that often outlived a collection old from the start. Here those are the requests
 * under way, dead a millisecond later: as old ones they keep whatever they point to until the next full
 * collection, which came seven times as often for it.
 */
const NOTHING_OLD_FROM_THE_START = '--no-allocation-site-pretenuring';

/** The folder of the schema and its migrations, beside `dist`. */
export const PRISMA_DIR = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'prisma');

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
 */
export async function startParts(options: {
  config: Config;
  databaseUrl: string;
  redisTarget: RedisTarget;
  logger: Logger;
  parts: { api: boolean; worker: boolean };
  say: (text: string) => void;
  /** Aborts when the process is asked to stop before it serves. */
  signal?: AbortSignal | undefined;
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
    await untilReady({ check: services.readiness, say: options.say, signal: options.signal });
    const http = parts.api ? await createHttp(services) : undefined;
    if (http) await listen(http.server, { ...config, variable: 'PORT' });
    const workers = parts.worker ? await createJobs(services) : undefined;
    workers?.start();
    const probes = parts.api ? undefined : await listenForProbes(services, config);
    return { services, http, workers, phases: phasesOf({ services, http, workers, probes }) };
  } catch (error) {
    await services.close();
    throw error;
  }
}

/** Each half is loaded only where it runs: BullMQ alone takes 13 MB. */
async function createHttp(services: Services): Promise<HttpServer> {
  const { createHttpServer } = await import('./http/server.ts');
  return createHttpServer(services);
}

async function createJobs(services: Services): Promise<Workers> {
  const { createWorkers } = await import('./workers/index.ts');
  return createWorkers(services);
}

function phasesOf(options: {
  services: Services;
  http: HttpServer | undefined;
  workers: Workers | undefined;
  probes: Server | undefined;
}): StopPhase[] {
  const { services, http, workers, probes } = options;
  const drainMs = services.config.drainSeconds * 1_000;
  return [
    ...(http
      ? [
          {
            name: 'readiness',
            timeoutMs: drainMs + 1_000,
            stop: async () => {
              http.beginDrain();
              await delay(drainMs);
            },
          },
          { name: 'requests', timeoutMs: drainMs + 15_000, stop: () => http.close(drainMs) },
        ]
      : []),
    ...(probes ? [{ name: 'probes', timeoutMs: 1_000, stop: () => closeAll(probes) }] : []),
    ...(workers ? [{ name: 'jobs', timeoutMs: 10_000, stop: () => workers.close() }] : []),
    { name: 'connections', timeoutMs: 5_000, stop: () => services.close() },
  ];
}

async function listenForProbes(
  services: Services,
  { metricsPort: port, host }: Config,
): Promise<Server | undefined> {
  if (port === undefined) return undefined;
  const server = createProbeServer(services);
  await listen(server, { port, host, variable: 'METRICS_PORT' });
  return server;
}

async function closeAll(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
}

/** @throws ConfigError when the address cannot be had */
async function listen(
  server: Server,
  { port, host, variable }: { port: number; host: string; variable: string },
): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = errorCode(error);
    if (!code) throw error;
    throw new ConfigError(
      code === 'EADDRINUSE'
        ? `Another program listens on ${host}:${port}: stop it, or set ${variable} to another.`
        : `Foyer cannot listen on ${host}:${port} (${code}): set HOST and ${variable} to others.`,
    );
  }
}

/**
 * A whole process: starts, runs until it is asked to stop, stops in phases. What cannot start says why in one
 * sentence.
 */
export async function runProcess(
  readConfig: () => Config,
  start: (config: Config, logger: Logger, signal: AbortSignal) => Promise<Started>,
): Promise<void> {
  setFlagsFromString(NOTHING_OLD_FROM_THE_START);
  let force: () => void = () => undefined;
  const starting = new AbortController();
  const asked = untilAsked(() => force());
  void asked.then(() => starting.abort());
  try {
    const config = readConfig();
    const logger = createLogger({ level: config.logLevel });
    const running = await start(config, logger, starting.signal);
    force = running.force ?? force;
    const why = await Promise.race([asked, running.failed ?? asked]);
    say(`stopping (${why})`);
    const well = await stopInPhases(running.phases, logger);
    say('stopped');
    process.exit(why.startsWith('SIG') && well ? 0 : 1);
  } catch (error) {
    if (starting.signal.aborted) {
      say('stopped before it was ready');
      process.exit(0);
    }
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
