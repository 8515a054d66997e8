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
  process.stdout.write(
    applied.length > 0 ? `applied ${applied.join(', ')}\n` : 'nothing to apply\n',
  );
} catch (error) {
  process.stderr.write(`foyer: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
