import type { Request } from 'express';
import type { Config } from '../platform/config.ts';
import { AppError } from '../platform/errors.ts';
import { clientAddress } from './client-address.ts';
import { type BucketKeeper, createRateLimiter } from './rate-limit.ts';

/** Longer than any address that Foyer answers. */
const URL_CHARS_MAX = 2_048;
/** Seconds of its rate that a caller may have saved up. */
const CUSTOMER_BURST_SECONDS = 10;
const ADDRESS_BURST_SECONDS = 5;
const CUSTOMERS_MAX = 100_000;
const ADDRESSES_MAX = 200_000;
/** Wrong admin keys of one address: ten at once, then one in ten seconds. The right key always works. */
const WRONG_KEYS = { perSecond: 0.1, burst: 10, keysMax: 10_000 };

/** How much one caller may ask of one process. */
export interface Limits {
  /**
   * Before anything else is looked at. Callers of /admin are counted once their key is known not to be right.
   *
   * @throws URI_TOO_LONG, RATE_LIMITED
   */
  arrived(request: Request): void;
  /** @throws RATE_LIMITED */
  customer(caller: { customerId: number } & BucketKeeper): void;
  /** Somebody tried a key that is none. @throws RATE_LIMITED */
  wrongAdminKey(request: Request): void;
}

export function createLimits(
  config: Pick<
    Config,
    'trustedProxies' | 'requestsPerSecondPerCustomer' | 'requestsPerSecondPerAddress'
  >,
): Limits {
  const { trustedProxies, requestsPerSecondPerCustomer, requestsPerSecondPerAddress } = config;
  const wrongKeys = createRateLimiter<string>(WRONG_KEYS);
  const customers = createRateLimiter<number>({
    perSecond: requestsPerSecondPerCustomer,
    burst: requestsPerSecondPerCustomer * CUSTOMER_BURST_SECONDS,
    keysMax: CUSTOMERS_MAX,
  });
  const addresses =
    requestsPerSecondPerAddress === 0
      ? undefined
      : createRateLimiter<string>({
          perSecond: requestsPerSecondPerAddress,
          burst: requestsPerSecondPerAddress * ADDRESS_BURST_SECONDS,
          keysMax: ADDRESSES_MAX,
        });

  return {
    arrived(request) {
      if (request.url.length > URL_CHARS_MAX) throw new AppError('URI_TOO_LONG');
      if (addresses && !request.url.startsWith('/admin/')) {
        addresses.take(clientAddress(request, trustedProxies));
      }
    },
    customer: (caller) => customers.take(caller.customerId, caller),
    wrongAdminKey(request) {
      const address = clientAddress(request, trustedProxies);
      addresses?.take(address);
      wrongKeys.take(address);
    },
  };
}
