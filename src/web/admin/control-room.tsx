import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ProblemError } from '../base/api.ts';
import { Frame } from './frame.tsx';
import {
  createAsk,
  type Found,
  findSession,
  type Session,
  type SignedIn,
  SignedInProvider,
} from './session.ts';
import { SignIn } from './sign-in.tsx';
import { Trouble } from './trouble.tsx';

/** How long what was told stays in sight, ms. */
const TOLD_MS = 6_000;

/** Asks who is signed in, and shows the sign-in or the room itself. */
export function ControlRoom() {
  const [found, setFound] = useState<Found>();
  const [problem, setProblem] = useState<ProblemError>();
  const [ended, setEnded] = useState(false);
  const [told, setTold] = useState('');
  const find = useCallback(async () => {
    try {
      setFound(await findSession());
    } catch (error) {
      if (error instanceof ProblemError) setProblem(error);
    }
  }, []);
  useEffect(() => {
    void find();
  }, [find]);

  useEffect(() => {
    const timer = setTimeout(() => setTold(''), TOLD_MS);
    return () => clearTimeout(timer);
  }, [told]);

  const session = found?.session;
  const demoCrowd = found?.demoCrowd ?? false;
  const change = useCallback(
    (now: Session | null) => setFound({ session: now, demoCrowd }),
    [demoCrowd],
  );
  const signedIn = useMemo<SignedIn | undefined>(() => {
    if (!session) return undefined;
    const ask = createAsk(session, (now) => {
      setEnded(now === null);
      change(now);
    });
    return {
      session,
      demoCrowd,
      ask,
      tell: setTold,
      async signOut() {
        await ask('/admin/logout', { method: 'POST' });
        setEnded(false);
        change(null);
      },
    };
  }, [session, demoCrowd, change]);

  return (
    <>
      <Trouble problem={problem} />
      {signedIn && (
        <SignedInProvider value={signedIn}>
          <Frame />
        </SignedInProvider>
      )}
      {found && !session && <SignIn ended={ended} onSession={change} />}
      <p role="status" class={told ? 'told' : 'visually-hidden'}>
        {told}
      </p>
    </>
  );
}
