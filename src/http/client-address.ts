import type { Request } from 'express';

/**
 * Who is counted as one caller. Behind proxies Express takes the address that the outermost trusted one saw, so
 * that what a client writes into X-Forwarded-For itself changes nothing. Of IPv6 the network counts, for a
 * single customer has 2⁶⁴ addresses of it.
 */
export function clientAddress(request: Request, trustedProxies: number): string {
  const address = trustedProxies === 0 ? request.socket.remoteAddress : request.ip;
  return address === undefined ? '' : networkOf(address);
}

const GROUPS_OF_NETWORK = 4;
const GROUPS = 8;

function networkOf(address: string): string {
  if (!address.includes(':') || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? 0 : tail.split(':').length;
    while (groups.length < GROUPS - after) groups.push('0');
  }
  return `${groups.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`;
}
