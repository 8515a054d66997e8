import { z } from 'zod';
import { adminCookie } from '../auth.ts';
import { defineRoute, type Route } from '../route.ts';
import { time } from '../schemas.ts';
import { ADMIN_COOKIE, SESSION_SECONDS } from '../sessions.ts';

const tag = 'Control room';
const session = z.object({ name: z.string(), csrfToken: z.string(), expiresAt: time });

export const adminSessionRoutes: Route[] = [
  defineRoute({
    method: 'post',
    path: '/admin/login',
    operationId: 'adminLogin',
    tag,
    summary:
      'Turns an admin key (as Bearer) into a session cookie and the CSRF token that goes with it',
    auth: 'admin',
    reply: session,
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
    method: 'get',
    path: '/admin/session',
    operationId: 'adminSession',
    tag,
    summary:
      "This browser's session and its CSRF token, for a page that was loaded again; null without one",
    auth: 'public',
    // `demoCrowd`: whether a simulated crowd can be let in here.
    reply: z.object({ session: session.nullable(), demoCrowd: z.boolean() }),
    handle(_, { services, sessions, request }) {
      const found = sessions.verify(adminCookie(request));
      return {
        session: found ? { ...found, expiresAt: found.expiresAt.toISOString() } : null,
        demoCrowd: services.demoCrowd !== undefined,
      };
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
