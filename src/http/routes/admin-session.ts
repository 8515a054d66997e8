import { z } from 'zod';
import { defineRoute, type Route } from '../route.ts';
import { time } from '../schemas.ts';
import { ADMIN_COOKIE, SESSION_SECONDS } from '../sessions.ts';

const tag = 'Control room';

export const adminSessionRoutes: Route[] = [
  defineRoute({
    method: 'post',
    path: '/admin/login',
    operationId: 'adminLogin',
    tag,
    summary:
      'Turns an admin key (as Bearer) into a session cookie and the CSRF token that goes with it',
    auth: 'admin',
    reply: z.object({ name: z.string(), csrfToken: z.string(), expiresAt: time }),
    handle(_, { sessions, caller, request, response }) {
      const { cookie, csrfToken, expiresAt } = sessions.open(caller.name);
      response.cookie(ADMIN_COOKIE, cookie, {
        httpOnly: true,
        sameSite: 'strict',
        secure: request.secure,
        maxAge: SESSION_SECONDS * 1_000,
        path: '/admin',
      });
      return { name: caller.name, csrfToken, expiresAt: expiresAt.toISOString() };
    },
  }),
  defineRoute({
    method: 'post',
    path: '/admin/logout',
    operationId: 'adminLogout',
    tag,
    summary: 'Ends the session in this browser',
    auth: 'admin',
    handle(_, { response }) {
      response.clearCookie(ADMIN_COOKIE, { path: '/admin' });
    },
  }),
];
