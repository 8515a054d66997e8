import '../base/base.css';
import './room.css';
import { render } from 'preact';
import { pageData, root } from '../base/page-data.ts';
import { createAlerts } from './alerts.ts';
import type { Room } from './documents.ts';
import { createLineOfRoom } from './line.ts';
import { WaitingRoom } from './waiting-room.tsx';

/** Draws the page and takes up the place that this browser keeps. */
export function open(): void {
  const room = pageData<Room>();
  const line = createLineOfRoom(room.roomId);
  const joined = location.hash === '#joined';
  // Going back to this page must not ask the cookie again.
  if (joined) history.replaceState(null, '', location.pathname);

  addEventListener('online', line.hurry);
  addEventListener('pageshow', line.hurry);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') line.hurry();
  });
  render(<WaitingRoom first={room} line={line} alerts={createAlerts()} />, root());
  line.start(joined);
}
