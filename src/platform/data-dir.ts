import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { ConfigError } from './config.ts';
import { errorCode } from './errors.ts';
import { processIdentity } from './live-process.ts';

const secretsShape = z.object({
  queueTokenSecret: z.string().min(32),
  adminKey: z.string().min(32),
  postgresPassword: z.string().min(16),
  redisPassword: z.string().min(16),
});

/** Secrets of a private installation: made once, readable by its owner alone. */
export type PrivateSecrets = z.infer<typeof secretsShape>;

/**
 * Reads the secrets of the data folder, or makes them.
 *
 * @throws ConfigError when the folder cannot be written or the file is damaged
 */
export function privateSecrets(dataDir: string): PrivateSecrets {
  const file = join(dataDir, 'secrets.json');
  const known = writing(dataDir, () => {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return readIfThere(file);
  });
  if (known === undefined) {
    const secrets = {
      queueTokenSecret: randomSecret(),
      adminKey: randomSecret(),
      postgresPassword: randomSecret(),
      redisPassword: randomSecret(),
    };
    // Written aside first: a full disk leaves no half a file behind.
    writing(dataDir, () => {
      writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    });
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
  const own = processIdentity(process.pid) ?? String(process.pid);
  for (;;) {
    if (writing(dataDir, () => createIfMissing(file, own)))
      return () => rmSync(file, { force: true });
    const owner = readIfThere(file) ?? '';
    const [pid] = owner.split(' ', 1);
    if (owner !== '' && processIdentity(Number(pid)) === owner) {
      throw new ConfigError(
        `Foyer already runs here as process ${pid}: stop it first, or set DATA_DIR to another folder.`,
      );
    }
    // Its process died without giving it back.
    rmSync(file, { force: true });
  }
}

/** Whether the file was not there before. */
function createIfMissing(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** A folder that cannot be written is the operator's to mend: one sentence says which and why. */
function writing<T>(dataDir: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!errorCode(error)) throw error;
    throw new ConfigError(
      `DATA_DIR must be a folder that can be written, ${resolve(dataDir)} is not (${errorCode(error)}): mend it, or set DATA_DIR to another.`,
    );
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

function randomSecret(): string {
  return randomBytes(24).toString('base64url').padEnd(32, '0');
}
