import { createStored } from './stored.ts';

/** Who uses this browser, with a token that speaks for them: of their place, or an identity without one. */
export interface KeptCustomer {
  customerId: number;
  token: string;
}

export const keptCustomer = createStored<KeptCustomer>('foyer.customer');
