import { ERRORS } from '../../src/platform/errors.ts';
import { checkTables } from '../contract/api-tables.ts';
import { catalogContract } from '../contract/catalog.ts';
import { concertContract } from '../contract/concerts.ts';
import { customerContract } from '../contract/customers.ts';
import { openContract } from '../contract/harness.ts';
import { operationContract } from '../contract/operations.ts';
import { refusalContract } from '../contract/refusals.ts';
import { reservationContract } from '../contract/reservations.ts';
import { roomContract } from '../contract/rooms.ts';
import { shopContract } from '../contract/shop.ts';
import { waitingContract } from '../contract/waiting.ts';
import { watchingContract } from '../contract/watching.ts';

const contract = await openContract();

/** The whole contract over the wire; what was never met at the end fails the last tests. */
describe('the wire contract', () => {
  afterAll(() => contract.stack.close());

  waitingContract(contract);
  customerContract(contract);
  concertContract(contract);
  reservationContract(contract);
  roomContract(contract);
  catalogContract(contract);
  watchingContract(contract);
  operationContract(contract);
  refusalContract(contract);
  shopContract(contract);

  it('has walked every operation', () => {
    const operations = contract.routes.map((route) => route.operationId);
    expect(operations.filter((id) => !contract.walked.has(id))).toEqual([]);
  });

  it('has met every code of the list of errors', () => {
    expect(Object.keys(ERRORS).filter((code) => !contract.met.has(code))).toEqual([]);
  });

  it('has met every refusal that an operation documents for itself', () => {
    const documented = contract.routes.flatMap((route) =>
      route.errors.map((code) => `${route.operationId} ${code}`),
    );
    expect(documented.filter((one) => !contract.refusals.has(one))).toEqual([]);
  });

  checkTables(contract);
});
