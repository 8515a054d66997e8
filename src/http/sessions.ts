import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Config } from '../platform/config.ts';

/** A control room session: a signed cookie that names an admin key, and the token that guards changes. */
export interface Sessions {
  open(name: string): { cookie: string; csrfToken: string; expiresAt: Date };
  /** Who holds the cookie, while it lives and the key it names exists. */
  verify(cookie: string): { name: string; csrfToken: string; expiresAt: Date } | undefined;
}

export const ADMIN_COOKIE = 'foyer_admin';
export const SESSION_SECONDS = 8 * 3_600;

export function createSessions(config: Pick<Config, 'queueTokenSecrets' | 'adminKeys'>): Sessions {
  const keys = config.queueTokenSecrets.map(({ secret }) => hmac(secret, 'admin-session'));
  const [signing] = keys;
  if (!signing) throw new Error('no secret to sign sessions with');
  const sign = (key: Buffer, text: string): string => hmac(key, text).toString('base64url');
  // With the key that signed the cookie: one that was handed out under an older key goes on to fit it.
  const csrfOf = (key: Buffer, cookie: string): string => sign(key, `csrf ${cookie}`);

  return {
    open(name) {
      const expiresAt = new Date(Date.now() + SESSION_SECONDS * 1_000);
      const payload = `${Buffer.from(name).toString('base64url')}.${expiresAt.getTime()}`;
      const cookie = `${payload}.${sign(signing, payload)}`;
      return { cookie, csrfToken: csrfOf(signing, cookie), expiresAt };
    },
    verify(cookie) {
      const [encoded = '', expiresMs = '', signature = ''] = cookie.split('.');
      const payload = `${encoded}.${expiresMs}`;
      const key = keys.find((one) => equal(sign(one, payload), signature));
      if (!key) return undefined;
      const name = Buffer.from(encoded, 'base64url').toString();
      const alive = Number(expiresMs) > Date.now();
      const known = config.adminKeys.some((one) => one.name === name);
      if (!alive || !known) return undefined;
      return { name, csrfToken: csrfOf(key, cookie), expiresAt: new Date(Number(expiresMs)) };
    },
  };
}

export function equal(a: string, b: string): boolean {
  const left = hmac('compare', a);
  return timingSafeEqual(left, hmac('compare', b));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
