import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminKey } from './config.ts';

/** Finds the name of an admin key in time that tells nothing about the keys. */
export function createAdminKeys(
  keys: readonly AdminKey[],
): (candidate: string) => string | undefined {
  const digests = keys.map(({ name, key }) => ({ name, digest: sha256(key) }));
  return (candidate) => {
    const digest = sha256(candidate);
    let found: string | undefined;
    for (const one of digests) {
      if (timingSafeEqual(one.digest, digest)) found = one.name;
    }
    return found;
  };
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
