import { call } from '../base/api.ts';
import { type KeptCustomer, keptCustomer } from '../base/kept-customer.ts';
import { keptPlace } from '../base/kept-place.ts';

/** Who buys: by the place in the concert's room, else whoever was here last. */
export function customerOf(roomId?: string): KeptCustomer | undefined {
  const place = roomId === undefined ? undefined : keptPlace(roomId).read();
  return place ?? keptCustomer.read();
}

/** Open mode: an identity for a customer number. @throws ProblemError */
export async function identify(customerId: number): Promise<KeptCustomer> {
  const body = { customerId };
  const customer = await call<KeptCustomer>('/customer/identify', { method: 'POST', body });
  const kept = { customerId: customer.customerId, token: customer.token };
  keptCustomer.write(kept);
  return kept;
}
