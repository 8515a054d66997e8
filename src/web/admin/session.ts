import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { call, ProblemError } from '../base/api.ts';

/** Who is signed in, and the token that every change must carry. The key itself is kept nowhere. */
export interface Session {
  name: string;
  csrfToken: string;
  expiresAt: string;
}

export interface Change {
  method: 'POST' | 'PATCH' | 'DELETE';
  body?: object;
  headers?: Record<string, string>;
}

/** Asks the admin API in the signed-in operator's name. @throws ProblemError */
export type Ask = <T>(path: string, change?: Change) => Promise<T>;

export interface SignedIn {
  session: Session;
  /** Whether a simulated crowd can be let in here. */
  demoCrowd: boolean;
  ask: Ask;
  /** Says something to everybody, screen readers included. */
  tell: (text: string) => void;
  signOut: () => Promise<void>;
}

const SignedInContext = createContext<SignedIn | undefined>(undefined);
export const SignedInProvider = SignedInContext.Provider;

export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (!signedIn) throw new Error('nobody is signed in here');
  return signedIn;
}

export interface Found {
  session: Session | null;
  demoCrowd: boolean;
}

/** The session of this browser's cookie, which scripts cannot read. */
export const findSession = (): Promise<Found> => call<Found>('/admin/session');

/** @param ended is told when the session is over, or became another one in another tab */
export function createAsk(session: Session, ended: (now: Session | null) => void): Ask {
  return async <T>(path: string, change?: Change): Promise<T> => {
    const send = (csrfToken: string) =>
      call<T>(path, {
        ...change,
        headers: { ...change?.headers, ...(change ? { 'X-CSRF-Token': csrfToken } : {}) },
      });
    try {
      return await send(session.csrfToken);
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      const { code } = error.problem;
      if (code === 'UNAUTHENTICATED') ended(null);
      // Another tab has signed in anew: its session is this one's too.
      if (code === 'FORBIDDEN' && change) {
        const { session: now } = await findSession();
        if (now && now.csrfToken !== session.csrfToken) {
          ended(now);
          return send(now.csrfToken);
        }
      }
      throw error;
    }
  };
}
