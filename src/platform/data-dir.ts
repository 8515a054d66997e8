import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import { errorCode } from './errors.ts';

const secretsShape = z.object({
  queueTokenSecret: z.string().min(32),
  adminKey: z.string().min(32),
  postgresPassword: z.string().min(16),
  redisPassword: z.string().min(16),
});

/** Secrets of a private installation: made once, readable by its owner alone. */
export type PrivateSecrets = z.infer<typeof secretsShape>;

/** Reads the secrets of the data folder, or makes them. @throws ConfigError when the file is damaged */
export function privateSecrets(dataDir: string): PrivateSecrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'secrets.json');
  const known = readIfThere(file);
  if (known === undefined) {
    const secrets = {
      queueTokenSecret: randomSecret(),
      adminKey: randomSecret(),
      postgresPassword: randomSecret(),
      redisPassword: randomSecret(),
    };
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
    return secrets;
  }
  try {
    return secretsShape.parse(JSON.parse(known));
  } catch {
    throw new ConfigError(`${file} is damaged: restore it, or remove the folder to begin anew.`);
  }
}

/**
 * Takes the data folder for this process.
 *
 * @returns gives it back
 * @throws ConfigError when another process has it
 */
export function lockDataDir(dataDir: string): () => void {
  const file = join(resolve(dataDir), 'foyer.lock');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
    const owner = Number(readIfThere(file));
    if (owner > 0 && isAlive(owner)) {
      throw new ConfigError(
        `Foyer already runs here as process ${owner}: stop it first, or set DATA_DIR to another folder. (If no such process is Foyer, remove ${file}.)`,
      );
    }
    // Its process died without giving it back.
    rmSync(file, { force: true });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function randomSecret(): string {
  return randomBytes(24).toString('base64url').padEnd(32, '0');
}
