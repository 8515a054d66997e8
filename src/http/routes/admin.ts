import type { Route } from '../route.ts';
import { adminCatalogRoutes } from './admin-catalog.ts';
import { adminRoomRoutes } from './admin-rooms.ts';
import { adminSessionRoutes } from './admin-session.ts';
import { adminWatchRoutes } from './admin-watch.ts';

export const adminRoutes: Route[] = [
  ...adminSessionRoutes,
  ...adminRoomRoutes,
  ...adminCatalogRoutes,
  ...adminWatchRoutes,
];
