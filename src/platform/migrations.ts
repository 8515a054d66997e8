import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

const GLUE = '@prisma/schema-engine-wasm/schema_engine_bg';
const FILTERS = { externalTables: [], externalEnums: [] };

/** Names of the migrations in `prismaDir`/migrations, oldest first. */
export function listMigrations(prismaDir: string): string[] {
  return readdirSync(join(prismaDir, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Applies what is missing, in process, with Prisma's own schema engine compiled to WebAssembly: the folder and
 * the table `_prisma_migrations` are those of `prisma migrate deploy`, which may be used instead.
 *
 * @returns names of the migrations applied now
 */
export async function applyMigrations(options: {
  databaseUrl: string;
  prismaDir: string;
}): Promise<string[]> {
  const { databaseUrl, prismaDir } = options;
  const migrationsDir = join(prismaDir, 'migrations');
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1 });
  try {
    return await applyWith(pool, prismaDir, migrationsDir);
  } finally {
    await pool.end();
  }
}

async function applyWith(pool: pg.Pool, prismaDir: string, migrationsDir: string) {
  const lockfile = 'migration_lock.toml';
  const schemaEngine = await openEngine(pool, prismaDir);
  const { appliedMigrationNames } = await schemaEngine.applyMigrations({
    migrationsList: {
      baseDir: migrationsDir,
      lockfile: { path: lockfile, content: readFileSync(join(migrationsDir, lockfile), 'utf8') },
      shadowDbInitScript: '',
      migrationDirectories: listMigrations(prismaDir).map((name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok',
            value: readFileSync(join(migrationsDir, name, 'migration.sql'), 'utf8'),
          },
        },
      })),
    },
    filters: FILTERS,
  });
  return appliedMigrationNames;
}

function schemaFile(prismaDir: string) {
  const path = join(prismaDir, 'schema.prisma');
  return { path, content: readFileSync(path, 'utf8') };
}

async function openEngine(pool: pg.Pool, prismaDir: string): Promise<glue.SchemaEngine> {
  await instantiate();
  const { path, content } = schemaFile(prismaDir);
  const factory = bindMigrationAwareSqlAdapterFactory(new PrismaPg(pool));
  return await glue.SchemaEngine.new({ datamodels: [[path, content]] }, () => undefined, factory);
}

/** The package loads its .wasm as a bundler would; in plain Node it is compiled and handed to its glue. */
async function instantiate(): Promise<void> {
  const resolved = createRequire(import.meta.url).resolve(GLUE);
  const bytes = readFileSync(join(dirname(resolved), 'schema_engine_bg.wasm'));
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': { ...glue },
  });
  const setWasm: (wasm: WebAssembly.Exports) => void = Reflect.get(glue, '__wbg_set_wasm');
  setWasm(instance.exports);
  const start: () => void = Reflect.get(instance.exports, '__wbindgen_start');
  start();
}
