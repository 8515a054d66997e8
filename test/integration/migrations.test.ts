import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createDatabase, type Database } from '../../src/platform/database.ts';
import { createLogger } from '../../src/platform/logger.ts';
import { listMigrations } from '../../src/platform/migrations.ts';
import { createTestDatabase } from '../support/servers.ts';

describe('migrations', () => {
  let database: { url: string; drop(): Promise<void> };
  let db: Database;
  beforeAll(async () => {
    database = await createTestDatabase();
    db = createDatabase({ url: database.url, logger: createLogger({ level: 'silent' }) });
  });
  afterAll(async () => {
    await db.close();
    await database.drop();
  });

  it("stand in Prisma's own table with the checksum that `migrate deploy` compares", async () => {
    const rows = await db.query<{ migration_name: string; checksum: string; finished: boolean }>({
      text: `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY 1`,
    });
    const expected = listMigrations('prisma').map((name) => {
      const sql = readFileSync(`prisma/migrations/${name}/migration.sql`);
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { migration_name: name, checksum, finished: true };
    });
    expect(rows).toEqual(expected);
  });

  it('are applied once: `npm run migrate` again finds nothing to do', () => {
    const output = execFileSync(process.execPath, ['dist/scripts/migrate.js'], {
      env: { ...process.env, DATABASE_URL: database.url },
      encoding: 'utf8',
    });
    expect(output).toBe('nothing to apply\n');
  });

  it('leave the ledger append-only and the final judge of seats in place', async () => {
    expect((await db.readiness(listMigrations('prisma'))).every((check) => check.ok)).toBe(true);
    await db.query({ text: `INSERT INTO customers (id) VALUES (1)` });
    await db.query({ text: `INSERT INTO accounts (id, customer_id) VALUES (1, 1)` });
    await db.query({
      text: `INSERT INTO transfers (kind, to_account_id, amount, balance_after, ref_type, ref_id)
             VALUES ('GRANT', 1, 10, 10, 'test', '1')`,
    });
    for (const text of ['UPDATE transfers SET amount = 1', 'DELETE FROM transfers']) {
      await expect(db.query({ text })).rejects.toThrow('transfers is append-only');
    }
    const broken = db.query({ text: 'UPDATE accounts SET balance = -1' });
    await expect(broken).rejects.toThrow('accounts_no_debt');
    await db.query({ text: 'DROP INDEX tickets_one_live_per_seat' });
    const checks = await db.readiness(['0001_init', '0002_missing']);
    expect(checks.filter((check) => !check.ok).map((check) => check.name)).toEqual([
      'migrations',
      'seat index',
    ]);
  });
});
