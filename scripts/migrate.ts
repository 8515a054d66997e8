import { applyMigrations } from '../src/platform/migrations.ts';
import { probePostgres } from '../src/platform/postgres-probe.ts';
import { PRISMA_DIR, say } from '../src/run.ts';
import { untilReady } from '../src/until-ready.ts';

/** `npm run migrate`: applies what is missing to DATABASE_URL, as `prisma migrate deploy` would. */
const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) {
  say('DATABASE_URL must name the database to migrate.');
  process.exit(1);
}
try {
  await untilReady({ check: async () => [await probePostgres(databaseUrl)], say });
  const applied = await applyMigrations({ databaseUrl, prismaDir: PRISMA_DIR });
  const text = applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply';
  // The engine leaves a timer behind that would keep the process for seconds.
  process.stdout.write(`${text}\n`, () => process.exit());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
