import type { Answer, Ask } from './http-client.ts';
import type { SeenPlace } from './observer.ts';
import { askOnce, askPatiently, type Waiting, type World, waiting } from './world.ts';

/** A place and what its buyer holds in hand. */
export interface Holder {
  customerId: number;
  token: string;
  place: SeenPlace;
}

/** One look, in line or in the slot. */
export async function poll(
  world: World,
  holder: Holder,
  dueMs: number,
): Promise<Waiting | undefined> {
  const { observer } = world;
  let calledBefore = 0;
  const ask = (): Ask => {
    calledBefore = observer.asks(holder.place);
    return { method: 'GET', path: '/customer/waiting', token: holder.token };
  };
  const document = documentOf(await askPatiently(world, 'poll', ask, dueMs));
  if (!document) return undefined;
  holder.token = document.token;
  observer.answered(holder.place);
  if (document.status === 'WAITING') {
    observer.sawWaiting(holder.place, document.waitingNumber, document.recovering, calledBefore);
  }
  return document;
}

/** Leaves the line, or gives the slot back. */
export async function giveUp(world: World, holder: Holder): Promise<void> {
  world.observer.givesBack(holder.place);
  const ask: Ask = { method: 'DELETE', path: '/customer/waiting', token: holder.token };
  await askOnce(world, 'leave', ask, performance.now());
}

/** The document of an answer that has one. */
export function documentOf(answer: Answer | undefined): Waiting | undefined {
  return answer?.status === 200 ? waiting.parse(answer.body) : undefined;
}
