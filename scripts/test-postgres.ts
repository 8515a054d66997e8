import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';
import { applyMigrations } from '../src/platform/migrations.ts';
import { startPrivatePostgres } from '../src/platform/private-postgres.ts';

/** The database that every test file clones. */
export const TEMPLATE = 'foyer_template';

/** Durability is not what tests test; speed lets there be more of them. */
const SETTINGS = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'max_connections=400',
  'autovacuum=off',
];

/**
 * Starts a Postgres for one test run, in a container where Docker answers, else from the project's own
 * binaries, and migrates the template.
 *
 * @returns url of its maintenance database, and, where it runs on this machine, the process that began it
 */
export async function startTestPostgres(options: {
  dir: string;
  prismaDir: string;
  say: (text: string) => void;
}): Promise<{ url: string; pid?: number; stop(): Promise<void> }> {
  const server = dockerAnswers() ? await inContainer() : await fromBinaries(options);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  await applyMigrations({
    databaseUrl: withDatabase(server.url, TEMPLATE),
    prismaDir: options.prismaDir,
  });
  return server;
}

export function withDatabase(url: string, name: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${name}`;
  return parsed.href;
}

async function fromBinaries(options: { dir: string; say: (text: string) => void }) {
  const server = await startPrivatePostgres({
    dir: join(options.dir, 'postgres'),
    password: 'only-for-tests',
    settings: SETTINGS,
    say: () => undefined,
  });
  return { url: server.url, pid: server.process.pid, stop: () => server.stop() };
}

async function inContainer() {
  const { GenericContainer, Wait } = await import('testcontainers');
  const container = await new GenericContainer('postgres:18-alpine')
    .withEnvironment({ POSTGRES_USER: 'foyer', POSTGRES_PASSWORD: 'foyer', POSTGRES_DB: 'foyer' })
    .withCommand(['postgres', ...SETTINGS.flatMap((setting) => ['-c', setting])])
    .withExposedPorts(5432)
    .withWaitStrategy(Wait.forLogMessage(/ready to accept connections/, 2))
    .start();
  return {
    url: `postgresql://foyer:foyer@${container.getHost()}:${container.getMappedPort(5432)}/foyer`,
    stop: async () => {
      await container.stop();
    },
  };
}

function dockerAnswers(): boolean {
  try {
    execFileSync('docker', ['info'], { stdio: 'ignore', timeout: 5_000 });
    return true;
  } catch {
    return false;
  }
}
