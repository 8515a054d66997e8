import { applyMigrations } from '../src/platform/migrations.ts';
import { PRISMA_DIR } from '../src/run.ts';

/** `npm run migrate`: applies what is missing to DATABASE_URL, as `prisma migrate deploy` would. */
const databaseUrl = process.env['DATABASE_URL'];
if (!databaseUrl) {
  process.stderr.write('foyer: DATABASE_URL must name the database to migrate.\n');
  process.exit(1);
}
try {
  const applied = await applyMigrations({ databaseUrl, prismaDir: PRISMA_DIR });
  const text = applied.length > 0 ? `applied ${applied.join(', ')}` : 'nothing to apply';
  // The engine leaves a timer behind that would keep the process for seconds.
  process.stdout.write(`${text}\n`, () => process.exit());
} catch (error) {
  process.stderr.write(`foyer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
