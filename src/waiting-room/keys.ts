/**
 * The Redis keys of the waiting room; no other file spells them. The room's id is the hash tag, so that all
 * keys of a room live on one node of a Cluster and one script may touch them together.
 */
export interface RoomKeys {
  settings: string;
  rate: string;
  seq: string;
  waiting: string;
  returning: string;
  ended: string;
  active: string;
  places: string;
  flow: string;
  samples: string;
}

export function roomKeys(roomId: string): RoomKeys {
  const prefix = `wr:{${roomId}}`;
  return {
    settings: `${prefix}:settings`,
    rate: `${prefix}:rate`,
    seq: `${prefix}:seq`,
    waiting: `${prefix}:waiting`,
    returning: `${prefix}:returning`,
    ended: `${prefix}:ended`,
    active: `${prefix}:active`,
    places: `${prefix}:places`,
    flow: `${prefix}:flow`,
    samples: `${prefix}:samples`,
  };
}

/** Sorted set of the rooms with people in them: room id, scored by when somebody last came or moved (ms). */
export const BUSY_ROOMS_KEY = 'wr:busy';
