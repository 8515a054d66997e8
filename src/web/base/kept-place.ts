import { createStored, type Stored } from './stored.ts';

/** The place that this browser keeps of one room, for all its tabs: the line's page and the shop share it. */
export interface KeptPlace {
  customerId: number;
  /** The queue token. */
  token: string;
  /** The number at first sight, 0 before there was one; and the furthest the bar has come, 0 to 1. */
  firstNumber: number;
  progress: number;
}

export const keptPlace = (roomId: string): Stored<KeptPlace> =>
  createStored(`foyer.room.${roomId}`);
