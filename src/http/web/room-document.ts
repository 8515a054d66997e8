import { z } from 'zod';
import { textOn } from '../../platform/text-on.ts';
import type { Services } from '../../services.ts';
import { id, time } from '../schemas.ts';

/** What everybody may know of a room: what its page shows. */
export const roomDocument = z.object({
  roomId: z.string(),
  title: z.string(),
  message: z.string(),
  /** `#rrggbb`, or '' for the page's own; and black or white, whichever can be read on it. */
  colour: z.string(),
  onColour: z.string(),
  state: z.enum(['OPEN', 'PAUSED', 'CLOSED']),
  opensAt: time.nullable(),
  closesAt: time.nullable(),
  /** `jwt`: places are given to the shop's customers only, who come from its page. */
  customerAuth: z.enum(['open', 'jwt']),
  concerts: z.array(z.object({ concertId: id, concertName: z.string(), artist: z.string() })),
});

export type RoomDocument = z.infer<typeof roomDocument>;

/** At most a second old. @throws ROOM_NOT_FOUND */
export async function readRoomDocument(services: Services, roomId: string): Promise<RoomDocument> {
  const [room, concerts] = await Promise.all([
    services.waitingRoom.rooms.shown(roomId),
    services.catalog.concertsOfRoom(roomId),
  ]);
  return {
    roomId,
    title: room.title || room.name,
    message: room.message,
    colour: room.colour,
    onColour: room.colour ? textOn(room.colour) : '',
    state: room.state,
    opensAt: room.opensAt?.toISOString() ?? null,
    closesAt: room.closesAt?.toISOString() ?? null,
    customerAuth: services.config.customerAuth,
    concerts,
  };
}
